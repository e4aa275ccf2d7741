--- SQL of the import of reference books. What an administrator has changed stays as it is.
local db = require("core.db")
local store = {}

local BOOKS = [[
  INSERT INTO ref_book (code, title, is_system, sort, parent_book)
  SELECT code, title, true, sort, parent FROM jsonb_to_recordset($1::jsonb) AS x(code text, title text, sort int, parent text)
  ON CONFLICT (code) DO NOTHING
]]

local ITEMS = [[
  INSERT INTO ref_item (book, code, name, parent_id, external, sort, is_system)
  SELECT DISTINCT ON (x.code) $1, x.code, x.name, parent.id, coalesce(x.external, '{}'), x.sort, true
  FROM jsonb_to_recordset($2::jsonb) AS x(code text, name text, parent text, external jsonb, sort int)
  LEFT JOIN ref_item parent ON parent.book = $3 AND parent.code = x.parent
  ORDER BY x.code, x.sort
  ON CONFLICT (book, code) DO NOTHING
]]

local CALENDAR = [[
  INSERT INTO production_calendar (day, kind, holiday, moved_from)
  SELECT day, kind, holiday, moved_from
  FROM jsonb_to_recordset($1::jsonb) AS x(day date, kind text, holiday text, moved_from date)
  ON CONFLICT (day) DO NOTHING
]]

-- A decree has come for a year that stood on the holidays of the law alone.
local FORGET_GUESSES = [[
  DELETE FROM production_calendar WHERE extract(year FROM day) > $1 AND extract(year FROM day) <= $2
]]

local SAVE_DIGEST = [[
  INSERT INTO site_setting (key, value) VALUES ('refs.loaded', jsonb_build_object('digest', $1::text, 'decreed_year', $2::int))
  ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = now()
]]

local function must(value, err)
  if value == nil and err then error(err.text or err.code, 0) end
  return value
end

--- What the last import read: {digest, decreed_year}, or nil before the first.
function store.loaded()
  return must(db.row([[
    SELECT value->>'digest' AS digest, (value->>'decreed_year')::int AS decreed_year FROM site_setting WHERE key = 'refs.loaded'
  ]]))
end

function store.save_loaded(digest, decreed_year) return must(db.exec(SAVE_DIGEST, digest, decreed_year)) end
function store.insert_books(json) return must(db.exec(BOOKS, json)) end
function store.insert_items(book, json, parent_book) return must(db.exec(ITEMS, book, json, parent_book)) end
function store.insert_calendar(json) return must(db.exec(CALENDAR, json)) end
function store.forget_guesses(after_year, to_year) return must(db.exec(FORGET_GUESSES, after_year, to_year)) end

return store
