-- Holds the plan of the house: who may include or require whom, who alone touches a library, no mutable globals in the core,
-- bindings and their stubs alike. Prints TAP.

local ALLOWED = { -- room → rooms whose headers it may include
  base = {},
  crypto = { "base" },
  loop = { "base", "crypto" },
  db = { "base", "crypto", "loop" },
  net = { "base", "crypto", "loop" },
  schedule = { "base" },
  report = { "base" },
  sheet = { "base" },
  jobs = { "base", "crypto", "loop", "db", "net" },
  script = { "base", "crypto", "loop", "db", "net", "jobs", "schedule", "report", "sheet" },
  app = { "base", "crypto", "loop", "db", "net", "jobs", "schedule", "script" },
}
local SOLE_USERS = { -- system header → rooms that may include it
  ["lua.h"] = { script = true }, ["lauxlib.h"] = { script = true }, ["lualib.h"] = { script = true },
  ["libpq-fe.h"] = { db = true }, ["curl/curl.h"] = { net = true }, ["llhttp.h"] = { net = true },
  ["uv.h"] = { loop = true, net = true, db = true, jobs = true }, ["xlsxwriter.h"] = { script = true }, ["argon2.h"] = { crypto = true },
  ["expat.h"] = { sheet = true }, ["minizip/unzip.h"] = { sheet = true },
}

local count, failed = 0, 0
local function verdict(name, faults)
  count = count + 1
  if #faults == 0 then
    print(("ok %d - %s"):format(count, name))
  else
    failed = failed + 1
    print(("not ok %d - %s"):format(count, name))
    for _, fault in ipairs(faults) do print("# " .. fault) end
  end
end

