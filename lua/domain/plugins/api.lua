--- JSON of plugins.
local fields = require("domain.plugins.fields")
local form = require("kit.form")
local json = require("core.json")
local respond = require("kit.respond")
local service = require("domain.plugins.service")
local shape = require("kit.shape")

local function plugin_json(one)
  return { id = one.id, title = one.title, version = one.version or json.null, state = one.state, faults = one.faults, held = one.held }
end

local function list(request)
  local found, err = service.list(request.user)
  if not found then return nil, err end
  local items = {}
  for i, one in ipairs(found) do items[i] = plugin_json(one) end
  return respond.json({ items = json.array(items), next_cursor = json.null })
end

local function show(request)
  local card, err = service.get(request.user, request.params.id)
  if not card then return nil, err end
  local answer = plugin_json(card)
  answer.asks, answer.consent = card.plugin.asks or json.null, card.plugin.fingerprint or json.null
  return respond.json(answer)
end

local ACTIONS = { enable = service.enable, disable = service.disable, resume = service.resume }

local function transition(request)
  local input, err = request:json()
  if input then input, err = form.parse(fields.TRANSITION, input) end
  if not input then return nil, err end
  local ok
  ok, err = ACTIONS[input.action](request.user, request.params.id, input.consent)
  if not ok then return nil, err end
  return show(request)
end

local MANAGE = { "plugin.manage" }

return {
  schemas = { Plugin = shape.object({ id = shape.text, title = shape.text, version = shape.maybe(shape.text), state = shape.text, faults = shape.integer,
    held = shape.integer }, { asks = shape.maybe(shape.any), consent = shape.maybe(shape.text) }) },
  { "GET", "/api/v1/plugins", list, access = MANAGE, returns = "PluginList", summary = "Плагины" },
  { "GET", "/api/v1/plugins/{id}", show, access = MANAGE, returns = "Plugin", summary = "Плагин: чего просит, работает ли" },
  { "POST", "/api/v1/plugins/{id}/transitions", transition, access = MANAGE, body = fields.TRANSITION, returns = "Plugin",
    summary = "Включить, выключить или возобновить плагин" },
}
