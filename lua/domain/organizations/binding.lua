--- Ties the machine `organization` to its rows, and says what each effect does.
local claims = require("domain.organizations.claims")
local mail = require("kit.mail")
local members = require("domain.organizations.members")
local people = require("domain.organizations.store_people")
local requisites = require("domain.organizations.requisites")
local store = require("domain.organizations.store")

local binding = { machine = "organization", entity = "organization", lock = store.lock, find = store.find, effects = {} }

function binding.facts(organization)
  local work = store.open_work(organization.id)
  return {
    faults = requisites.faults(organization), duplicate = store.by_numbers(organization.inn, organization.kpp, organization.id),
    open_applications = work.applications, open_groups = work.groups,
  }
end

function binding.save(organization, to, input)
  return store.set_state(organization.id, to, input.reason, input.data and input.data.successor_id, input.user_id)
end

--- Who brought it becomes its curator.
function binding.effects.let_in(organization, ctx) return claims.let_in(organization, ctx.user) end
function binding.effects.turn_away(organization, ctx) return claims.turn_away(organization, ctx.user, ctx.reason) end
function binding.effects.part_with_all(organization, ctx)
  members.finish_all(organization.id, ctx.user)
  return claims.turn_away(organization, ctx.user, ctx.reason)
end

-- To its curators; while there is none yet, to who brought it.
local function addressees(organization)
  local list = people.curators(organization.id)
  if #list > 0 then return list end
  for _, claim in ipairs(people.pending_claims(organization.id)) do
    if claim.kind == "register" then list[#list + 1] = { email = claim.email, first_name = claim.first_name } end
  end
  return list
end

for _, kind in ipairs({ "approved", "rejected", "suspended", "resumed" }) do
  binding.effects["mail_" .. kind] = function(organization, ctx)
    for _, person in ipairs(addressees(organization)) do
      mail.send("organization_" .. kind, person.email, { first_name = person.first_name, organization = organization.short_name, reason = ctx.reason })
    end
    return true
  end
end

return binding
