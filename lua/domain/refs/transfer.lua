--- Import of a book from a table: first a dry run with a verdict for each row, then the same with writing. Both are jobs.
local audit = require("kit.audit")
local db = require("core.db")
local errors = require("kit.errors")
local fields = require("domain.refs.fields")
local file = require("kit.file")
local files = require("core.files")
local job = require("kit.job")
local json = require("core.json")
local policy = require("domain.refs.policy")
local service = require("domain.refs.service")
local sheet_reader = require("kit.sheet_reader")
local sheet_writer = require("core.sheet")
local store = require("domain.refs.store_items")
local transaction = require("kit.transaction")
local transfer = {}

local JOB = "refs.import"
local BATCH = 500
local MAX_BYTES = 20 * 1024 * 1024
local MAX_ROWS = 100000
local SHOWN = 300 -- verdicts on the page; the file beside it has them all
local XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
local REPORT = { { title = "Строка", width = 8 }, { title = "Код", width = 24 }, { title = "Что будет", width = 16 }, { title = "Подробно", width = 80 } }

--- Puts a file up for a dry run.
---@return integer? job_id
---@return kit.Error? err
function transfer.try(user, code, upload)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  if not upload then return nil, errors.invalid("file", "required", "Выберите файл") end
  local stored
  stored, err = file.store(upload, { accept = { "xlsx", "csv" }, max_bytes = MAX_BYTES })
  if not stored then return nil, err end
  return transaction.run(
    function()
      return job.enqueue(
        JOB,
        { book = code, file_id = stored.id, is_dry = true, user_id = user.id, grant_id = user.grant and user.grant.id },
        { max_attempts = 2, priority = 50 }
      )
    end
  )
end

--- Writes what a dry run has shown.
---@return integer? job_id
---@return kit.Error? err
function transfer.apply(user, code, dry_id)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  local dry
  dry, err = transfer.find(user, dry_id)
  if not dry then return nil, err end
  if dry.state ~= "done" or not dry.result.is_dry or dry.result.book ~= code then
    return nil, errors.conflict("not_checked", "Сначала дождитесь проверки файла.")
  end
  return transaction.run(
    function()
      return job.enqueue(
        JOB,
        { book = code, file_id = dry.result.file_id, is_dry = false, user_id = user.id, grant_id = user.grant and user.grant.id },
        { max_attempts = 2, priority = 50, key = "refs.import:" .. code }
      )
    end
  )
end

--- A run for its page.
---@return table? found job with result {book, is_dry, file_id, counts, verdicts, error?}
---@return kit.Error? err
function transfer.find(user, id)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  local found
  found, err = job.find(id or 0)
  if not found or found.kind ~= JOB then return nil, err or errors.not_found("job", id) end
  return found
end

-- ---- the job

