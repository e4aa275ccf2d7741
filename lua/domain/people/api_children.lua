--- JSON of guardians and their children: the same use cases as «Мои дети» and the link of a letter.
local errors = require("kit.errors")
local fields = require("domain.people.fields")
local form = require("kit.form")
local guardians = require("domain.people.guardians")
local json = require("core.json")
local respond = require("kit.respond")
local shape = require("kit.shape")

local PATH = "/api/v1/me/children"

local function null(value)
  if value == nil then return json.null end
  return value
end

local function link_json(user, link)
  return { id = tostring(link.id), person_id = link.minor_public_id, name = link.minor_name, age = null(link.age), relation = link.relation,
    state = link.state, consented_at = null(link.consented_at), may_act = guardians.acts_for(user, link.minor_id) }
end

local function list(request)
  local items = {}
  for _, link in pairs(guardians.wards(request.user)) do items[#items + 1] = link_json(request.user, link) end
  table.sort(items, function(a, b) return tonumber(a.id) < tonumber(b.id) end)
  return respond.json({ items = json.array(items), next_cursor = json.null })
end

local function read_body(request, schema)
  local body, err = request:json()
  if not body then return nil, err end
  return form.parse(schema, body)
end

local function add(request)
  local input, err = read_body(request, fields.CHILD)
  if not input then return nil, err end
  local link
  link, err = guardians.add_child(request.user, input)
  if not link then return nil, err end
  for _, ward in pairs(guardians.wards(request.user)) do
    if ward.id == link.id then return respond.json(link_json(request.user, ward), 201) end
  end
  return nil, errors.not_found("guardian", link.id)
end

local function ask(request)
  local input, err = read_body(request, fields.ASK_CHILD)
  if not input then return nil, err end
  local ok
  ok, err = guardians.ask_child(request.user, input.email, input.relation)
  if not ok then return nil, err end
  return respond.json({ asked = true }, 202)
end

local function key(request) return math.tointeger(tonumber(request.params.link:match("^%d+$"))) end

local function act(fn)
  return function(request)
    local ok, err = fn(request.user, key(request))
    if not ok then return nil, err end
    return respond.empty()
  end
end

local function give(user, id) return guardians.consent(user, id, true) end
local function withdraw(user, id) return guardians.consent(user, id, false) end

local function answer(request)
  local input, err = read_body(request, fields.GUARDIAN_ANSWER)
  if not input then return nil, err end
  local ok
  if input.agree then
    ok, err = guardians.confirm(request.user, request.params.token, { consent = input.consent })
  else
    ok, err = guardians.decline(request.user, request.params.token)
  end
  if not ok then return nil, err end
  return respond.empty()
end

local maybe, text = shape.maybe, shape.text
local CHILD = shape.object({ id = text, person_id = shape.uuid, name = text, age = maybe(shape.integer), relation = maybe(text), state = text,
  consented_at = maybe(shape.moment), may_act = shape.boolean })

local function own(method, path, handler, more)
  local route = { method, path, handler, access = "user", private = true }
  for name, value in pairs(more) do route[name] = value end
  return route
end

return {
  own("GET", PATH, list, { returns = "ChildList", summary = "Свои дети" }),
  own("POST", PATH, add, { body = fields.CHILD, returns = "Child", summary = "Добавить ребёнка до 14 лет" }),
  own("POST", PATH .. "/ask", ask, { body = fields.ASK_CHILD, returns = { type = "object" }, status = 202,
    summary = "Послать запрос ребёнку с учётной записью; ответ одинаков, есть она или нет" }),
  own("POST", PATH .. "/{link}/consent", act(give), { status = 204, summary = "Дать согласие на обучение ребёнка" }),
  own("DELETE", PATH .. "/{link}/consent", act(withdraw), { status = 204, summary = "Отозвать согласие на обучение ребёнка" }),
  own("DELETE", PATH .. "/{link}", act(guardians.revoke), { status = 204, summary = "Прекратить связь" }),
  own("POST", "/api/v1/guardian-requests/{token}", answer, { body = fields.GUARDIAN_ANSWER, status = 204,
    summary = "Ответить на запрос о связи по ссылке из письма" }),
  schemas = { Child = CHILD },
}
