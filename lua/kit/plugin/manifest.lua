--- plugin.lua: what a plugin is, asks for and takes part in. Pure data (kit.plugin.data_file); every fault is named with its line.
---
---   local manifest, faults = manifest.read(source, known)
---
--- source = { dir = "plugins/x/", read = fn(path) → text|nil }: the folder of the plugin.
--- known  = { hooks, slots, tables, roles, core, api }: what this platform offers (domain.plugins.catalogue).
local data_file = require("kit.plugin.data_file")
local semver = require("kit.plugin.semver")
local sections = require("kit.plugin.sections")
local manifest = {}

local MAX_BYTES = 64 * 1024

---@class kit.Manifest
---@field id string
---@field version string
---@field title string
---@field description string?
---@field license string?
---@field dir string "plugins/x/"
---@field prefix string "p_x_": of its tables
---@field depends table<string, string>
---@field conflicts string[]
---@field capabilities {read: string[], writes: boolean, http_out: string[], timer: boolean, outbox: boolean}
---@field limits {ms_per_call: integer, kb: integer, out_kb: integer, http_s: integer}
---@field permissions table<string, table> as lua/rules/permissions.lua has them
---@field settings table[] of kit.setting
---@field secrets table[] of kit.secret
---@field hooks table[] {name, fn, order, mode, fail}
---@field routes table[] {method, path, fn, perm, summary, query, body, returns, view}
---@field slots table[] {name, fn, view, perm, order, title}
---@field jobs table<string, string> name → fn
---@field timers table[] {name, every_s, fn}

---@class kit.ManifestCheck
---@field file string
---@field faults table[]
local Check = {}
Check.__index = Check

--- Notes a fault at the line of a key.
function Check:fault(owner, key, text, ...)
  table.insert(self.faults, { file = self.file, line = self.lines.of(owner, key), text = select("#", ...) > 0 and text:format(...) or text })
end

local TYPES = { string = "текст в кавычках", number = "число", boolean = "true или false", table = "таблица { … }", integer = "целое число" }

local function is_of(value, kind)
  if kind == "integer" then return math.type(value) == "integer" end
  return type(value) == kind
end

--- The value of a key, nil when it is absent or of another type (which is a fault).
function Check:get(owner, key, kind, is_required)
  local value = owner[key]
  if value == nil then
    if is_required then self:fault(owner, nil, "нет обязательного поля «%s»", key) end
    return nil
  end
  if is_of(value, kind) then return value end
  self:fault(owner, key, "«%s»: здесь нужно: %s", key, TYPES[kind])
end

--- A text that fits a pattern.
function Check:text(owner, key, pattern, words, is_required)
  local value = self:get(owner, key, "string", is_required)
  if value and pattern and not value:find(pattern) then
    self:fault(owner, key, "«%s» = «%s»: %s", key, value, words)
    return nil
  end
  return value
end

--- An integer within limits.
function Check:integer(owner, key, least, most, default)
  local value = self:get(owner, key, "integer")
  if value and (value < least or value > most) then
    self:fault(owner, key, "«%s» = %d: допустимо от %d до %d", key, value, least, most)
    return default
  end
  return value or default
end

