--- Invitations by mail: a curator invites a colleague, the staff a partner. A link works once and not for long; whoever follows
--- it logs in, or sets a password and is let in.
local accounts = require("domain.accounts")
local audit = require("kit.audit")
local crypto = require("core.crypto")
local errors = require("kit.errors")
local mail = require("kit.mail")
local members = require("domain.organizations.members")
local outbox = require("kit.outbox")
local people = require("domain.organizations.store_people")
local policy = require("domain.organizations.policy")
local store = require("domain.organizations.store")
local transaction = require("kit.transaction")
local context = require("kit.context")
local invitations = {}

local DAYS = 14

--- Writes the invitation and mails its link.
---@param input {email: string, capacity: string, post: string?}
---@return table? invitation {id}
---@return kit.Error? err
function invitations.send(user, organization_id, input)
  local organization = store.find(organization_id)
  if not organization then return nil, errors.not_found("organization", organization_id) end
  local ok, err = policy.need_members(user, organization)
  if not ok then return nil, err end
  if organization.state ~= "active" then
    return nil, errors.conflict("not_active", "Приглашать можно в действующую организацию.", { state = organization.state })
  end
  local token = crypto.token(32)
  return transaction.run(function()
    local row = people.put_invitation({ token_hash = crypto.sha256(token), organization_id = organization.id, email = input.email,
      capacity = input.capacity, post = input.post, days = DAYS, user_id = user.id })
    mail.send("organization_invitation", input.email, { token = token, organization = organization.short_name, capacity = input.capacity,
      by = user.name, days = DAYS })
    audit.write("organization.invite", "organization", organization.id, { email = { "", input.email }, capacity = { "", input.capacity } })
    return { id = row.id }
  end)
end

--- Takes an invitation back: its link dies.
---@return true? ok
---@return kit.Error? err
function invitations.revoke(user, organization_id, id)
  local organization = store.find(organization_id)
  if not organization then return nil, errors.not_found("organization", organization_id) end
  local ok, err = policy.need_members(user, organization)
  if not ok then return nil, err end
  return transaction.run(function()
    if not id or people.revoke_invitation(organization.id, id) == 0 then return nil, errors.not_found("invitation", id) end
    audit.write("organization.invite_revoke", "organization", organization.id, {})
    return true
  end)
end

local function dead_link()
  return errors.new(410, "link_expired", "Приглашение уже использовано, отозвано или устарело. Попросите прислать новое.")
end

--- Whose link this is.
---@return table? invitation
---@return kit.Error? err 410
function invitations.find(token)
  local row = people.find_invitation(crypto.sha256(token))
  if not row or row.organization_state ~= "active" then return nil, dead_link() end
  row.has_account = accounts.is_known(row.email)
  return row
end

local function take(invitation, user)
  if not people.take_invitation(invitation.id, user.id) then return nil, dead_link() end
  local organization = store.find(invitation.organization_id)
  local id, err = members.start(organization, user.id, invitation.capacity, invitation.post, user)
  if not id then return nil, err end
  audit.write("organization.invite_accept", "organization", organization.id, { email = { "", invitation.email } })
  outbox.emit("organization.invite_accept", nil, { organization_id = tostring(organization.id), user_id = tostring(user.id) })
  return true
end

--- Accepts as somebody logged in.
---@return table? invitation
---@return kit.Error? err
function invitations.accept(user, token)
  local invitation, err = invitations.find(token)
  if not invitation then return nil, err end
  return transaction.run(function()
    local ok, refused = take(invitation, user)
    if not ok then return nil, refused end
    return invitation
  end)
end

--- Accepts as a newcomer: the link has proved the address, the account is active at once.
---@param input table values of fields.ACCEPT
---@return table? invitation
---@return kit.Error? err
function invitations.accept_new(token, input)
  local invitation, err = invitations.find(token)
  if not invitation then return nil, err end
  if invitation.has_account then return nil, errors.conflict("known_address", "У этого адреса уже есть учётная запись. Войдите в неё.") end
  return transaction.run(function()
    local user_id, refused = accounts.add_invited({ email = invitation.email, last_name = input.last_name, first_name = input.first_name,
      password = input.password })
    if not user_id then return nil, refused end
    local request = context.get()
    local guest = request.user
    request.user = { id = user_id, email = invitation.email, is_guest = false, grants = {} } -- the journal names who came in
    local ok, fault = take(invitation, request.user)
    request.user = guest
    if not ok then return nil, fault end
    return invitation
  end)
end

return invitations
