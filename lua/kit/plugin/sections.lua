--- The sections of a manifest: each checks its own part and adds it to what was made. See kit.plugin.manifest for Check.
local fields = require("kit.plugin.fields")

local LIMITS = { -- least, most, default
  ms_per_call = { 1, 1000, 20 }, kb = { 256, 65536, 8192 }, out_kb = { 1, 1024, 256 }, http_s = { 1, 10, 3 },
}
local HOST = "^%*?%.?[%w][%w%-%.]*$"

local function keys_of(map)
  local keys = {}
  for key in pairs(map) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  return keys
end

local function set_of(...)
  local set = {}
  for _, name in ipairs({ ... }) do set[name] = true end
  return set
end

-- ---- capabilities and limits

local function check_tables(check, db, made)
  local read = check:texts(db, "read")
  for i, name in ipairs(read) do
    if not check.known.tables[name] then
      check:fault(db.read, i, "«db.read»: таблицу «%s» плагинам читать нельзя; можно: %s", name, table.concat(keys_of(check.known.tables), ", "))
    end
  end
  local writes = check:texts(db, "write")
  for i, name in ipairs(writes) do
    if name ~= made.prefix .. "*" then
      check:fault(db.write, i, "«db.write»: писать можно только в свои таблицы, это «%s*»", made.prefix)
    end
  end
  return read, #writes > 0
end

local function capabilities(check, data, made)
  local asked = check:get(data, "capabilities", "table") or {}
  check:only(asked, set_of("db", "http_out", "timer", "outbox", "files"), "capabilities")
  if asked.files then check:fault(asked, "files", "«files» пока не поддерживается") end
  local db = check:get(asked, "db", "table") or {}
  check:only(db, set_of("read", "write"), "capabilities.db")
  local read, writes = check_tables(check, db, made)
  local hosts = check:texts(asked, "http_out")
  for i, host in ipairs(hosts) do
    local setting = host:match("^@([%w_]+)$")
    if setting and not (type(data.settings) == "table" and data.settings[setting]) then
      check:fault(asked.http_out, i, "«http_out»: настройки «%s» нет в settings", setting)
    elseif not setting and not host:find(HOST) then
      check:fault(asked.http_out, i, "«http_out» = «%s»: нужно имя узла, например \"hh.ru\", \"*.hh.ru\", или \"@настройка\"", host)
    end
  end
  made.capabilities = {
    read = read, writes = writes, http_out = hosts, timer = check:get(asked, "timer", "boolean") or false,
    outbox = check:get(asked, "outbox", "boolean") or false,
  }
end

local function limits(check, data, made)
  local given = check:get(data, "limits", "table") or {}
  check:only(given, LIMITS, "limits")
  made.limits = {}
  for name, range in pairs(LIMITS) do made.limits[name] = check:integer(given, name, table.unpack(range)) end
end

-- ---- permissions, settings, secrets

local SCOPES = { all = true, organization = true, own = true }

local function scopes_of(check, entry, known)
  local scopes, given = {}, check:get(entry, "default", "table") or {}
  for key, value in pairs(given) do
    local role, scope = key, value
    if type(key) == "number" then role, scope = value, value == "partner" and "organization" or "all" end
    if not known[role] then check:fault(given, key, "«default»: роли «%s» нет", tostring(role))
    elseif not SCOPES[scope] then check:fault(given, key, "«default»: охват бывает all, organization, own")
    else scopes[role] = scope end
  end
  return scopes
end

