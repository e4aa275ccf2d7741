--- The page of all rule packs.
local flow = require("domain.rules.flow")
local kinds = require("rules.packs")
local packs = require("kit.packs")
local policy = require("domain.rules.policy")
local respond = require("kit.respond")
local russian = require("kit.russian")
local source = require("kit.pack.source")
local workflow = require("kit.workflow")

local BASE = "/admin/rules"

local function layers_of(id)
  local words = {}
  for index, layer in ipairs(packs.layers(id)) do words[index] = flow.LAYERS[layer.name] end
  return table.concat(words, ", ")
end

local function row_of(id)
  local machine = workflow.of_set(packs.get(id))
  local states = 0
  for _ in pairs(machine.states) do states = states + 1 end
  return { href = BASE .. "/" .. id, cells = {
    { text = machine.title or machine.name, sub = id, href = BASE .. "/" .. id },
    russian.plural(states, "%s состояние", "%s состояния", "%s состояний") .. ", "
      .. russian.plural(#machine.transitions, "%s переход", "%s перехода", "%s переходов"),
    layers_of(id),
  } }
end

local function list(request)
  local ok, err = policy.need_read(request.user)
  if not ok then return nil, err end
  local groups, by_kind = {}, {}
  for _, kind in ipairs(kinds.order) do
    by_kind[kind] = { title = kinds.kinds[kind].title, rows = {} }
    groups[#groups + 1] = by_kind[kind]
  end
  for _, id in ipairs(source.all()) do
    local kind = id:match("^[^/]+")
    if kind == "workflow" then table.insert(by_kind[kind].rows, row_of(id)) end
  end
  return respond.page(request, "rules/list", { title = "Правила", nav = "rules", groups = groups })
end

return { { "GET", BASE, list, access = { "rule.read" }, summary = "Правила" } }
