--- New accounts: an invitation goes by letter, the person sets the password.
local accounts = require("domain.accounts")
local audit = require("kit.audit")
local errors = require("kit.errors")
local policy = require("domain.users.policy")
local service = require("domain.users.service")
local store = require("domain.users.store")
local transaction = require("kit.transaction")
local invite = {}

local function email_taken()
  return errors.invalid("email", "taken", "Учётная запись с такой почтой уже есть: откройте её и добавьте роль.")
end

-- A person listed before (by an employer, by hand) gets the account; a second person is not made.
local function person_for(user, account_id, input)
  local known = input.snils and store.person_of_snils(input.snils)
  if not known then return store.insert_person(account_id, input, user.id) end
  if known.user_id then
    return nil, errors.invalid("snils", "taken", "У человека с этим СНИЛС уже есть учётная запись.")
  end
  store.link_person(known.id, account_id, user.id)
  return known
end

local function make(user, input)
  local account, err = store.insert_account(input.email, user.id)
  if not account then return nil, err and err.constraint == "user_account_email_key" and email_taken() or err end
  local person
  person, err = person_for(user, account.id, input)
  if not person then return nil, err end
  audit.write("user.invite", "user_account", account.id, { email = { "", input.email } })
  local grant
  grant, err = service.grant(user, account, input)
  if not grant then return nil, err end
  accounts.send_link({ id = account.id, email = input.email, first_name = input.first_name }, "invite")
  return account
end

--- Makes an account with a role and mails the link.
---@param input table values of fields.NEW, perhaps with snils
---@return table? user of service.get()
---@return kit.Error? err
function invite.create(user, input)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  err = service.check_grant(input)
  if err then return nil, err end
  if store.find_by_email(input.email) then return nil, email_taken() end
  local account
  account, err = transaction.run(function() return make(user, input) end)
  if not account then return nil, err end
  return service.get(user, account.public_id)
end

--- Sends the link of the invitation again.
function invite.resend(user, public_id)
  local found, err = service.find(user, public_id)
  if not found then return nil, err end
  if found.state ~= "registered" or found.has_password then
    return nil, errors.conflict("wrong_state", "Приглашение уже принято.")
  end
  return transaction.run(function()
    accounts.send_link(found, "invite")
    audit.write("user.invite", "user_account", found.id, { email = { "", found.email } })
    return true
  end)
end

return invite
