--- Documents of an application: sent by the applicant, judged by the clerk.
local access = require("kit.access")
local audit = require("kit.audit")
local errors = require("kit.errors")
local fields = require("domain.applications.fields")
local file = require("kit.file")
local outbox = require("kit.outbox")
local policy = require("domain.applications.policy")
local store = require("domain.applications.store")
local transaction = require("kit.transaction")
local documents = {}

-- While nobody has decided, papers may come and be replaced.
local OPEN = { draft = true, submitted = true, in_review = true, docs_required = true, docs_review = true }
local REPLACEABLE = { asked = true, new = true, rejected = true }

local function check_open(application, user)
  if not policy.is_own(application, user) then
    return errors.forbidden("Документы прикладывает сам заявитель.")
  end
  if not OPEN[application.state] then
    return errors.conflict("wrong_state", "Решение по заявке принято: документы больше не меняют.", { state = application.state })
  end
end

local function record(application, action, document_id, diff)
  audit.write("application." .. action, "application", application.id, diff)
  outbox.emit("application." .. action, nil, { application_id = application.public_id, document_id = tostring(document_id) })
end

local function title_of(kind, title)
  if title and title ~= "" then return title end
  for _, known in ipairs(store.document_kinds()) do
    if known.value == kind then return known.label end
  end
  return "Документ"
end

local function add(application, input, stored, user)
  local title = title_of(input.kind, input.title)
  local row = store.insert_document(application.id, {
    kind = input.kind or "other", title = title, is_required = false, file_id = stored.id,
  }, user.id)
  record(application, "document_add", row.id, { document = { "", title } })
  return row.id
end

local function replace(application, document_id, stored, user)
  local document = store.lock_document(application.id, document_id)
  if not document then return nil, errors.not_found("document", document_id) end
  if not REPLACEABLE[document.state] then
    return nil, errors.conflict("document_confirmed", "Документ уже принят, заменить его нельзя.")
  end
  store.replace_document(document.id, stored.id, user.id)
  record(application, "document_send", document.id, { document = { document.title, stored.name } })
  return document.id
end

--- Takes a file from the applicant: an answer to a request, a replacement, or a paper of his own choice.
---@param application table the user's own
---@param upload table of request:file()
---@param input {document_id: integer?, kind: string?, title: string?}
---@return table? document
---@return kit.Error? err
function documents.send(user, application, upload, input)
  local refused = check_open(application, user)
  if refused then return nil, refused end
  local stored, err = file.store(upload, { accept = fields.FILE_TYPES, max_bytes = fields.FILE_MAX_BYTES, user_id = user.id })
  if not stored then return nil, err end
  return transaction.run(function()
    store.lock(application.id) -- no decision and no second upload meanwhile
    local id, fault
    if input.document_id then
      id, fault = replace(application, input.document_id, stored, user)
    else
      id = add(application, input, stored, user)
    end
    if not id then return nil, fault end
    return store.lock_document(application.id, id)
  end)
end

--- Takes a paper out of a draft.
function documents.remove(user, application, document_id)
  local refused = check_open(application, user)
  if refused then return nil, refused end
  return transaction.run(function()
    local document = store.lock_document(application.id, document_id)
    if not document then return nil, errors.not_found("document", document_id) end
    if application.state ~= "draft" or document.state ~= "new" then
      return nil, errors.conflict("wrong_state", "Поданную заявку уже смотрят: документ можно заменить, но не убрать.")
    end
    store.remove_document(document.id)
    record(application, "document_remove", document.id, { document = { document.title, "" } })
    return true
  end)
end

--- Accepts a document, or sends it back with a comment. What was accepted stays accepted.
---@param input {verdict: "confirm"|"reject", comment: string?}
---@return table? document
---@return kit.Error? err
function documents.judge(user, application, document_id, input)
  local ok, err = access.need(user, "application.decide", application)
  if not ok then return nil, err end
  local comment = input.comment ~= "" and input.comment or nil
  if input.verdict == "reject" and not comment then
    return nil, errors.invalid("comment", "required", "Напишите, что не так с документом: заявитель увидит этот текст.")
  end
  return transaction.run(function()
    local document = store.lock_document(application.id, document_id)
    if not document then return nil, errors.not_found("document", document_id) end
    if document.state == "asked" then
      return nil, errors.conflict("not_sent", "Документ ещё не приложен.")
    end
    if document.state == "confirmed" and input.verdict == "reject" then
      return nil, errors.conflict("document_confirmed", "Принятый документ отклонить нельзя.")
    end
    local state = input.verdict == "confirm" and "confirmed" or "rejected"
    store.judge_document(document.id, state, state == "rejected" and comment or nil, user.id)
    record(application, "document_" .. input.verdict, document.id, { document = { document.state, state } })
    return store.lock_document(application.id, document_id)
  end)
end

--- May the user read this file, as a paper of some application?
---@return boolean
function documents.may_read_file(user, file_id)
  local application = store.find_by_file(file_id)
  if not application then return false end
  return policy.is_own(application, user)
    or (application.state ~= "draft" and policy.can_see_applicant(user, application))
end

return documents
