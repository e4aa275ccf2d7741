--- Templates of letters: the shipped ones, and what an administrator has published over them (kit.published).
local audit = require("kit.audit")
local book = require("kit.letter_book")
local errors = require("kit.errors")
local letter = require("kit.letter")
local mail = require("kit.mail")
local policy = require("domain.mail_templates.policy")
local published = require("kit.published")
local transaction = require("kit.transaction")
local service = {}

local FOLDER = "views/mail/"
local CHECK = "Проверка: "
local LABELS = { subject = "Тема", text = "Текст" }

--- All kinds, each with what is published over it.
---@return {kind: kit.LetterKind, subject: string, own: table?}[]? list
---@return kit.Error? err
function service.list(user)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  local own, list = {}, {}
  for _, file in ipairs(published.list(FOLDER)) do own[file.path] = file end
  for index, kind in ipairs(book.all()) do
    list[index] = { kind = kind, subject = (letter.parts(kind.source)), own = own[book.path(kind.id)] }
  end
  return list
end

local function find(user, id)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  local kind = book.kind(id)
  if not kind then return nil, errors.not_found("page", id) end
  return kind
end

--- A letter: what is in force, or as a former version had it.
---@param change_id integer? id of a version
---@return {kind: kit.LetterKind, subject: string, text: string, own: table?, version: integer, is_former: boolean}? found
---@return kit.Error? err
function service.get(user, id, change_id)
  local kind, err = find(user, id)
  if not kind then return nil, err end
  local path = book.path(id)
  local own = published.find(path)
  local source = change_id and published.former(path, change_id)
  if change_id and not source then return nil, errors.not_found("page", change_id) end
  local subject, text = letter.parts(source or own and own.content or kind.shipped)
  return { kind = kind, subject = subject, text = text, own = own, version = own and own.version or 0, is_former = change_id ~= nil }
end

--- Versions of a letter, newest first; refused ones, too.
---@return table[]
function service.versions(id) return published.history(book.path(id)) end

local function in_words(fault)
  return fault.field == "subject" and fault.text or ("строка %d: %s"):format(fault.line, fault.text)
end

-- Every fault beside its field; lines are those of the text as typed.
local function refusal(faults)
  local by_field, list = {}, {}
  for _, fault in ipairs(faults) do
    by_field[fault.field] = by_field[fault.field] or {}
    table.insert(by_field[fault.field], in_words(fault))
  end
  for _, field in ipairs({ "subject", "text" }) do
    if by_field[field] then list[#list + 1] = { field = field, label = LABELS[field], code = "template", message = table.concat(by_field[field], "; ") } end
  end
  return errors.invalid(list)
end

local function compile(id, input)
  local template, faults = book.compile(id, input.subject, input.text)
  if not template then return nil, refusal(faults) end
  return template
end

--- The letter with sample values.
---@return kit.MailContent? content
---@return kit.Error? err 422 names the line
function service.preview(user, id, input)
  local kind, err = find(user, id)
  local template
  if kind then template, err = compile(id, input) end
  if not template then return nil, err end
  return mail.content(template, book.sample(id))
end

--- Sends the letter with sample values to whoever asks.
---@return string? address
---@return kit.Error? err
function service.send_test(user, id, input)
  local content, err = service.preview(user, id, input)
  if not content then return nil, err end
  if not user.email then return nil, errors.conflict("no_email", "У вас не указана почта: задайте адрес в разделе «Безопасность».") end
  content.subject = CHECK .. content.subject
  transaction.run(function()
    mail.put(id, user.email, content)
    audit.write("mail.test", "mail_template", nil, { letter = { "", id } })
    return true
  end)
  return user.email
end

local function normal(text) return (text:gsub("\r\n?", "\n"):gsub("%s+$", "")) end

local function summary(kind, action, reason) return ("Письмо «%s»: %s"):format(kind.label, action and action .. ". " .. reason or reason) end

--- Puts a template in force on all nodes.
---@param input {subject: string, text: string, reason: string, version: integer}
---@return table? change
---@return kit.Error? err 422 names the line; 409 somebody was faster
function service.publish(user, id, input)
  local kind, err = find(user, id)
  local template
  if kind then template, err = compile(id, input) end
  if not template then return nil, err end
  local content = ("%s\n\n%s\n"):format(input.subject:gsub("[\r\n]+", " "), normal(input.text))
  return published.put(summary(kind, nil, input.reason), { { path = book.path(id), content = content, version = input.version } })
end

--- Takes the published template back: the shipped one, or that of the region's directory, is in force again.
---@param input {reason: string, version: integer}
---@return table? change
---@return kit.Error? err
function service.reset(user, id, input)
  local kind, err = find(user, id)
  if not kind then return nil, err end
  if input.version == 0 then return nil, errors.conflict("nothing", "Письмо и так из поставки.") end
  return published.put(summary(kind, "возврат к поставке", input.reason), { { path = book.path(id), version = input.version } })
end

return service
