--- «Моя организация»: what a curator sees of his own, and what everybody sees of his requests.
local present = require("domain.organizations.present")
local respond = require("kit.respond")
local service = require("domain.organizations.service")

local PATH = "/cabinet/organization"

local function overview(request)
  local memberships, claims = service.own(request.user)
  return respond.page(request, "organizations/own_list", {
    title = "Мои организации", nav = "organization", memberships = present.memberships(memberships, request.user), claims = claims,
  })
end

local function card(request, err, typed)
  local user = request.user
  local organization, fault = service.card(user, user.grant.organization_id)
  if not organization then return nil, fault end
  local memberships = service.own(user)
  return respond.page(request, "organizations/own", present.card(organization, {
    title = organization.short_name, nav = "organization", base = "/cabinet/organizations/" .. organization.id, back = PATH, fault = err and err.text,
    typed = typed or {}, by_field = err and err.by_field or {}, user_id = user.id, others = #memberships - 1,
  }), err and err.status or 200)
end

local function show(request)
  local grant = request.user.grant
  if grant and grant.organization_id and (grant.role == "partner" or grant.role == "customer") then return card(request) end
  return overview(request)
end

return {
  { "GET", PATH, show, access = "user", summary = "Моя организация" },
  { "GET", "/cabinet/my-organizations", overview, access = "user", summary = "Все мои организации и запросы" },
}