local function permissions(check, data, made)
  made.permissions = {}
  local given = check:get(data, "permissions", "table") or {}
  for _, name in ipairs(keys_of(given)) do
    local entry = check:get(given, name, "table")
    if type(name) ~= "string" or not name:find("^" .. (made.id or "%w+") .. "%.[a-z_]+$") then
      check:fault(given, name, "право «%s» должно называться «%s.…»", tostring(name), made.id or "имя плагина")
    elseif entry then
      check:only(entry, set_of("title", "default", "kind"), name)
      local title = check:text(entry, "title", "%S", "нужны слова для людей", true)
      local kind = check:get(entry, "kind", "string") or "read"
      if not set_of("read", "write", "decide", "configure")[kind] then
        check:fault(entry, "kind", "«kind» бывает read, write, decide, configure")
      end
      made.permissions[name] = scopes_of(check, entry, check.known.roles)
      made.permissions[name][1], made.permissions[name][2] = "x." .. made.id, kind
      made.permissions[name][3], made.permissions[name].plugin = title or name, made.id
    end
  end
end

local function settings(check, data, made)
  made.settings = {}
  local given = check:get(data, "settings", "table") or {}
  for _, key in ipairs(keys_of(given)) do
    local entry = check:get(given, key, "table")
    local field = entry and fields.setting(check, given, key, entry)
    if field then table.insert(made.settings, field) end
  end
end

local function secrets(check, data, made)
  made.secrets = {}
  local given = check:get(data, "secrets", "table") or {}
  for _, key in ipairs(keys_of(given)) do
    local entry = check:get(given, key, "table")
    if type(key) ~= "string" or not key:find("^[a-z][a-z0-9_]*$") then check:fault(given, key, "имя секрета: строчные латинские буквы")
    elseif entry then
      check:only(entry, set_of("title", "reason"), "secrets." .. key)
      local title = check:text(entry, "title", "%S", "нужны слова для людей", true)
      local reason = check:text(entry, "reason", "%S", "скажите, зачем он", true)
      table.insert(made.secrets, { name = ("plugin.%s.%s"):format(made.id, key), key = key, label = title, reason = reason })
    end
  end
end

-- ---- what it takes part in

local function hook(check, given, name, entry, made)
  local known = check.known.hooks[name]
  if not known then return check:fault(given, name, "точки «%s» нет; список точек: copp plugin list --points", tostring(name)) end
  check:only(entry, set_of("fn", "order", "mode", "fail", "async"), name)
  local fn = check:fn(entry, "fn", true)
  local mode = check:get(entry, "mode", "string", true)
  if mode and mode ~= known.kind then check:fault(entry, "mode", "«%s» — это %s, а не «%s»", name, known.kind, mode) end
  local fail = check:get(entry, "fail", "string") or known.fail
  if fail and fail ~= "closed" and fail ~= "skip" then check:fault(entry, "fail", "«fail» бывает closed (отказать) или skip (пропустить)") end
  if known.fail == "closed" and fail == "skip" then
    check:fault(entry, "fail", "«%s» решает о местах и доступе: при сбое можно только отказать (closed)", name)
  end
  table.insert(made.hooks, { name = name, fn = fn, mode = mode, fail = fail, order = check:integer(entry, "order", 0, 1000, 100) })
end

local function hooks(check, data, made)
  made.hooks = {}
  local given = check:get(data, "hooks", "table") or {}
  for _, name in ipairs(keys_of(given)) do
    local entry = check:get(given, name, "table")
    if entry then hook(check, given, name, entry, made) end
  end
end

local METHODS = set_of("GET", "POST", "PUT", "PATCH", "DELETE")