--- An array of texts.
function Check:texts(owner, key)
  local list = self:get(owner, key, "table") or {}
  local texts = {}
  for i, item in ipairs(list) do
    if type(item) == "string" then texts[#texts + 1] = item else self:fault(list, i, "«%s»: в списке могут быть только тексты", key) end
  end
  for name in pairs(list) do
    if type(name) ~= "number" then self:fault(list, name, "«%s»: нужен список, а не ключ «%s»", key, name) end
  end
  return texts
end

--- Says which keys may stand here.
function Check:only(owner, allowed, where)
  for key in pairs(owner) do
    if not allowed[key] then self:fault(owner, key, "%s: неизвестное поле «%s»", where, tostring(key)) end
  end
end

--- "rules.check" → module "rules", name "check"; its file must be there.
function Check:fn(owner, key, is_required)
  local value = self:text(owner, key, "^[a-z][%w_]*[%w_.]*%.[%a_][%w_]*$", "нужен вид «модуль.функция», например \"rules.check\"", is_required)
  if not value then return nil end
  local module = value:match("^(.*)%.[^.]+$")
  if not self.source.read(module:gsub("%.", "/") .. ".lua") then
    self:fault(owner, key, "«%s»: нет файла %s%s.lua", value, self.source.dir, (module:gsub("%.", "/")))
    return nil
  end
  self.functions[value] = self.functions[value] or { owner, key }
  return value
end

local SOON = {
  facts = "фактов для отчётов плагины пока не дают",
  state_schema = "состояние плагина хранится в его таблицах, переносить нечего",
}
local TOP = {
  id = true, version = true, api = true, title = true, description = true, license = true, author = true, core = true, depends = true,
  conflicts = true, scope = true, capabilities = true, limits = true, permissions = true, settings = true, secrets = true, hooks = true,
  routes = true, slots = true, jobs = true, timers = true, migrations = true, locales = true, tests = true,
}

local function check_names(check, data, made)
  for key in pairs(data) do
    if SOON[key] then check:fault(data, key, "«%s» пока не поддерживается: %s", key, SOON[key])
    elseif not TOP[key] then check:fault(data, key, "неизвестное поле «%s»", tostring(key)) end
  end
  made.id = check:text(data, "id", "^[a-z][a-z0-9_]*$", "только строчные латинские буквы, цифры и _", true)
  if made.id and (#made.id > 30 or #made.id < 2) then check:fault(data, "id", "«id»: от 2 до 30 знаков") end
  local folder = check.source.dir:match("([^/]+)/$")
  if made.id and folder ~= made.id then check:fault(data, "id", "«id» = «%s», а папка называется «%s»: назовите их одинаково", made.id, folder) end
  made.version = check:get(data, "version", "string", true)
  if made.version and not semver.parse(made.version) then
    check:fault(data, "version", "«version» = «%s»: нужен вид 1.4.0", made.version)
  end
  made.title = check:text(data, "title", "%S", "нужно название для людей", true)
  for _, key in ipairs({ "description", "license", "author" }) do made[key] = check:get(data, key, "string") end
  local scope = check:get(data, "scope", "string") or "region"
  if scope ~= "region" and scope ~= "global" then check:fault(data, "scope", "«scope» бывает region или global") end
  check:get(data, "tests", "string")
  check:get(data, "migrations", "string")
  check:texts(data, "locales")
end

local function check_range(check, data, key, have, words, is_required)
  local range = check:get(data, key, "string", is_required)
  if not range then return end
  local fits = semver.range(range)
  if not fits then return check:fault(data, key, "«%s» = «%s»: нужен вид ^1.2 или >=0.1 <2", key, range) end
  if not fits(have) then check:fault(data, key, "плагину нужна %s %s, а здесь %s", words, range, have) end
end

local function check_relations(check, data, made)
  check_range(check, data, "api", check.known.api, "версия API плагинов", true)
  check_range(check, data, "core", check.known.core, "версия платформы")
  made.depends = {}
  local depends = check:get(data, "depends", "table") or {}
  for id, range in pairs(depends) do
    if type(id) ~= "string" or not semver.range(range) then
      check:fault(depends, id, "«depends»: нужен вид { имя = \"^1.0\" }")
    else
      made.depends[id] = range
    end
  end
  made.conflicts = check:texts(data, "conflicts")
end

local function read_data(source)
  local text = source.read("plugin.lua")
  local file = source.dir .. "plugin.lua"
  if not text then return nil, { code = "plugin", file = file, line = 0, text = "нет файла plugin.lua" } end
  if #text > MAX_BYTES then return nil, { code = "plugin", file = file, line = 0, text = "файл больше 64 КБ" } end
  return data_file.read(text, file)
end

--- Reads and checks the manifest.
---@param source {dir: string, read: fun(path: string): string?, list: fun(dir: string): string[]}
---@param known table
---@return kit.Manifest? manifest nil when anything is wrong
---@return table[] faults {file, line, text}, sorted by line
---@return table? functions "module.function" → place, for those who load the code
function manifest.read(source, known)
  local data, lines = read_data(source)
  if not data then return nil, { lines } end
  local check = setmetatable({ file = source.dir .. "plugin.lua", faults = {}, lines = lines, source = source, known = known,
    functions = {} }, Check)
  local made = { dir = source.dir, functions = check.functions }
  check_names(check, data, made)
  check_relations(check, data, made)
  made.prefix = "p_" .. (made.id or "") .. "_"
  for _, section in ipairs(sections) do section(check, data, made) end
  table.sort(check.faults, function(a, b) return a.line < b.line end)
  for name, place in pairs(check.functions) do
    check.functions[name] = { file = check.file, line = lines.of(place[1], place[2]) }
  end
  if #check.faults > 0 then return nil, check.faults end
  return made, {}
end

return manifest
