--- Numbers beside menu items and on first screens. Each area is one statement, asked at most once a request, and only when
--- something of it is shown. A number beyond the limit reads «1 000+».
local access = require("kit.access")
local inbox = require("domain.inbox")
local policy = require("domain.cabinet.policy")
local russian = require("kit.russian")
local store = require("domain.cabinet.store")
local counters = {}

local LIMIT = store.COUNT_LIMIT
counters.LIMIT = LIMIT

--- Area → the row of its numbers; the second argument holds what this request knows already.
local AREAS = {
  inbox = inbox.counts,
  submitted = function(user, known) return known.inbox or store.submitted(policy.own_organization(user)) end,
  own = function(user) return user.person_id and store.own(user.person_id) end,
  journals = function(user) return user.person_id and store.unsigned_count(user.person_id) end,
  late_journals = function(user) return store.late_journals(policy.own_organization(user)) end,
  orders = function() return store.orders() end,
  groups = function(user) return store.groups(policy.own_organization(user)) end,
  organizations = function() return store.organizations() end,
  mail = function() return store.mail() end,
  system = function() return store.system() end,
}

--- Counter of a menu item → its area, how it is read, and what whoever sees it must be able to do about it.
local NAMES = {
  submitted = { "submitted", function(row) return row.submitted end, "application.decide" },
  own = { "own", function(row) return row.active end },
  unsigned = { "journals", function(row) return row.unsigned end },
  orders = { "orders", function(row, user) return access.can(user, "order.sign") and row.on_sign or row.signed + row.rejected end,
    { "order.sign", "order.create" } },
  organizations = { "organizations", function(row) return row.pending end, "organization.moderate" },
  mail = { "mail", function(row) return row.queued + row.failed end },
}

local kept = setmetatable({}, { __mode = "k" }) -- request → area → row

--- The numbers of an area.
---@param request kit.Request
---@param area string
---@return table<string, any>
function counters.of(request, area)
  local areas = kept[request]
  if not areas then
    areas = {}
    kept[request] = areas
  end
  areas[area] = areas[area] or AREAS[area](request.user, areas) or {}
  return areas[area]
end

--- «7», «1 000+».
---@param n integer
---@return string
function counters.words(n)
  return n > LIMIT and russian.number(LIMIT) .. "+" or russian.number(n)
end

--- What stands beside a menu item; nil when there is nothing to say.
---@return string?
function counters.shown(request, name)
  local area, read, needs = table.unpack(NAMES[name], 1, 3)
  if not policy.holds(request.user, needs) then return nil end
  local n = read(counters.of(request, area), request.user) or 0
  return n > 0 and counters.words(n) or nil
end

return counters