local function check_path(check, entry, id)
  local path = entry[2]
  if type(path) ~= "string" then return check:fault(entry, 2, "второе — путь в кавычках") end
  local api, page = "/api/v1/x/" .. id, "/cabinet/x/" .. id
  for _, root in ipairs({ api, page }) do
    if path == root or path:sub(1, #root + 1) == root .. "/" then return path end
  end
  check:fault(entry, 2, "путь «%s» должен начинаться с %s или %s", path, api, page)
end

local function permission_of(check, entry, made)
  local perm = check:get(entry, "perm", "string", true)
  if perm and perm ~= "user" and not made.permissions[perm] then
    check:fault(entry, "perm", "права «%s» нет в permissions этого плагина (или \"user\" — всякий, кто вошёл)", perm)
  end
  return perm
end

local function view_of(check, entry)
  local view = check:text(entry, "view", "^views/[%w_/%-]+%.html$", "нужен вид views/имя.html")
  if view and not check.source.read(view) then check:fault(entry, "view", "нет файла %s%s", check.source.dir, view) end
  return view
end

local function route(check, given, i, made)
  local entry = check:get(given, i, "table")
  if not entry then return end
  check:only(entry, set_of(1, 2, 3, "perm", "summary", "query", "body", "returns", "view", "to"), "routes")
  if not METHODS[entry[1]] then check:fault(entry, 1, "первое — метод: GET, POST, PUT, PATCH или DELETE") end
  local path = check_path(check, entry, made.id or "?")
  local view = view_of(check, entry)
  if view and path and not path:find("^/cabinet/") then check:fault(entry, "view", "«view» бывает только у страниц /cabinet/x/…") end
  if path and path:find("^/cabinet/") and entry[1] == "GET" and not view then check:fault(entry, nil, "странице нужен «view»") end
  table.insert(made.routes, {
    method = entry[1], path = path, fn = check:fn(entry, 3, true), perm = permission_of(check, entry, made), view = view,
    summary = check:text(entry, "summary", "%S", "скажите, что делает маршрут", true),
    query = fields.schema(check, entry, "query"), body = fields.schema(check, entry, "body"), returns = fields.schema(check, entry, "returns"),
  })
end

local function routes(check, data, made)
  made.routes = {}
  local given = check:get(data, "routes", "table") or {}
  for i in ipairs(given) do route(check, given, i, made) end
end

local function slots(check, data, made)
  made.slots = {}
  local given = check:get(data, "slots", "table") or {}
  for _, name in ipairs(keys_of(given)) do
    local entry = check:get(given, name, "table")
    if not check.known.slots[name] then
      check:fault(given, name, "места «%s» на страницах нет; есть: %s", tostring(name), table.concat(keys_of(check.known.slots), ", "))
    elseif entry then
      check:only(entry, set_of("fn", "view", "perm", "order", "title"), name)
      local view = view_of(check, entry)
      if not view then check:fault(entry, nil, "«%s»: нужен шаблон «view»", name) end
      table.insert(made.slots, { name = name, fn = check:fn(entry, "fn", true), view = view, perm = permission_of(check, entry, made),
        title = check:text(entry, "title", "%S", "нужен заголовок", true), order = check:integer(entry, "order", 0, 1000, 100) })
    end
  end
end

-- ---- what runs by itself

local function jobs(check, data, made)
  made.jobs = {}
  local given = check:get(data, "jobs", "table") or {}
  for _, name in ipairs(keys_of(given)) do
    if type(name) ~= "string" or not name:find("^[a-z][a-z0-9_]*$") then
      check:fault(given, name, "имя задания: строчные латинские буквы, например send = \"jobs.send\"")
    else
      made.jobs[name] = check:fn(given, name, true)
    end
  end
end

local function timers(check, data, made)
  made.timers = {}
  local given = check:get(data, "timers", "table") or {}
  for i in ipairs(given) do
    local entry = check:get(given, i, "table")
    if entry then
      check:only(entry, set_of("name", "every_s", "fn"), "timers")
      table.insert(made.timers, { name = check:text(entry, "name", "^[a-z][a-z0-9_]*$", "строчные латинские буквы", true),
        every_s = check:integer(entry, "every_s", 60, 7 * 86400, 86400), fn = check:fn(entry, "fn", true) })
    end
  end
  if #given > 0 and not made.capabilities.timer then check:fault(data, "timers", "для timers попросите capabilities.timer = true") end
end

return { capabilities, limits, permissions, settings, secrets, hooks, routes, slots, jobs, timers }
