--- SQL of resources. The statements of a kind are put together once, at load, from its declaration (kinds.lua): each stays one constant text.
local db = require("core.db")
local kinds = require("domain.resources.kinds")
local query = require("kit.query")
local sql = require("domain.resources.store_kinds")
local store = {}

local function values_of(kind)
  local list, own = {}, sql[kind.code]
  for _, field in ipairs(kind.fields) do
    if own.values and own.values[field.name] then
      list[#list + 1] = own.values[field.name] .. " AS " .. field.name
    elseif field.column ~= false then
      list[#list + 1] = "x." .. field.name
    end
  end
  if own.select then list[#list + 1] = own.select end
  return table.concat(list, ", ")
end

local function from_of(kind)
  return ("%s x JOIN organization o ON o.id = x.organization_id %s"):format(kind.table, sql[kind.code].joins or "")
end

local COMMON = "x.id, x.organization_id, o.short_name AS organization, x.state, x.reason, x.held_until, x.version, x.created_at, x.created_by, x.updated_at"

-- Columns that a new card, and a changed one, sets.
local function written(kind, is_new)
  local list = {}
  for _, field in ipairs(kind.fields) do
    if field.column ~= false and not field.on_create then list[#list + 1] = field.name end
  end
  if kind.is_person and is_new then list[#list + 1] = "person_id" end
  return list
end

local function insert_of(kind, columns)
  local marks = {}
  for i = 1, #columns do marks[i] = "$" .. i + 2 end
  return ("INSERT INTO %s (organization_id, created_by, updated_by, state, %s) VALUES ($1, $2, $2, 'draft', %s) RETURNING id"):format(
    kind.table, table.concat(columns, ", "), table.concat(marks, ", "))
end

local function update_of(kind, columns)
  local sets = {}
  for i, column in ipairs(columns) do sets[i] = ("%s = $%d"):format(column, i + 3) end
  return ("UPDATE %s SET updated_by = $3, %s WHERE id = $1 AND version = $2"):format(kind.table, table.concat(sets, ", "))
end

local function filters_of(kind)
  local filters = {
    q = ("fold(%s) LIKE '%%' || fold(?::text) || '%%'"):format(sql[kind.code].search),
    organization_id = "x.organization_id = ?::bigint", state = "x.state = ANY (?::text[])", living = "?::boolean AND x.state <> 'archived'",
  }
  if kind.is_person then filters.person_id = "x.person_id = ?::bigint" end
  for name, condition in pairs(sql[kind.code].filters or {}) do filters[name] = condition end
  return filters
end

-- A row of an imported table finds its card by these; NULL is a value, too.
local function match_of(kind)
  if not kind.match then return nil end
  local conditions = {}
  for i, name in ipairs(kind.match) do conditions[i] = ("x.%s::text IS NOT DISTINCT FROM $%d::text"):format(name, i + 1) end
  return ("SELECT x.id FROM %s x WHERE x.organization_id = $1 AND x.state <> 'archived' AND %s ORDER BY x.id LIMIT 1"):format(
    kind.table, table.concat(conditions, " AND "))
end

local made = {}
for code, kind in pairs(kinds.BY_CODE) do
  local own = sql[code]
  local select = ("%s, %s AS label, %s AS booked_id, %s"):format(COMMON, own.label, own.booked or "NULL::bigint", values_of(kind))
  local new, changed = written(kind, true), written(kind, false)
  made[code] = {
    find = ("SELECT %s FROM %s WHERE x.id = $1"):format(select, from_of(kind)), new = new, changed = changed,
    insert = insert_of(kind, new), update = update_of(kind, changed), match = match_of(kind),
    save_state = ("UPDATE %s SET state = $2, reason = $3, held_until = $4, updated_by = $5 WHERE id = $1"):format(kind.table),
    list = query.list({
      select = select, from = from_of(kind), key = "x.id", filters = filters_of(kind), default = "name",
      sorts = { name = { own.sort or "x.name", type = "text", collate = "ru" }, newest = { "x.id", type = "bigint", desc = true } },
    }),
  }
end

--- The keyset list of a kind.
---@return kit.Keyset
function store.list(kind) return made[kind.code].list end
function store.find(kind, id) return query.row(made[kind.code].find, id) end
function store.lock(kind, id) return query.row(made[kind.code].find .. " FOR UPDATE OF x", id) end

local function values(columns, input, given)
  for i, name in ipairs(columns) do
    local value = input[name]
    if value == db.null then value = nil end
    if type(value) == "table" then value = db.array(value) end
    given[given.n + i] = value
  end
  return table.unpack(given, 1, given.n + #columns)
end

function store.insert(kind, organization_id, input, user_id)
  local statements = made[kind.code]
  return query.row(statements.insert, values(statements.new, input, { n = 2, organization_id, user_id }))
end

--- Rows changed: 0 when somebody has saved another version.
function store.update(kind, id, version, input, user_id)
  local statements = made[kind.code]
  return query.exec(statements.update, values(statements.changed, input, { n = 3, id, version, user_id }))
end

function store.save_state(kind, id, state, reason, held_until, user_id)
  return query.exec(made[kind.code].save_state, id, state, reason, held_until, user_id)
end

--- The card that a row of an imported table means, or nil.
function store.match(kind, organization_id, input)
  if not made[kind.code].match then return nil end
  return query.row(made[kind.code].match, values(kind.match, input, { n = 1, organization_id }))
end

-- ---- counts of the first page

local COUNTS = {}
for _, code in ipairs(kinds.ORDER) do
  COUNTS[#COUNTS + 1] = ([[SELECT '%s' AS code, count(*) AS n, count(*) FILTER (WHERE state = 'moderation') AS waiting FROM (
    SELECT state FROM %s WHERE state <> 'archived' AND ($1::bigint IS NULL OR organization_id = $1) LIMIT 10000) c]]):format(code, kinds.BY_CODE[code].table)
end
COUNTS = table.concat(COUNTS, " UNION ALL ")

--- How many cards of each kind: {code, n, waiting}, at most 10 000 each.
function store.counts(organization_id) return query.rows(COUNTS, organization_id) end

-- ---- choices of forms: value, label

local CHOICES = {
  organization = [[SELECT id AS value, short_name AS label FROM organization WHERE is_partner AND state = 'active' AND ($1::bigint IS NULL OR id = $1)
    ORDER BY short_name COLLATE ru LIMIT 2000]],
  site = "SELECT id AS value, name || ', ' || address AS label FROM site WHERE organization_id = $1 AND state <> 'archived' ORDER BY name COLLATE ru LIMIT 500",
  room = [[SELECT r.id AS value, r.name || ', ' || s.name AS label FROM room r JOIN site s ON s.id = r.site_id
    WHERE r.organization_id = $1 AND r.state <> 'archived' ORDER BY r.name COLLATE ru LIMIT 1000]],
  competence = [[SELECT code AS value, name AS label FROM ref_item WHERE book = 'competence' AND archived_at IS NULL AND ($1::bigint IS NULL OR true)
    ORDER BY name COLLATE ru]],
  used_competence = [[SELECT DISTINCT i.code AS value, i.name AS label, i.name COLLATE ru AS sort FROM room x
    JOIN ref_item i ON i.book = 'competence' AND i.code = x.competence WHERE $1::bigint IS NULL OR x.organization_id = $1 ORDER BY 3]],
  taught_competence = [[SELECT i.code AS value, i.name AS label FROM ref_item i WHERE i.book = 'competence' AND EXISTS (
    SELECT FROM staff_resource x WHERE ARRAY[i.code] <@ x.competences AND ($1::bigint IS NULL OR x.organization_id = $1)) ORDER BY i.name COLLATE ru]],
  zone = [[SELECT external->>'tz_iana' AS value, external->>'tz_iana' AS label FROM ref_item
    WHERE book = 'region' AND external ? 'tz_iana' AND ($1::bigint IS NULL OR true) GROUP BY 1 ORDER BY 1]],
}

--- What a field with `ref` can be; sites and rooms are those of the organisation.
function store.choices(ref, organization_id) return query.rows(CHOICES[ref], organization_id) end

function store.organization_of_inn(inn)
  return query.row("SELECT id FROM organization WHERE inn = $1 AND is_partner AND state = 'active' ORDER BY parent_id NULLS FIRST, id LIMIT 1", inn)
end

-- ---- the person behind a card of staff

function store.person_of_snils(snils)
  return query.row("SELECT id, last_name, full_name(p) AS name FROM person p WHERE snils = $1 AND merged_into IS NULL", snils)
end
function store.insert_person(input, user_id)
  return query.row([[
    INSERT INTO person (last_name, first_name, middle_name, has_middle_name, snils, created_by) VALUES ($1, $2, $3, $3::text IS NOT NULL, $4, $5) RETURNING id
  ]], input.last_name, input.first_name, input.middle_name, input.snils, user_id)
end
function store.staff_card(person_id, organization_id)
  return query.row("SELECT id, state FROM staff_resource WHERE person_id = $1 AND organization_id = $2", person_id, organization_id)
end
function store.make_bookable(person_id) return query.row("SELECT person_resource($1) AS id", person_id) end

return store
