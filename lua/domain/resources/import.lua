--- Resources from a table (XLSX, CSV): a dry run gives each row its verdict and changes nothing; the run itself does the same rows, each
--- in a transaction of its own, as a job. A row that finds its card (kind.match) changes it, another makes one.
local audit = require("kit.audit")
local core_db = require("core.db")
local errors = require("kit.errors")
local extras = require("domain.resources.store_extras")
local fields = require("domain.resources.fields")
local file = require("kit.file")
local files = require("core.files")
local job = require("kit.job")
local kinds = require("domain.resources.kinds")
local policy = require("domain.resources.policy")
local service = require("domain.resources.service")
local session = require("kit.session")
local sheet_reader = require("kit.sheet_reader")
local store = require("domain.resources.store")
local text = require("core.text")
local transaction = require("kit.transaction")
local import = {}

local JOB = "resources.import"
import.MAX_BYTES = 20 << 20
local SHOWN = 500 -- rows of the report that are kept; the counts are of all

local function need(user, kind)
  local own = policy.own_organization(user)
  return policy.need_manage(user, kind, { organization_id = own })
end

--- Keeps the table and queues a dry run.
---@return integer? job_id
---@return kit.Error? err
function import.upload(user, kind, upload)
  local ok, err = need(user, kind)
  if not ok then return nil, err end
  if not upload then return nil, errors.invalid("file", "required", "Выберите файл таблицы.") end
  local stored
  stored, err = file.store(upload, { accept = { "xlsx", "csv" }, max_bytes = import.MAX_BYTES, user_id = user.id })
  if not stored then return nil, err end
  return import.enqueue(user, kind.code, stored, true)
end

--- Queues a run of a table that is kept.
function import.enqueue(user, code, stored, is_dry)
  return job.enqueue(JOB, { kind = code, file_id = stored.id, name = stored.name, is_dry = is_dry, user_id = user.id, grant_id = user.grant.id },
    { priority = 90, max_attempts = 3 })
end

-- ---- a row

local function folded(value) return text.fold(text.trim(tostring(value))) end

-- «Сварочные технологии» or its code → the value of the choice.
local function choice(memo, ref, organization_id, typed)
  local key = ref .. ":" .. organization_id
  if not memo[key] then
    memo[key] = {}
    for _, row in ipairs(store.choices(ref, organization_id)) do
      memo[key][folded(row.value)], memo[key][folded(row.label)] = row.value, row.value
      local short = row.label:match("^(.-), ") -- sites and rooms by their names alone
      if short and not memo[key][folded(short)] then memo[key][folded(short)] = row.value end
    end
  end
  return memo[key][folded(typed)]
end