local function lines_of(command)
  local pipe = assert(io.popen(command))
  local lines = {}
  for line in pipe:lines() do lines[#lines + 1] = line end
  pipe:close()
  return lines
end

local function set_of(list)
  local set = {}
  for _, item in ipairs(list) do set[item] = true end
  return set
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("a")
  file:close()
  return text
end

local function check_includes()
  local arrows, sole = {}, {}
  for _, path in ipairs(lines_of("find core -name '*.[ch]' | sort")) do
    local room = path:match("^core/(%w+)/")
    local allowed = room and set_of(ALLOWED[room] or {})
    for header in read(path):gmatch('#include ["<]([^">]+)[">]') do
      local target = header:match("^(%w+)/[%w_]+%.h$")
      if room and target and ALLOWED[target] and target ~= room and not allowed[target] then
        arrows[#arrows + 1] = path .. " includes " .. header
      end
      if room and SOLE_USERS[header] and not SOLE_USERS[header][room] then sole[#sole + 1] = path .. " includes " .. header end
    end
  end
  verdict("includes of the core follow the arrows", arrows)
  verdict("each library has its one room", sole)
end

local function check_requires()
  local faults, loads = {}, {}
  for _, path in ipairs(lines_of("find lua -name '*.lua' | sort")) do
    local module = path:match("^lua/domain/([%w_]+)/")
    for name in read(path):gmatch('require%(?"([%w_%.]+)"') do
      local other, slot = name:match("^domain%.([%w_]+)%.?([%w_]*)")
      if path:find("^lua/kit/") and other then faults[#faults + 1] = path .. " requires " .. name end
      if path:find("^lua/rules/") and name ~= "kit.russian" and (name:find("^core%.") or name:find("^kit%.") or other) then
        faults[#faults + 1] = path .. " requires " .. name .. ": rules are pure"
      end
      if module and other and other ~= module and slot ~= "" then loads[#loads + 1] = path .. " requires " .. name end
    end
  end
  verdict("kit knows no domain, rules know nothing", faults)
  verdict("modules require only the init of others", loads)
end

local function check_sql()
  local faults = {}
  for _, path in ipairs(lines_of("find lua/domain -name '*.lua' ! -name 'store*.lua' ! -path '*/store/*' | sort")) do
    if read(path):find("%f[%w]SELECT%s+[%w%*].-%f[%w]FROM%s") then faults[#faults + 1] = path .. ": SQL outside store.lua" end
  end
  verdict("SQL stands in stores only", faults)
end

-- What scrolls sideways is reached and moved by the keyboard, also where nothing in it takes the focus.
local function check_scrolling()
  local faults = {}
  for _, path in ipairs(lines_of("find views -name '*.html' | sort")) do
    for tag in read(path):gmatch('<div class="[^"]*%f[%w]scroll%-x%f[^%w%-][^"]*"[^>]*') do
      if not (tag:find('tabindex="0"', 1, true) and tag:find('role="region"', 1, true) and tag:find("aria-label=", 1, true)) then
        faults[#faults + 1] = path .. ": " .. tag .. ": tabindex, role and aria-label are missing"
      end
    end
  end
  verdict("what scrolls sideways is reached by the keyboard", faults)
end

-- Read-only tables of pointers count as data until the loader has fixed them: sections .data.rel.ro are fine.
local function check_globals()
  local faults = {}
  for _, object in ipairs(lines_of("find build/release -path '*copp_*' -name '*.o' 2>/dev/null | sort")) do
    for _, line in ipairs(lines_of(("objdump -t '%s' 2>/dev/null"):format(object))) do
      local flags, section, name = line:match("^%x+ (.......) ([%.%w_]+)%s+%x+%s+(.+)$")
      local is_writable = section and (section:find("^%.data") or section:find("^%.bss") or section:find("^%.tbss")) and not section:find("^%.data%.rel%.ro")
      if is_writable and flags:find("O") then faults[#faults + 1] = object:match("[^/]+$") .. ": " .. name end
    end
  end
  verdict("the core has no writable globals", faults)
end

local function names_in(text, pattern)
  local names = {}
  for name in text:gmatch(pattern) do names[name] = true end
  return names
end

-- core/script/bind_X.c registers {"name", l_…}; lua/meta/X.lua declares function X.name or X:name.
local function check_stubs()
  local faults = {}
  for _, path in ipairs(lines_of("find core/script -name 'bind_*.c' | sort")) do
    local module = path:match("bind_(%w+)%.c$")
    local stub = io.open("lua/meta/" .. module .. ".lua")
    if not stub then
      faults[#faults + 1] = "lua/meta/" .. module .. ".lua is missing"
    else
      local declared = names_in(stub:read("a"), "function%s+[%w_]+[%.:]([%w_]+)%s*%(")
      stub:close()
      for name in pairs(names_in(read(path), '{%s*"([a-z][%w_]*)",%s*l_[%w_]+%s*}')) do
        if not declared[name] then faults[#faults + 1] = module .. "." .. name .. " has no stub" end
        declared[name] = nil
      end
      for name in pairs(declared) do faults[#faults + 1] = module .. "." .. name .. " has a stub and no binding" end
    end
  end
  table.sort(faults)
  verdict("bindings and stubs are alike", faults)
end

local function check_sizes()
  local faults = {}
  for _, path in ipairs(lines_of("find core lua assets/js migrations -type f \\( -name '*.[ch]' -o -name '*.lua' -o -name '*.js' \\) | sort")) do
    local _, lines = read(path):gsub("\n", "")
    if lines > 700 then faults[#faults + 1] = ("%s has %d lines"):format(path, lines) end
  end
  verdict("no file has two subjects (700 lines)", faults)
end

local function check_views()
  local faults = {}
  for _, path in ipairs(lines_of("find views -name '*.html' | sort")) do
    local text = read(path)
    if text:find("%sstyle=\"") then faults[#faults + 1] = path .. ": inline style" end
    if text:find("<script>") or text:find("%son%a+=\"") then faults[#faults + 1] = path .. ": inline script" end
  end
  verdict("views have no inline style or script", faults)
end

check_includes()
check_requires()
check_sql()
check_scrolling()
check_globals()
check_stubs()
check_sizes()
check_views()
print(("1..%d"):format(count))
os.exit(failed == 0)
