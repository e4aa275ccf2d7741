--- Many users from a table (XLSX, CSV): a dry run gives each row its verdict and changes nothing; the run itself does the same rows,
--- each in a transaction of its own, as a job. The report is kept with the job.
local audit = require("kit.audit")
local errors = require("kit.errors")
local fields = require("domain.users.fields")
local file = require("kit.file")
local files = require("core.files")
local invite = require("domain.users.invite")
local job = require("kit.job")
local policy = require("domain.users.policy")
local roles = require("kit.roles")
local service = require("domain.users.service")
local session = require("kit.session")
local sheet_reader = require("kit.sheet_reader")
local store = require("domain.users.store")
local text = require("core.text")
local transaction = require("kit.transaction")
local import = {}

local JOB = "users.import"
import.MAX_BYTES = 20 << 20
local SHOWN = 500 -- rows of the report that are kept; the counts are of all

--- Keeps the table and queues a dry run.
---@return integer? job_id
---@return kit.Error? err
function import.upload(user, upload)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  if not upload then return nil, errors.invalid("file", "required", "Выберите файл таблицы.") end
  local stored
  stored, err = file.store(upload, { accept = { "xlsx", "csv" }, max_bytes = import.MAX_BYTES, user_id = user.id })
  if not stored then return nil, err end
  return import.enqueue(user, stored, true)
end

--- Queues a run of a table that is kept.
function import.enqueue(user, stored, is_dry)
  return job.enqueue(JOB, { file_id = stored.id, name = stored.name, is_dry = is_dry, user_id = user.id, grant_id = user.grant.id },
    { priority = 90, max_attempts = 3 })
end

-- A role is named by its code or by its word.
local function role_of(typed)
  local wanted = text.fold(text.trim(typed))
  for _, role in ipairs(roles.state().order) do
    if role.kind == "role" and not role.archived_at and (role.code == wanted or text.fold(role.name) == wanted) then return role end
  end
end

-- The row as an invitation: role by its word, organisation by its ИНН.
local function input_of(row)
  local role = role_of(row.role)
  if not role then return nil, errors.invalid("role", "unknown", ("Роли «%s» нет."):format(row.role)) end
  local organization = row.inn and store.organization_of_inn(row.inn)
  if row.inn and not organization then return nil, errors.invalid("inn", "unknown", "Организации с таким ИНН нет. Заведите её сначала.") end
  return { email = row.email, last_name = row.last_name, first_name = row.first_name, middle_name = row.middle_name, snils = row.snils,
    role = role.code, organization_id = organization and organization.id, valid_to = row.valid_to }
end

-- "new", "role" (a known account gets the role), "same" (nothing to do); or nil, err.
local function decide(input)
  local err = service.check_grant(input)
  if err then return nil, err end
  local known = store.find_by_email(input.email)
  if not known then return "new" end
  for _, grant in ipairs(store.grants(known.id)) do
    local is_same = grant.role == input.role and grant.organization_id == (roles.find(input.role).needs_organization and input.organization_id or nil)
    if is_same and (grant.is_in_force or grant.is_to_come) then return "same", known end
  end
  return "role", known
end

local function apply(user, verdict, known, input)
  if verdict == "new" then return invite.create(user, input) end
  if verdict == "role" then return service.grant(user, known, input) end
  return true
end

local WORDS = { new = "будет приглашён", role = "получит ещё роль", same = "уже есть, без изменений" }

local function run_row(user, row, is_dry, seen)
  if row.err then return nil, row.err end
  if seen[row.input.email:lower()] then return nil, errors.invalid("email", "twice", "Эта почта уже была выше. Роли одного человека загружайте по одной.") end
  seen[row.input.email:lower()] = true
  local input, err = input_of(row.input)
  if not input then return nil, err end
  local verdict, known = decide(input)
  if not verdict then return nil, known end
  if not is_dry then
    local ok
    ok, err = apply(user, verdict, known, input)
    if not ok then return nil, err end
  end
  return verdict
end

local function note(report, row, verdict, err)
  report.total = report.total + 1
  local count = verdict or "wrong"
  report.counts[count] = (report.counts[count] or 0) + 1
  -- Wrong rows matter most: good ones beyond the kept number are only counted.
  if #report.rows >= SHOWN and verdict then return end
  if #report.rows >= SHOWN * 2 then return end
  table.insert(report.rows, { number = row.number, email = row.typed.email, name = row.typed.last_name, verdict = count,
    text = verdict and WORDS[verdict] or err.text, fields = err and err.by_field or nil })
end

local function run(payload)
  local user = session.current()
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  local stored = file.find(math.tointeger(tonumber(payload.file_id)))
  if not stored then return { fault = "Файл не сохранился. Загрузите его снова." } end
  local sheet
  sheet, err = sheet_reader.open(files.path(stored.sha256), fields.IMPORT, { max_rows = fields.IMPORT_ROWS_MAX })
  if not sheet then return { fault = err.text } end
  local report, seen = { total = 0, counts = {}, rows = {}, is_dry = payload.is_dry, file_id = stored.id, name = stored.name }, {}
  for row in sheet:rows() do
    local verdict, refused = run_row(user, row, payload.is_dry, seen)
    note(report, row, verdict, refused)
    if report.total % 20 == 0 then job.progress(report.total, report.total, ("Прочитано строк: %d"):format(report.total)) end
    if job.is_stopping() then break end
  end
  report.fault = sheet.err and sheet.err.text
  if not payload.is_dry then
    transaction.run(function()
      audit.write("user.import", "file", stored.id, { persons = { "", tostring(report.counts.new or 0) }, filter = { "", stored.name } })
      return true
    end)
  end
  return report
end

--- The user's own run, with its report.
---@return table? job
---@return kit.Error? err
function import.find(user, id)
  local found, err = job.find(id or 0)
  if not found then return nil, err end
  if found.kind ~= JOB or found.created_by ~= user.id then return nil, errors.not_found("job", id) end
  return found
end

--- Runs for good what a dry run has checked.
---@return integer? job_id
---@return kit.Error? err
function import.confirm(user, id)
  local found, err = import.find(user, id)
  if not found then return nil, err end
  if found.state ~= "done" or not found.result or not found.result.is_dry then
    return nil, errors.conflict("wrong_state", "Сначала дождитесь проверки таблицы.")
  end
  return import.enqueue(user, { id = found.result.file_id, name = found.result.name }, false)
end

import.jobs = { [JOB] = run }

return import
