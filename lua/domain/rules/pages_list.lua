--- The page of all rule packs.
local flow = require("domain.rules.flow")
local frame = require("domain.rules.frame")
local respond = require("kit.respond")
local service = require("domain.rules.service")

local function layers_of(pack)
  local words = {}
  for index, name in ipairs(pack.layers) do words[index] = flow.LAYERS[name] end
  return table.concat(words, ", ")
end

-- In one chip: what is different here from what was shipped.
local function state_of(pack)
  if pack.has_draft then return { text = "Черновик", tone = "warn" } end
  if pack.canary_share > 0 then return { text = ("Проба на %d %%"):format(pack.canary_share), tone = "vio" } end
  if pack.hash then return { text = "Изменено", tone = "info" } end
  return { text = "Поставка", tone = "neu" }
end

local function row_of(pack, organization_id)
  local href = frame.link({ id = pack.id, organization_id = organization_id })
  local state = state_of(pack)
  state.sub = pack.hash and "версия " .. frame.short(pack.hash) or nil
  return { href = href, cells = { { text = pack.title, sub = pack.id, href = href }, state, layers_of(pack),
    pack.organizations > 0 and tostring(pack.organizations) or "—" } }
end

local function list(request)
  local found, err = service.list(request.user)
  if not found then return nil, err end
  local organization_id = math.tointeger(tonumber(request.query.organization)) or 0 -- whose layer the pages edit; 0: the region's
  local groups, by_kind = {}, {}
  for _, pack in ipairs(found) do
    if not by_kind[pack.kind] then
      by_kind[pack.kind] = { title = pack.kind_title, rows = {} }
      groups[#groups + 1] = by_kind[pack.kind]
    end
    table.insert(by_kind[pack.kind].rows, row_of(pack, organization_id))
  end
  return respond.page(request, "rules/list", { title = "Правила", nav = "rules", groups = groups, is_organization = organization_id ~= 0 })
end

return { { "GET", frame.BASE, list, access = { "rule.read" }, summary = "Правила" } }
