--- Organisations, as other modules see them.
local claims = require("domain.organizations.claims")
local list = require("domain.organizations.list")
local papers = require("domain.organizations.papers")
local service = require("domain.organizations.service")
local organizations = {}

--- For whoever knows an organisation from a trusted source (ЕСИА): the active one with this ОГРН, then a place in it.
organizations.by_ogrn = service.by_ogrn
organizations.offer_membership = service.offer_membership
organizations.may_read_file = papers.may_read_file

organizations.hooks = { ["user_account.confirm"] = claims.confirmed }

organizations.jobs = { ["organizations.export"] = list.export }

organizations.settings = {
  { key = "partner_registration", type = "boolean", default = true, label = "Партнёры регистрируются сами",
    reason = "Выключите, если колледжи и школы приходят только по приглашению центра" },
}

return organizations
