--- Accounts, as other modules see them.
local fields = require("domain.accounts.fields")
local service = require("domain.accounts.service")
local accounts = {}

accounts.ROLES = fields.ROLES
accounts.add = service.add
accounts.send_link = service.send_link

accounts.timers = {
  { name = "accounts.clean", every_s = 86400, run = service.clean },
}

return accounts
