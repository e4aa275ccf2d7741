--- Pages of settings and of integrations' secrets.
local fields = require("domain.settings.fields")
local form = require("kit.form")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.settings.service")
local settings = require("core.settings")

local BASE, SECRETS = "/admin/settings", "/admin/integrations"

local CONTROLS = { integer = "number", enum = "select", boolean = "checkbox", decimal = "text" }

local function words(field, value)
  if value == nil or value == "" then return "не задано" end
  if type(value) == "boolean" then return value and "да" or "нет" end
  if type(value) ~= "table" then
    for _, option in ipairs(field.options or {}) do
      if type(option) == "table" and option.value == value then return option.label end
    end
    return tostring(value)
  end
  local list = {}
  for i, item in ipairs(value) do
    list[i] = words({ options = field.options }, item)
  end
  return #list > 0 and table.concat(list, ", ") or "ничего"
end

-- The control of a setting; a list with options is a row of boxes, one without is a line of words.
local function control_of(entry, typed, fault)
  local field, copy = entry.field, {}
  for key, value in pairs(field) do
    copy[key] = value
  end
  copy.type = CONTROLS[field.type] or (field.multiline and "textarea") or field.type
  copy.value = entry.value
  if typed ~= nil then copy.value = typed end
  if field.type == "list" and field.options then
    copy.type = "checks"
  elseif field.type == "list" then
    copy.type, copy.value = "textarea", type(copy.value) == "table" and table.concat(copy.value, "\n") or copy.value
    copy.hint = "По одному на строке"
  end
  copy.hint = (copy.hint and copy.hint .. ". " or "") .. field.reason
  copy.error = fault and fault.by_field and fault.by_field[field.name]
  copy.required = false
  return copy
end

local function changed_words(entry)
  if not entry.is_changed then return nil end
  return ("Изменено %s%s; по умолчанию: %s"):format(
    entry.updated_at and russian.datetime(entry.updated_at) or "",
    entry.who and ", " .. entry.who or "",
    words(entry.field, entry.field.default)
  )
end

local function grouped(list, key, typed, fault)
  local groups, by_module = {}, {}
  for _, entry in ipairs(list) do
    local module = entry.field.module
    if not by_module[module] then
      by_module[module] = { title = fields.TITLES[module] or entry.field.title or module, id = module, items = {} }
      groups[#groups + 1] = by_module[module]
    end
    local is_this = entry.field.name == key
    table.insert(by_module[module].items, {
      key = entry.field.name,
      version = entry.version,
      is_changed = entry.is_changed,
      changed = changed_words(entry),
      field = control_of(entry, is_this and typed or nil, is_this and fault or nil),
      fault = is_this and fault or nil,
    })
  end
  return groups
end

local function machine_rows(list)
  local rows = {}
  for i, entry in ipairs(list) do
    local value = entry.value
    if entry.is_secret then value = value and "задано" or "не задано" end
    if type(value) == "boolean" then value = value and "да" or "нет" end
    rows[i] = {
      cells = {
        { text = entry.key, sub = entry.env },
        value ~= nil and value ~= "" and tostring(value) or "—",
        { text = fields.ORIGINS[entry.origin], tone = entry.origin == "default" and "neu" or "info" },
        entry.reason,
      },
    }
  end
  return rows
end

local function page(request, key, typed, fault)
  local list, err = service.list(request.user)
  if not list then return nil, err end
  return respond.page(
    request,
    "settings/list",
    {
      title = "Настройки",
      nav = "settings",
      groups = grouped(list, key, typed, fault),
      machine = machine_rows(assert(service.machine(request.user))),
    },
    fault and fault.status
  )
end

local function show(request) return page(request) end

-- What a form sends for a list: boxes as values, words as lines.
local function input_of(request, key)
  local all = request:form_all()[key]
  local entry
  for _, one in ipairs(assert(service.list(request.user))) do
    if one.field.name == key then entry = one end
  end
  if entry and entry.field.type == "list" and not entry.field.options then
    local lines = {}
    for line in ((all or {})[1] or ""):gmatch("[^\r\n]+") do
      if line:find("%S") then lines[#lines + 1] = line end
    end
    return lines
  end
  if entry and entry.field.type == "list" then return all or {} end
  return (all or {})[1]
end

local function version_of(request) return math.tointeger(tonumber(request:form().version)) or 0 end

local function put(request)
  local key = request.params.key
  local input = input_of(request, key)
  local entry, err = service.put(request.user, key, input, version_of(request))
  if entry then
    return respond.redirect(BASE .. "#" .. entry.field.module, { notice = ("Сохранено: %s"):format(entry.field.label) })
  end
  if err.status == 422 or err.status == 409 then return page(request, key, input, err) end
  return nil, err
end

local function reset(request)
  local entry, err = service.reset(request.user, request.params.key, version_of(request))
  if entry then
    return respond.redirect(
      BASE .. "#" .. entry.field.module,
      { notice = ("По умолчанию: %s"):format(entry.field.label) }
    )
  end
  if err.status == 409 then return page(request, request.params.key, nil, err) end
  return nil, err
end

-- ---- secrets

local function secrets_page(request, fault, name)
  local list, err = service.secrets(request.user)
  if not list then return nil, err end
  for _, row in ipairs(list) do
    row.id = "secret-" .. row.name:gsub("[^%w]", "-")
    row.when = row.set_at and (russian.datetime(row.set_at) .. (row.who and ", " .. row.who or "")) or nil
    row.error = row.name == name and fault and fault.text or nil
  end
  return respond.page(
    request,
    "settings/secrets",
    {
      title = "Внешние системы",
      nav = "integrations",
      secrets = list,
      has_file = settings.secret_file ~= nil and settings.secret_file ~= "",
    },
    fault and 422
  )
end

local function secrets(request) return secrets_page(request) end

local function put_secret(request)
  local typed = request:form()
  local input, err = form.parse(fields.SECRET, typed)
  local ok
  if input then
    ok, err = service.put_secret(request.user, input.name, input.value)
  end
  if ok then
    return respond.redirect(
      SECRETS,
      {
        notice = "Секрет сохранён. Показать его больше нельзя, можно только заменить.",
      }
    )
  end
  if err.status == 422 then return secrets_page(request, err, typed.name) end
  return nil, err
end

local function forget_secret(request)
  local input, err = form.parse(fields.FORGET, request:form())
  local was_there
  if input then
    was_there, err = service.forget_secret(request.user, input.name)
  end
  if was_there == nil then return nil, err end
  return respond.redirect(SECRETS, { notice = "Секрет удалён" })
end

local MANAGE = { "setting.manage" }

return {
  { "GET", BASE, show, access = MANAGE, summary = "Настройки" },
  { "POST", BASE .. "/{key}", put, access = MANAGE, summary = "Изменить настройку" },
  { "POST", BASE .. "/{key}/reset", reset, access = MANAGE, summary = "Вернуть значение по умолчанию" },
  { "GET", SECRETS, secrets, access = MANAGE, proof = true, summary = "Секреты внешних систем" },
  { "POST", SECRETS, put_secret, access = MANAGE, proof = true, body = fields.SECRET, summary = "Задать секрет" },
  { "POST", SECRETS .. "/forget", forget_secret, access = MANAGE, proof = true, body = fields.FORGET, summary = "Удалить секрет" },
}
