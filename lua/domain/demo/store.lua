--- SQL of the demo: filling by COPY with the triggers of the bulk tables off, then deriving what they would have made.
--- Everything runs in the caller's transaction, so that nobody sees a half.
local columns = require("domain.demo.columns")
local db = require("core.db")
local store = {}

local LONG = { timeout_ms = 3600000 }
local CHUNK_LINES = 500

-- Tables whose triggers work row by row; what they derive is made set-wise afterwards (store_derive).
local QUIET = { "application", "enrollment", "subgroup", "lesson", "lesson_teacher", "lesson_room", "lesson_equipment", "booking",
  "attendance", "grade", "intake", "study_group" }

local function must(value, err)
  if value == nil and err then error(("demo: %s"):format(err.text or err.code), 0) end
  return value
end
store.must = must

local function exec(sql, ...) return must(db.exec(LONG, sql, ...)) end
store.exec = exec
local function row(sql, ...) return must(db.row(sql, ...)) end

--- Long statements, moments without a zone meant in the region's.
function store.prepare(zone)
  exec("SELECT set_config('TimeZone', $1, true), set_config('statement_timeout', '0', true), set_config('work_mem', '64MB', true), "
    .. "set_config('idle_in_transaction_session_timeout', '0', true), set_config('maintenance_work_mem', '256MB', true)", zone)
end

--- One filling at a time; the tables take no other writer until the end.
function store.lock()
  exec("SELECT pg_advisory_xact_lock(hashtext('copp.demo'))")
  for _, name in ipairs(columns.ORDER) do exec("LOCK TABLE " .. name .. " IN SHARE ROW EXCLUSIVE MODE") end
end

function store.silence_triggers()
  for _, name in ipairs(QUIET) do exec("ALTER TABLE " .. name .. " DISABLE TRIGGER USER") end
  exec("ALTER TABLE program DISABLE TRIGGER program_version_bump")
end

function store.restore_triggers()
  for _, name in ipairs(QUIET) do exec("ALTER TABLE " .. name .. " ENABLE TRIGGER USER") end
  exec("ALTER TABLE program ENABLE TRIGGER program_version_bump")
end

--- The first free key of each table that counts its own; `store.keep` tells how far they were used.
---@param tables table? names; all that count their own keys when absent
---@return table bases key by table
function store.first_keys(tables)
  local bases = {}
  for _, name in ipairs(tables or columns.KEYED) do
    bases[name] = row("SELECT nextval(pg_get_serial_sequence($1, 'id')) AS id", name).id
  end
  return bases
end

---@param next_keys table the first key not used, by table
function store.keep_keys(next_keys)
  for name, id in pairs(next_keys) do row("SELECT setval(pg_get_serial_sequence($1, 'id'), $2)", name, id - 1) end
end

function store.first_application_number() return row("SELECT nextval('application_number') AS n").n end
function store.keep_application_number(next_number) row("SELECT setval('application_number', $1)", next_number - 1) end

-- COPY of what `add` appends to a list of lines, unit after unit; memory stays at one chunk.
local function copy(sql, units, add)
  local unit = 0
  return must(db.copy(sql, function()
    local lines = {}
    while #lines < CHUNK_LINES and unit < units do
      add(lines, unit)
      unit = unit + 1
    end
    return #lines > 0 and table.concat(lines) or nil
  end))
end

--- COPY of rows with names.
---@param table_name string key of columns.LISTS
---@return integer count
function store.copy_rows(table_name, rows)
  local sql = ("COPY %s (%s) FROM STDIN"):format(table_name, table.concat(columns.LISTS[table_name], ", "))
  return copy(sql, #rows, function(lines, unit) lines[#lines + 1] = columns.line(table_name, rows[unit + 1]) end)
end

--- COPY of the lines that `write(district, lines, unit)` makes for units 0 … units - 1.
---@param names string columns, with commas
function store.copy_units(table_name, names, units, write, district)
  return copy(("COPY %s (%s) FROM STDIN"):format(table_name, names), units, function(lines, unit) write(district, lines, unit) end)
end

--- What an earlier filling left: {monday, today, scale} or nil.
function store.anchor()
  return row([[
    SELECT value->>'monday' AS monday, value->>'today' AS today, (value->>'scale')::int AS scale
    FROM site_setting WHERE key = 'demo.anchor'
  ]])
end

function store.save_anchor(monday, today, scale)
  exec([[
    INSERT INTO site_setting (key, value)
    VALUES ('demo.anchor', jsonb_build_object('monday', $1::text, 'today', $2::text, 'scale', $3::int))
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, version = site_setting.version + 1, updated_at = now()
  ]], monday, today, scale)
end

--- Does anybody live here already?
function store.is_empty()
  return row("SELECT NOT EXISTS (SELECT FROM organization) AND NOT EXISTS (SELECT FROM application) AS is_empty").is_empty
end

function store.document_names()
  local names = {}
  for _, item in ipairs(must(db.rows("SELECT code, name FROM ref_item WHERE book = 'application_document'"))) do
    names[item.code] = item.name
  end
  return names
end

--- What the districts of a grown region refer to.
---@return table {sample_id, clerk_id, director_id}
function store.landmarks()
  return row([[
    SELECT (SELECT min(id) FROM file_object WHERE name LIKE 'Диплом %') AS sample_id,
      (SELECT id FROM user_account WHERE email = 'staff@demo.copp') AS clerk_id,
      (SELECT id FROM user_account WHERE email = 'director@demo.copp') AS director_id
  ]])
end

function store.set_password(email, hash)
  return exec("UPDATE user_account SET password_hash = $2 WHERE lower(email) = lower($1) AND state <> 'deleted'", email, hash)
end

return store
