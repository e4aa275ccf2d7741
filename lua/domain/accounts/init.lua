--- Accounts, as other modules see them.
local fields = require("domain.accounts.fields")
local service = require("domain.accounts.service")
local accounts = {}

accounts.ROLES = fields.ROLES
accounts.add = service.add
accounts.send_link = service.send_link
--- Registration of a person as part of another one: of his organisation, of a guardian.
accounts.REGISTER = fields.REGISTER
accounts.PASSWORD_MIN = fields.PASSWORD_MIN
accounts.register = service.register
accounts.add_invited = service.add_invited
accounts.is_known = service.is_known

accounts.timers = {
  { name = "accounts.clean", every_s = 86400, run = service.clean },
}

return accounts