local function note(run, number, code, verdict, words)
  run.report:row({ number, code, fields.VERDICTS[verdict], words or "" })
  run.counts[verdict] = (run.counts[verdict] or 0) + 1
  if verdict ~= "same" and (verdict == "wrong" or #run.verdicts < SHOWN) and #run.verdicts < SHOWN * 2 then
    run.verdicts[#run.verdicts + 1] = { row = number, code = code, verdict = verdict, text = words }
  end
end

local function by_code(book, rows, pick)
  local codes, map = {}, {}
  for _, row in ipairs(rows) do
    codes[#codes + 1] = pick(row)
  end
  if book and #codes > 0 then
    for _, item in ipairs(store.items_of_codes(book, db.array(codes))) do
      map[item.code] = item
    end
  end
  return map
end

local LABELS = {
  name = "название",
  parent = "входит в",
  sort = "порядок",
  valid_from = "действует с",
  valid_to = "действует по",
  external = "внешние коды",
}

-- What would change, in words; nil when nothing.
local function changes(old, item)
  local words = {}
  local new = {
    name = item.name,
    parent = item.parent,
    sort = item.sort,
    valid_from = item.valid_from,
    valid_to = item.valid_to,
    external = service.external_text(item.external),
  }
  local former = {
    name = old.name,
    parent = old.parent,
    sort = old.sort,
    valid_from = old.valid_from,
    valid_to = old.valid_to,
    external = service.external_text(old.external),
  }
  for _, field in ipairs({ "name", "parent", "sort", "valid_from", "valid_to", "external" }) do
    if new[field] ~= former[field] then
      words[#words + 1] = ("%s: %s → %s"):format(LABELS[field], former[field] or "—", new[field] or "—")
    end
  end
  return #words > 0 and table.concat(words, "; ") or nil
end

local function parent_fault(run, input, parents)
  local book = run.book
  if not book.parent_book then
    return "В этом справочнике элементы не входят друг в друга"
  end
  if input.parent == input.code then return "Элемент не может входить сам в себя" end
  local is_above = parents[input.parent] or book.parent_book == book.code and run.seen[input.parent]
  return not is_above and ("Нет вышестоящего кода %s"):format(input.parent) or nil
end

local function judge(run, row, known, parents)
  local input = row.input
  if run.seen[input.code] then return nil, ("Код уже был в строке %d"):format(run.seen[input.code]) end
  run.seen[input.code] = row.number
  local external, err = service.external_json(input.external)
  if not external then return nil, err.text end
  if input.valid_from and input.valid_to and input.valid_to < input.valid_from then
    return nil, "Окончание раньше начала"
  end
  local fault = input.parent and parent_fault(run, input, parents)
  if fault then return nil, fault end
  local old = known[input.code]
  local item = {
    code = input.code,
    name = input.name,
    parent = input.parent,
    external = external,
    valid_from = input.valid_from,
    valid_to = input.valid_to,
    sort = input.sort or (old and old.sort) or 100,
  }
  return item, nil, old
end

local function write_batch(run, items)
  if run.is_dry or #items == 0 then return end
  for _, item in ipairs(items) do
    item.external = json.raw(item.external)
  end
  local rows = json.encode(json.array(items))
  store.upsert_items(run.book.code, run.book.parent_book, rows, run.user_id)
  -- In a tree of its own a row may stand below one of the same batch, which the statement did not see yet.
  if run.book.parent_book == run.book.code then store.upsert_items(run.book.code, run.book.parent_book, rows, run.user_id) end
end

local function take_batch(run, rows)
  local known = by_code(run.book.code, rows, function(row) return row.input.code end)
  local parents = by_code(run.book.parent_book, rows, function(row) return row.input.parent or "" end)
  local items = {}
  for _, row in ipairs(rows) do
    local item, fault, old = judge(run, row, known, parents)
    if not item then
      note(run, row.number, row.input.code, "wrong", fault)
    else
      local words = old and changes(old, item)
      note(run, row.number, item.code, not old and "new" or words and "changed" or "same", words or item.name)
      if not old or words then items[#items + 1] = item end
    end
  end
  write_batch(run, items)
end

local function read(run, sheet)
  local batch, count = {}, 0
  for row in sheet:rows() do
    count = count + 1
    if row.input then
      batch[#batch + 1] = row
    else
      note(run, row.number, row.typed.code or "", "wrong", row.err.fields[1].message)
    end
    if #batch == BATCH then
      take_batch(run, batch)
      batch = {}
      job.progress(count, count, "Строк прочитано")
    end
  end
  take_batch(run, batch)
end

local function result_of(run, fault)
  return {
    book = run.book.code,
    is_dry = run.is_dry,
    file_id = run.file_id,
    counts = run.counts,
    verdicts = json.array(run.verdicts),
    report = run.report_file,
    error = fault and fault.text,
  }
end

--- Handler of the job.
function transfer.run(payload)
  local book = store.book(payload.book)
  local stored = file.find(payload.file_id)
  if not book or not stored then return nil, { code = "gone", text = "no such book or file", final = true } end
  local run = {
    book = book,
    is_dry = payload.is_dry,
    file_id = payload.file_id,
    user_id = math.tointeger(payload.user_id),
    counts = {},
    verdicts = {},
    seen = {},
  }
  local sheet, fault = sheet_reader.open(files.path(stored.sha256), fields.IMPORT, { max_rows = MAX_ROWS })
  if not sheet then return result_of(run, fault) end
  local report_path = files.temp("verdicts.xlsx")
  run.report = sheet_writer.open(report_path, REPORT)
  return transaction.run(function()
    read(run, sheet)
    run.report:close()
    run.report_file = file.keep("Разбор загрузки.xlsx", XLSX, report_path).public_id
    if not run.is_dry and not sheet.err then
      audit.write(
        "ref.import",
        "ref_book",
        nil,
        {
          book = { nil, book.code },
          new = { nil, run.counts.new or 0 },
          changed = { nil, run.counts.changed or 0 },
          wrong = { nil, run.counts.wrong or 0 },
        },
        stored.name
      )
    end
    local result = result_of(run, sheet.err)
    if sheet.err and not run.is_dry then
      run.counts = {}
      return nil, { code = "broken", text = sheet.err.text, final = true }
    end
    return result
  end)
end

transfer.JOB = JOB

return transfer
