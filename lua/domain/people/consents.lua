--- Consents: by kind and wording, given and withdrawn by the person, by a guardian, or on paper by the staff. What a withdrawal
--- stops happens in its transaction: other modules hook "consent.withdraw".
local audit = require("kit.audit")
local checks = require("kit.checks")
local clock = require("core.clock")
local errors = require("kit.errors")
local file = require("kit.file")
local lookup = require("kit.lookup")
local outbox = require("kit.outbox")
local policy = require("domain.people.policy")
local settings = require("core.settings")
local store = require("domain.people.store_consents")
local transaction = require("kit.transaction")
local workflow = require("kit.workflow")
local rules = lookup.module("rules.consents")
local consents = {}

consents.KINDS = rules.order
local FILES = { accept = { "application/pdf", "image/jpeg", "image/png" }, max_bytes = 10 << 20 }
consents.FILE_MAX_BYTES = FILES.max_bytes

--- The wording in force, with the operator's name in it; nil when there is no such kind.
---@return table? wording {kind, version, title, label, label_minor, purpose, stops, paper_only, text}
function consents.wording(kind)
  local wording, region = type(kind) == "string" and kind ~= "order" and rules[kind], settings.region or {}
  if not wording then return nil end
  local copy = { kind = kind }
  for name, value in pairs(wording) do copy[name] = value end
  copy.text = {}
  for index, line in ipairs(wording.text) do
    copy.text[index] = line:gsub("{(%a+)}", { operator = region.full or region.name or "центр" })
  end
  return copy
end

--- The version in force of a kind.
---@return string?
function consents.version(kind) return rules[kind] and rules[kind].version end

local function unknown() return errors.invalid("kind", "unknown", "Такого согласия нет.") end

local function record(action, row, person_id, kind, more)
  audit.write("consent." .. action, "consent", row.id, more)
  outbox.emit(action == "give" and "consent.given" or "consent.withdrawn", nil, { person_id = tostring(person_id), kind = kind })
end

--- Consent to the current wording, by the person or by a guardian. Inside the caller's transaction or in its own.
---@param kind string
---@return table? result {version}
---@return kit.Error? err
function consents.give(user, person_id, kind)
  local wording = kind ~= "order" and rules[kind]
  if not wording then return nil, unknown() end
  if wording.paper_only then
    return nil, errors.invalid("kind", "paper_only", "Это согласие закон велит дать письменно: подпишите его в центре.")
  end
  local guardian_id = person_id ~= user.person_id and user.person_id or nil
  return transaction.run(function()
    local row = store.give(person_id, kind, wording.version, "web", guardian_id, nil, nil, user.id)
    if row then record("give", row, person_id, kind, { kind = { "", kind }, version = { "", wording.version } }) end
    return { version = wording.version }
  end)
end

--- Takes a consent back; what the law obliges to keep is kept.
---@return true? ok
---@return kit.Error? err 404 when none is in force
function consents.withdraw(user, person_id, kind)
  if not rules[kind] or kind == "order" then return nil, errors.not_found("consent", kind) end
  return transaction.run(function()
    local row = store.withdraw(person_id, kind, user.id)
    if not row then return nil, errors.not_found("consent", kind) end
    record("withdraw", row, person_id, kind, { kind = { kind, "" } })
    return workflow.announce("consent.withdraw", { person_id = person_id, kind = kind, user = user })
  end)
end

--- All kinds for a page: the wording, what is in force, and what was.
---@return {wording: table, current: table?, is_outdated: boolean, past: table[]}[]
function consents.list(person_id)
  local list, by_kind = {}, {}
  for index, kind in ipairs(rules.order) do
    list[index] = { wording = consents.wording(kind), past = {}, is_outdated = false }
    by_kind[kind] = list[index]
  end
  for _, row in ipairs(store.all(person_id)) do
    local entry = by_kind[row.kind]
    if entry and row.state == "given" then
      entry.current, entry.is_outdated = row, row.text_version ~= entry.wording.version
    elseif entry then
      table.insert(entry.past, row)
    end
  end
  return list
end

--- Titles of the consents in force, with the day: {title, given_at}.
function consents.in_force(person_id)
  local list = {}
  for _, entry in ipairs(consents.list(person_id)) do
    if entry.current and not entry.is_outdated then list[#list + 1] = { title = entry.wording.title, given_at = entry.current.given_at } end
  end
  return list
end

-- ---- by the staff

--- The person whose consents the staff keeps.
---@return table? person {id, public_id, name}
---@return kit.Error? err
function consents.person(user, public_id)
  local person = checks.uuid(public_id) and store.person(public_id)
  if not person or not policy.can_keep_papers(user, person) then return nil, errors.not_found("person", public_id) end
  return person
end

--- A paper that was signed: kind, day, scan.
---@param input {kind: string, given_on: string}
---@param upload table? of request:file()
---@return true? ok
---@return kit.Error? err
function consents.enter_paper(user, public_id, input, upload)
  local person, err = consents.person(user, public_id)
  if not person then return nil, err end
  local wording = input.kind ~= "order" and rules[input.kind]
  if not wording then return nil, unknown() end
  if input.given_on > clock.date() then return nil, errors.invalid("given_on", "in_future", "Согласие не может быть подписано в будущем.") end
  if not upload or upload.size == 0 then return nil, errors.invalid("file", "required", "Приложите скан подписанного согласия.") end
  local stored
  stored, err = file.store(upload, { accept = FILES.accept, max_bytes = FILES.max_bytes, user_id = user.id })
  if not stored then return nil, err end
  return transaction.run(function()
    local row = store.give(person.id, input.kind, wording.version, "paper", nil, input.given_on, stored.id, user.id)
    if not row then return nil, errors.conflict("in_force", "Такое согласие уже действует. Сначала отзовите его.") end
    record("give", row, person.id, input.kind, { kind = { "", input.kind }, channel = { "", "paper" } })
    return true
  end)
end

--- A withdrawal that came on paper.
function consents.withdraw_by_staff(user, public_id, kind)
  local person, err = consents.person(user, public_id)
  if not person then return nil, err end
  return consents.withdraw(user, person.id, kind)
end

--- May the user read this scan? The person may, and whoever keeps such papers.
function consents.may_read_file(user, file_id)
  local owner = store.owner_of_file(file_id)
  if not owner then return false end
  return owner.person_id == user.person_id or policy.can_keep_papers(user, { id = owner.person_id })
end

return consents