local function choices(memo, field, organization_id, typed)
  local list = {}
  for part in (typed .. ";"):gmatch("(.-);") do
    if part:find("%S") then
      local value = choice(memo, field.ref, organization_id, part)
      if not value then return nil, part end
      list[#list + 1] = value
    end
  end
  return list
end

--- What a row says, without what its schema put for empty cells: those leave a card as it is.
---@param row table of kit.sheet_reader
---@return table<string, any> given
function import.given(row)
  local given = {}
  for name, value in pairs(row.input) do
    if (row.typed[name] or "") ~= "" then given[name] = value end
  end
  return given
end

-- The row as the input of the service: words become keys.
local function input_of(kind, row, organization_id, memo)
  local input, given = {}, import.given(row)
  for _, field in ipairs(kind.fields) do
    local value, missing = given[field.name], nil
    if value ~= nil and field.ref and field.type == "list" then
      value, missing = choices(memo, field, organization_id, value)
    elseif value ~= nil and field.ref and field.ref ~= "zone" then
      local known = choice(memo, field.ref, organization_id, value)
      value, missing = known, not known and value or nil
    end
    if missing then return nil, errors.invalid(field.name, "unknown", ("«%s» не найдено."):format(missing)) end
    input[field.name] = value
  end
  return input
end

local function organization_of(user, row)
  local given
  if row.organization_inn then
    given = store.organization_of_inn(row.organization_inn)
    if not given then return nil, errors.invalid("organization_inn", "unknown", "Организации-партнёра с таким ИНН нет.") end
  end
  return service.organization_for(user, given and given.id)
end

local function known_card(kind, organization_id, input)
  if not kind.is_person then return store.match(kind, organization_id, input) end
  local person = input.snils and store.person_of_snils(input.snils)
  return person and store.staff_card(person.id, organization_id)
end

-- Faults that only the service sees, without writing: the run itself would meet them too.
local function try_extras(kind, input)
  if kind.check then
    local fault
    kind.check(input, function(name, message) fault = fault or errors.invalid(name, "invalid", message) end)
    if fault then return fault end
  end
  for _, field in ipairs(kind.fields) do
    if field.extra and input[field.name] ~= nil then
      local _, words = extras[field.extra].parse(input[field.name])
      if words then return errors.invalid(field.name, "invalid", words .. ".") end
    end
  end
end

local function key_of(kind, organization_id, input)
  local parts = { tostring(organization_id) }
  for _, name in ipairs(kind.match or { "snils", "last_name", "first_name", "middle_name" }) do parts[#parts + 1] = folded(input[name] or "") end
  return table.concat(parts, "\0")
end

-- A change names what the table says; what it leaves empty stays.
local function apply(user, kind, card, input, organization_id, memo)
  if not card then
    input.organization_id = organization_id
    return service.create(user, kind, input, memo)
  end
  local changes = {}
  for name, value in pairs(input) do
    if value ~= core_db.null and not kind.by_name[name].on_create then changes[name] = value end
  end
  return service.save(user, kind, card.id, changes)
end

local function run_row(run, row)
  if row.err then return nil, row.err end
  local organization_id, err = organization_of(run.user, row.input)
  if not organization_id then return nil, err end
  local input
  input, err = input_of(run.kind, row, organization_id, run.memo)
  if not input then return nil, err end
  local key = key_of(run.kind, organization_id, input)
  if run.seen[key] then return nil, errors.invalid(run.kind.fields[1].name, "twice", ("Это уже было в строке %d."):format(run.seen[key])) end
  run.seen[key] = row.number
  local card = known_card(run.kind, organization_id, input)
  err = try_extras(run.kind, input)
  if err then return nil, err end
  if not run.is_dry then
    local ok
    ok, err = apply(run.user, run.kind, card, input, organization_id, run.choices)
    if not ok then return nil, err end
  end
  return card and "changed" or "new"
end

local WORDS = { new = "новая карточка", changed = "изменит карточку" }

local function note(report, kind, row, verdict, err)
  report.total = report.total + 1
  local count = verdict or "wrong"
  report.counts[count] = (report.counts[count] or 0) + 1
  -- Wrong rows matter most: good ones beyond the kept number are only counted.
  if #report.rows >= SHOWN * (verdict and 1 or 2) then return end
  local fault = err and err.fields and err.fields[1]
  table.insert(report.rows, { number = row.number, name = row.typed.name or row.typed.last_name or "", verdict = count,
    text = verdict and WORDS[verdict] or fault and ("%s: %s"):format(kinds.label(kind, fault.field), fault.message) or err.text })
end

local function run_job(payload)
  local user, kind = session.current(), kinds.BY_CODE[payload.kind]
  local ok, err = need(user, kind)
  if not ok then return nil, err end
  local stored = file.find(math.tointeger(tonumber(payload.file_id)))
  if not stored then return { fault = "Файл не сохранился. Загрузите его снова." } end
  local sheet
  sheet, err = sheet_reader.open(files.path(stored.sha256), fields.IMPORT[kind.code], { max_rows = fields.IMPORT_ROWS_MAX })
  if not sheet then return { fault = err.text, kind = kind.code } end
  local run = { user = user, kind = kind, is_dry = payload.is_dry, memo = {}, choices = {}, seen = {} }
  local report = { total = 0, counts = {}, rows = {}, is_dry = payload.is_dry, file_id = stored.id, name = stored.name, kind = kind.code, unknown = sheet.unknown }
  for row in sheet:rows() do
    local verdict, refused = run_row(run, row)
    note(report, kind, row, verdict, refused)
    if report.total % 20 == 0 then job.progress(report.total, report.total, ("Прочитано строк: %d"):format(report.total)) end
    if job.is_stopping() then break end
  end
  report.fault = sheet.err and sheet.err.text
  if not payload.is_dry then
    transaction.run(function()
      audit.write("resource.import", "file", stored.id, { new = { "", tostring(report.counts.new or 0) }, filter = { "", stored.name } })
      return true
    end)
  end
  return report
end

--- The user's own run, with its report.
---@return table? job
---@return kit.Error? err
function import.find(user, kind, id)
  local found, err = job.find(id or 0)
  if not found then return nil, err end
  if found.kind ~= JOB or found.created_by ~= user.id then return nil, errors.not_found("job", id) end
  if found.result and found.result.kind and found.result.kind ~= kind.code then return nil, errors.not_found("job", id) end
  return found
end

--- Runs for good what a dry run has checked.
---@return integer? job_id
---@return kit.Error? err
function import.confirm(user, kind, id)
  local found, err = import.find(user, kind, id)
  if not found then return nil, err end
  if found.state ~= "done" or not found.result or not found.result.is_dry then
    return nil, errors.conflict("wrong_state", "Сначала дождитесь проверки таблицы.")
  end
  return import.enqueue(user, kind.code, { id = found.result.file_id, name = found.result.name }, false)
end

import.jobs = { [JOB] = run_job }

return import
