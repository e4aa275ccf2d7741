--- «Мои данные»: what is kept, exports, who looked, correction, being forgotten.
local audit = require("kit.audit")
local errors = require("kit.errors")
local file = require("kit.file")
local job = require("kit.job")
local mail = require("kit.mail")
local outbox = require("kit.outbox")
local pdf = require("kit.pdf")
local policy = require("domain.privacy.policy")
local present = require("domain.privacy.present")
local setting = require("kit.setting")
local store = require("domain.privacy.store")
local transaction = require("kit.transaction")
local service = {}

local ANSWER_DAYS = 10 -- working days, 152-ФЗ
local FILES = { accept = { "application/pdf", "image/jpeg", "image/png" }, max_bytes = 10 << 20 }
service.FILE_MAX_BYTES = FILES.max_bytes
local UUID = "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$"

local function need_person(user)
  if user.person_id then return true end
  return nil, errors.not_found("person")
end

--- What is kept of the user.
---@return table? data group → object or array
---@return kit.Error? err
function service.data(user)
  local ok, err = need_person(user)
  if not ok then return nil, err end
  return store.data(user.person_id, user.id)
end

--- Who looked at the user's special data and papers, and why.
function service.views(user) return user.person_id and store.views(user.person_id) or {} end
function service.requests(user) return user.person_id and store.own_requests(user.person_id) or {} end

--- All of it for taking away; that it was taken is on record.
function service.export(user)
  local data, err = service.data(user)
  if not data then return nil, err end
  audit.write("person.export", "person", user.person_id, {})
  return data
end

--- A job makes the PDF.
---@return integer? job_id
---@return kit.Error? err
function service.ask_pdf(user)
  local ok, err = need_person(user)
  if not ok then return nil, err end
  return transaction.run(function()
    audit.write("person.export", "person", user.person_id, {})
    return job.enqueue("privacy.pdf", { owner_id = user.id, person_id = user.person_id, user_id = user.id, grant_id = user.grant and user.grant.id },
      { key = "privacy.pdf:" .. user.id, max_attempts = 3 })
  end)
end

service.jobs = {
  ["privacy.pdf"] = function(payload)
    local data = store.data(payload.person_id, payload.owner_id)
    return { file_id = pdf.make("Мои данные", "privacy/print", { groups = present.groups(data) }).public_id }
  end,
}

-- ---- requests

--- Asks the staff to correct what the person cannot change himself.
---@return true? ok
---@return kit.Error? err
function service.ask_correction(user, input, upload)
  local ok, err = need_person(user)
  if not ok then return nil, err end
  local stored
  if upload and upload.size > 0 then
    stored, err = file.store(upload, { accept = FILES.accept, max_bytes = FILES.max_bytes, user_id = user.id })
    if not stored then return nil, err end
  end
  return transaction.run(function()
    local row = store.insert_request({ kind = "correction", person_id = user.person_id, user_id = user.id, text = input.text,
      file_id = stored and stored.id, days = ANSWER_DAYS })
    audit.write("data_request.correction", "data_request", row.id, {})
    outbox.emit("data_request.created", nil, { id = tostring(row.id) })
    return true
  end)
end

local function obstacle(ties)
  if ties.has_open then
    return errors.rule("still_open", "Есть заявки или обучение, которые ещё идут. Отзовите заявки или дождитесь конца обучения.", "nothing_is_open")
  end
  if ties.has_office then
    return errors.rule("has_office", "Учётную запись сотрудника или преподавателя сначала закрывает администратор.", "has_no_office")
  end
  if ties.is_curator then
    return errors.rule("is_curator", "Вы куратор организации. Сначала передайте её другому.", "is_no_curator")
  end
end

--- What would stay, before anything is asked.
function service.ties(user) return store.ties(user.person_id, user.id) end

