--- Pages where an administrator sets providers up.
local fields = require("domain.signin.fields")
local presets = require("domain.signin.presets")
local providers = require("domain.signin.providers")
local respond = require("kit.respond")
local setup = require("domain.signin.setup")

local BASE = "/admin/integrations/signin"
local TITLES = { esia = "Госуслуги (ЕСИА)", oidc = "OpenID Connect" }
local KINDS = { text = "text", boolean = "checkbox", enum = "select" }

local function list(request)
  local rows = {}
  for _, provider in ipairs(providers.all()) do
    rows[#rows + 1] = { href = BASE .. "/" .. provider.code, cells = {
      { text = TITLES[provider.kind], href = BASE .. "/" .. provider.code, sub = provider.is_mock and "Учебная замена, только для демонстрации" or nil },
      provider.client_id or "Не настроен",
      provider.is_on and { tone = "ok", icon = "check", text = "Включён" } or { tone = "neu", text = "Выключен" },
    } }
  end
  return respond.page(request, "signin/providers", { title = "Вход через внешние сервисы", nav = "signin", rows = rows })
end

-- Fields for the view, with values typed, of a preset, or saved.
local function shown(kind, values, by_field)
  local made = {}
  for index, field in ipairs(fields[kind]) do
    local options = nil
    if field.options then
      options = {}
      for i, option in ipairs(field.options) do options[i] = type(option) == "table" and option or { value = option, label = option } end
    end
    made[index] = {
      name = field.name, type = field.multiline and "textarea" or KINDS[field.type], label = field.label, value = values[field.name], hint = field.hint,
      error = by_field[field.name], options = options, empty = options and "— не выбрано —" or nil, max_length = field.max_length, rows = 4,
      wide = field.multiline or field.type == "boolean" or nil,
    }
  end
  return made
end

local function preset_of(kind, code)
  for _, preset in ipairs(presets[kind]) do
    if preset.code == code then return preset.settings end
  end
end

local function page(request, provider, secrets, options)
  local values = {}
  for name, value in pairs(provider) do values[name] = value end
  for name, value in pairs(options.preset or {}) do values[name] = value end
  for name, value in pairs(options.typed or {}) do values[name] = value end
  local err, preset_options = options.err, {}
  for index, preset in ipairs(presets[provider.kind]) do preset_options[index] = { value = preset.code, label = preset.label } end
  return respond.page(request, "signin/provider", {
    title = TITLES[provider.kind], nav = "signin", provider = provider, fields = shown(provider.kind, values, err and err.by_field or {}), secrets = secrets,
    preset_options = preset_options, preset = options.preset and request.query.preset, version = options.typed and options.typed.version or provider.version,
    fault = err, checks = options.checks, callback = request:origin() .. "/login/callback/" .. provider.code, here = BASE .. "/" .. provider.code,
  }, err and err.status or 200)
end

local function entered(request) return setup.get(request.user, request.params.code) end

local function show(request)
  local provider, secrets = entered(request)
  if not provider then return nil, secrets end
  return page(request, provider, secrets, { preset = preset_of(provider.kind, request.query.preset) })
end

local function save(request)
  local provider, secrets = entered(request)
  if not provider then return nil, secrets end
  local typed = request:form()
  local ok, err = setup.save(request.user, provider.code, typed)
  if ok then return respond.redirect(BASE .. "/" .. provider.code, { notice = "Настройки сохранены. Нажмите «Проверить»." }) end
  return page(request, provider, secrets, { typed = typed, err = err })
end

local function check(request)
  local provider, secrets = entered(request)
  if not provider then return nil, secrets end
  local checks, err = setup.check(request.user, provider.code)
  if not checks then return nil, err end
  return page(request, provider, secrets, { checks = checks })
end

return {
  { "GET", BASE, list, access = { "signin.manage" }, summary = "Внешние сервисы входа" },
  { "GET", BASE .. "/{code}", show, access = { "signin.manage" }, proof = true, summary = "Настройки сервиса входа" },
  { "POST", BASE .. "/{code}", save, access = { "signin.manage" }, proof = true, summary = "Сохранить настройки сервиса входа" },
  { "POST", BASE .. "/{code}/check", check, access = { "signin.manage" }, proof = true, summary = "Проверить сервис входа" },
}
