--- Contacts and agreements of an organisation.
local audit = require("kit.audit")
local errors = require("kit.errors")
local fields = require("domain.organizations.fields")
local file = require("kit.file")
local policy = require("domain.organizations.policy")
local store = require("domain.organizations.store")
local papers_store = require("domain.organizations.store_papers")
local transaction = require("kit.transaction")
local papers = {}

local function with(user, id, need, fn)
  local organization = id and store.find(id)
  if not organization then return nil, errors.not_found("organization", id) end
  local ok, err = need(user, organization)
  if not ok then return nil, err end
  return transaction.run(function() return fn(organization) end)
end

function papers.add_contact(user, id, input)
  return with(user, id, policy.need_edit, function(organization)
    local row = papers_store.insert_contact(organization.id, input, user.id)
    audit.write("organization.contact_add", "organization", organization.id, { name = { "", input.name } })
    return row
  end)
end

function papers.remove_contact(user, id, contact_id)
  return with(user, id, policy.need_edit, function(organization)
    local row = contact_id and papers_store.delete_contact(organization.id, contact_id)
    if not row then return nil, errors.not_found("contact", contact_id) end
    audit.write("organization.contact_remove", "organization", organization.id, { name = { row.name, "" } })
    return true
  end)
end

local function need_moderate(user) return policy.need_moderate(user) end

--- Agreements are kept by the staff. The file is optional.
---@param upload table? of request:file()
function papers.add_agreement(user, id, input, upload)
  local ok, err = policy.need_moderate(user)
  if not ok then return nil, err end
  if input.valid_to and input.valid_to < input.signed_on then
    return nil, errors.invalid("valid_to", "before_start", "Соглашение не может кончиться раньше, чем подписано.")
  end
  local stored
  if upload and upload.size > 0 then
    stored, err = file.store(upload, { accept = fields.FILE_TYPES, max_bytes = fields.FILE_MAX_BYTES, user_id = user.id })
    if not stored then return nil, err end
  end
  return with(user, id, need_moderate, function(organization)
    local row, refused = papers_store.insert_agreement(organization.id, input, stored and stored.id, user.id)
    if not row then
      if refused.constraint then return nil, errors.invalid("number", "taken", "Соглашение с этим номером и датой уже есть.") end
      return nil, refused
    end
    audit.write("organization.agreement_add", "organization", organization.id, { number = { "", input.number } })
    return row
  end)
end

function papers.end_agreement(user, id, agreement_id)
  return with(user, id, need_moderate, function(organization)
    local row = agreement_id and papers_store.end_agreement(organization.id, agreement_id, user.id)
    if not row then return nil, errors.not_found("agreement", agreement_id) end
    audit.write("organization.agreement_end", "organization", organization.id, { number = { row.number, "" } })
    return true
  end)
end

--- May the user read this file? It must be the paper of an agreement that he may see.
function papers.may_read_file(user, file_id)
  local owner = papers_store.owner_of_file(file_id)
  return owner ~= nil and policy.need_read(user, { id = owner.organization_id, organization_id = owner.organization_id }) ~= nil
end

return papers