--- Asks to be forgotten: after the days of the setting, if not taken back.
---@return table? request {due_at}
---@return kit.Error? err
function service.ask_erasure(user, input)
  local ok, err = need_person(user)
  if not ok then return nil, err end
  if not input.agree then return nil, errors.invalid("agree", "required", "Отметьте, что понимаете: удаление нельзя отменить.") end
  err = obstacle(service.ties(user))
  if err then return nil, err end
  return transaction.run(function()
    local row, refused = store.insert_request({ kind = "erasure", person_id = user.person_id, user_id = user.id, days = setting.get("privacy.erasure_days") })
    if not row then
      return nil, refused.constraint and errors.conflict("already_asked", "Запрос на удаление уже есть.") or refused
    end
    audit.write("data_request.erasure", "data_request", row.id, {})
    outbox.emit("data_request.created", nil, { id = tostring(row.id) })
    mail.send("erasure_asked", user.email, { due_at = row.due_at })
    return row
  end)
end

--- Takes a request back while nothing was done.
---@return true? ok
---@return kit.Error? err
function service.cancel(user, public_id)
  return transaction.run(function()
    local request = public_id:find(UUID) and store.lock_request(public_id)
    if not request or request.person_id ~= user.person_id then return nil, errors.not_found("data_request", public_id) end
    if request.state ~= "pending" then return nil, errors.conflict("wrong_state", "По этому запросу уже решили.") end
    store.decide(request.id, "cancelled", nil, user.id)
    audit.write("data_request.cancel", "data_request", request.id, {})
    return true
  end)
end

--- Requests of all, for those who answer them.
---@return table? page {rows, next_cursor}
---@return kit.Error? err
function service.list(user, input)
  local ok, err = policy.need_requests(user)
  if not ok then return nil, err end
  local rows, next_cursor = store.LIST:page({ filters = { state = input.state }, cursor = input.cursor, limit = input.limit })
  if not rows then return nil, next_cursor end
  return { rows = rows, next_cursor = next_cursor }
end

--- Answers a request for correction. Being forgotten is not decided: it happens, or is taken back.
---@return true? ok
---@return kit.Error? err
function service.decide(user, public_id, input)
  local ok, err = policy.need_decide(user)
  if not ok then return nil, err end
  if input.verdict == "rejected" and not (input.reason or ""):find("%S") then
    return nil, errors.invalid("reason", "reason_required", "Напишите, почему отказано: человек увидит ответ.")
  end
  return transaction.run(function()
    local request = public_id:find(UUID) and store.lock_request(public_id)
    if not request then return nil, errors.not_found("data_request", public_id) end
    if request.state ~= "pending" or request.kind ~= "correction" then
      return nil, errors.conflict("wrong_state", "По этому запросу решать нечего.")
    end
    store.decide(request.id, input.verdict, input.reason, user.id)
    audit.write("data_request." .. input.verdict, "data_request", request.id, {}, input.reason)
    if request.email then mail.send("correction_answered", request.email, { is_done = input.verdict == "done", reason = input.reason }) end
    return true
  end)
end

-- ---- being forgotten

local function erase(public_id)
  local request = store.lock_request(public_id)
  if request.state ~= "pending" then return true end
  local ties = store.ties(request.person_id, request.user_id)
  local err = obstacle(ties)
  if err then
    store.decide(request.id, "rejected", err.text, nil)
    if request.email then mail.send("erasure_refused", request.email, { reason = err.text }) end
    return true
  end
  for _, row in ipairs(store.loose_files(request.person_id)) do
    if row.file_id then file.delete(row.file_id) end
  end
  store.erase(request.person_id, request.user_id, ties.has_training)
  store.decide(request.id, "done", ties.has_training and "Имя и данные для документов об обучении сохранены по закону" or nil, nil)
  audit.write("person.erase", "person", request.person_id, { kept = { "", ties.has_training and "документы об обучении" or "ничего" } })
  outbox.emit("person.erased", nil, { person_id = tostring(request.person_id) })
  return true
end

--- Timer: those whose days are over.
function service.erase_due()
  for _, row in ipairs(store.due_erasures()) do transaction.run(function() return erase(row.public_id) end) end
  return true
end

--- May the user read this file? Whose request it belongs to, and whoever answers it.
function service.may_read_file(user, file_id)
  local owner = store.owner_of_file(file_id)
  if not owner then return false end
  return owner.person_id == user.person_id or policy.need_requests(user) ~= nil
end

return service
