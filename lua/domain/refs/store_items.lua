--- SQL of the pages of reference books.
local query = require("kit.query")
local store = {}

local BOOK = [[
  SELECT b.code, b.title, b.is_system, b.sort, b.version, b.parent_book, parent.title AS parent_title
  FROM ref_book b LEFT JOIN ref_book parent ON parent.code = b.parent_book
]]

local BOOKS = [[
  SELECT b.code, b.title, b.is_system, coalesce(n.active, 0) AS active, coalesce(n.archived, 0) AS archived, n.updated_at
  FROM ref_book b
  LEFT JOIN (SELECT book, count(*) FILTER (WHERE archived_at IS NULL) AS active, count(*) FILTER (WHERE archived_at IS NOT NULL) AS archived,
      max(updated_at) AS updated_at FROM ref_item GROUP BY book) n ON n.book = b.code
  WHERE $1::text IS NULL OR strpos(fold(b.title), fold($1)) > 0 OR strpos(b.code, lower($1)) > 0
  ORDER BY b.is_system, b.sort, b.title COLLATE ru
]]

local ITEM = [[
  SELECT i.id, i.book, i.code, i.name, i.parent_id, parent.code AS parent, parent.name AS parent_name, i.external::text AS external, i.sort,
    i.valid_from, i.valid_to, i.archived_at, i.is_system, i.version, i.updated_at
  FROM ref_item i LEFT JOIN ref_item parent ON parent.id = i.parent_id
]]

