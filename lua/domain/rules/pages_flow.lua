--- Pages of processes: the diagram with its list.
local diagram = require("kit.diagram")
local errors = require("kit.errors")
local flow = require("domain.rules.flow")
local packs = require("kit.packs")
local policy = require("domain.rules.policy")
local respond = require("kit.respond")
local workflow = require("kit.workflow")

local BASE = "/admin/rules"

-- The machine in force under the name of an address.
local function machine_of(request)
  local ok, err = policy.need_read(request.user)
  if not ok then return nil, err end
  local id = "workflow/" .. request.params.name
  if not packs.has(id) then return nil, errors.not_found("page", id) end
  return workflow.of_set(packs.get(id)), BASE .. "/" .. id
end

local function show(request)
  local machine, base = machine_of(request)
  if not machine then return nil, base end
  local made = flow.of(machine)
  local graph = flow.graph(made, base)
  return respond.page(request, "rules/flow", { title = machine.title or machine.name, nav = "rules", base = base, flow = made, machine = machine,
    drawing = diagram.draw(graph), column = diagram.column(graph), can_manage = policy.can_manage(request.user), layers = flow.LAYERS })
end

local READ = { "rule.read" }

return { { "GET", BASE .. "/workflow/{name}", show, access = READ, summary = "Процесс: схема состояний" } }
