--- Commands of the front end (`copp <name> …`): name → function(args) → exit code, or nil, err. They run as the system.
local function words_of_name(name)
  local last, first = (name or ""):match("^(%S+)%s*(%S*)")
  return last, first ~= "" and first or nil
end

-- "director,registrar" → array; nil when nothing was said.
local function sets_of(list)
  local sets = {}
  for name in (list or ""):gmatch("[%w_]+") do sets[#sets + 1] = name end
  return #sets > 0 and sets or nil
end

local function add_user(args)
  local last_name, first_name = words_of_name(args.name)
  local result, err = require("domain.accounts").add({
    email = args.email, role = args.role, organization_id = math.tointeger(tonumber(args.organization)), password = args.password,
    last_name = last_name, first_name = first_name, sets = sets_of(args.sets),
  })
  if not result then return nil, err end
  require("core.console").write(("%s: %s\n"):format(args.email, result.is_new and "учётная запись добавлена" or "роль добавлена"))
  return 0
end

-- One line that moves on a terminal, a line a step elsewhere.
local function progress_line(console)
  local is_terminal = console.is_terminal()
  return function(done, total, words)
    local line = ("%s %d/%d"):format(words or "", done, total)
    console.write(is_terminal and "\r\27[K" .. line .. (done >= total and "\n" or "") or line .. "\n")
  end
end

local function demo(args)
  local region, console = require("domain.demo"), require("core.console")
  if args.if_empty == "true" and not region.is_welcome() then return 0 end
  local result = region.load({ scale = math.tointeger(tonumber(args.scale)) or 0, progress = progress_line(console) })
  if result.logins_path then console.write("Входы: " .. result.logins_path .. "\n") end
  return 0
end

local function load_refs()
  require("domain.refs").load()
  return 0
end

local function plugin(args) return require("domain.plugins").command(args) end

local function rules(args) return require("domain.rules").command(args) end

return {
  ["plugin"] = plugin,
  ["rules"] = rules,
  ["user add"] = add_user,
  ["refs"] = load_refs,
  ["demo"] = demo,
}