store.LIST = query.list({
  select = [[i.id, i.code, i.name, i.parent_id, parent.code AS parent, parent.name AS parent_name, i.external::text AS external, i.sort,
    i.valid_from, i.valid_to, i.archived_at, i.is_system, i.version]],
  from = "ref_item i LEFT JOIN ref_item parent ON parent.id = i.parent_id",
  key = "i.id",
  filters = {
    book = "i.book = ?::text",
    parent_id = "i.parent_id = ?::bigint",
    active = "i.archived_at IS NULL AND ?::boolean",
    archived = "i.archived_at IS NOT NULL AND ?::boolean",
    q = [[fold(i.name) LIKE '%' || replace(replace(replace(fold(?::text), '\', '\\'), '%', '\%'), '_', '\_') || '%'
      OR starts_with(lower(i.code), lower(?::text))]],
    today = "(i.valid_from IS NULL OR i.valid_from <= current_date) AND (i.valid_to IS NULL OR i.valid_to >= current_date) AND ?::boolean",
  },
  sorts = {
    order = { "i.sort", type = "bigint" },
    name = { "i.name", type = "text", collate = "ru" },
    code = { "i.code", type = "text" },
  },
  default = "order",
})

function store.books(text) return query.rows(BOOKS, text) end
function store.book(code) return query.row(BOOK .. "WHERE b.code = $1", code) end
function store.insert_book(code, title, parent_book, user_id)
  return query.row(
    "INSERT INTO ref_book (code, title, parent_book, updated_by) VALUES ($1, $2, $3, $4) RETURNING code",
    code,
    title,
    parent_book,
    user_id
  )
end
function store.update_book(code, title, version, user_id)
  return query.exec(
    "UPDATE ref_book SET title = $2, updated_by = $4 WHERE code = $1 AND version = $3",
    code,
    title,
    version,
    user_id
  )
end
function store.delete_book(code) return query.exec("DELETE FROM ref_book WHERE code = $1 AND NOT is_system", code) end

function store.item(book, id) return query.row(ITEM .. "WHERE i.book = $1 AND i.id = $2", book, id) end
function store.lock_item(book, id) return query.row(ITEM .. "WHERE i.book = $1 AND i.id = $2 FOR UPDATE OF i", book, id) end
function store.items_of_codes(book, codes) return query.rows(ITEM .. "WHERE i.book = $1 AND i.code = ANY ($2)", book, codes) end
function store.parent_of(book, code) return query.row("SELECT id, name FROM ref_item WHERE book = $1 AND code = $2", book, code) end

--- Would the item stand below itself?
function store.is_below(id, parent_id)
  return query.row(
    [[
    WITH RECURSIVE up AS (
      SELECT id, parent_id FROM ref_item WHERE id = $2 UNION SELECT i.id, i.parent_id FROM ref_item i JOIN up ON i.id = up.parent_id)
    SELECT 1 AS found FROM up WHERE id = $1
  ]],
    id,
    parent_id
  ) ~= nil
end

function store.insert_item(book, item, user_id)
  return query.row(
    [[
    INSERT INTO ref_item (book, code, name, parent_id, external, sort, valid_from, valid_to, created_by, updated_by)
    VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, $8, $9, $9) RETURNING id
  ]],
    book,
    item.code,
    item.name,
    item.parent_id,
    item.external,
    item.sort,
    item.valid_from,
    item.valid_to,
    user_id
  )
end
function store.update_item(id, item, version, user_id)
  return query.row(
    [[
    UPDATE ref_item SET name = $2, parent_id = $3, external = $4::jsonb, sort = $5, valid_from = $6, valid_to = $7, updated_by = $9
    WHERE id = $1 AND version = $8 RETURNING id, version
  ]],
    id,
    item.name,
    item.parent_id,
    item.external,
    item.sort,
    item.valid_from,
    item.valid_to,
    version,
    user_id
  )
end
function store.archive_item(id, is_archived, version, user_id)
  return query.row(
    [[
    UPDATE ref_item SET archived_at = CASE WHEN $2 THEN now() END, updated_by = $4 WHERE id = $1 AND version = $3 RETURNING id, version
  ]],
    id,
    is_archived,
    version,
    user_id
  )
end
function store.delete_item(id) return query.exec("DELETE FROM ref_item WHERE id = $1", id) end

function store.lock_tables(statement) return query.exec(statement) end
function store.uses(statement, code, id) return query.rows({ lane = "slow", timeout_ms = 30000 }, statement, code, id) end
function store.uses_in_transaction(statement, code, id) return query.rows(statement, code, id) end

--- Items above those of a book, with how many stand below each.
function store.parents(book, limit)
  return query.rows(
    [[
    SELECT p.id, p.code, p.name, count(*) AS items FROM ref_item i JOIN ref_item p ON p.id = i.parent_id
    WHERE i.book = $1 AND i.archived_at IS NULL GROUP BY p.id ORDER BY p.sort, p.code LIMIT $2
  ]],
    book,
    limit
  )
end

--- Writes rows of an import; parents by code, in the book that stands above.
function store.upsert_items(book, parent_book, json, user_id)
  return query.exec(
    [[
    INSERT INTO ref_item (book, code, name, parent_id, external, sort, valid_from, valid_to, created_by, updated_by)
    SELECT $1, x.code, x.name, parent.id, coalesce(x.external, '{}'), x.sort, x.valid_from, x.valid_to, $4, $4
    FROM jsonb_to_recordset($3::jsonb) AS x(code text, name text, parent text, external jsonb, sort int, valid_from date, valid_to date)
    LEFT JOIN ref_item parent ON parent.book = $2 AND parent.code = x.parent
    ON CONFLICT (book, code) DO UPDATE SET name = excluded.name, parent_id = excluded.parent_id, external = excluded.external,
      sort = excluded.sort, valid_from = excluded.valid_from, valid_to = excluded.valid_to, updated_by = excluded.updated_by
  ]],
    book,
    parent_book,
    json,
    user_id
  )
end

-- ---- the production calendar

function store.days(year)
  return query.rows(
    [[
    SELECT day, kind, holiday, moved_from, updated_at FROM production_calendar
    WHERE day >= make_date($1, 1, 1) AND day < make_date($1 + 1, 1, 1) ORDER BY day
  ]],
    year
  )
end
function store.day(day)
  return query.row("SELECT day, kind, holiday, moved_from FROM production_calendar WHERE day = $1 FOR UPDATE", day)
end
function store.put_day(day, user_id)
  return query.exec(
    [[
    INSERT INTO production_calendar (day, kind, holiday, moved_from, updated_by) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (day) DO UPDATE SET kind = excluded.kind, holiday = excluded.holiday, moved_from = excluded.moved_from,
      updated_by = excluded.updated_by, updated_at = now()
  ]],
    day.day,
    day.kind,
    day.holiday,
    day.moved_from,
    user_id
  )
end
function store.drop_day(day) return query.exec("DELETE FROM production_calendar WHERE day = $1", day) end

return store
