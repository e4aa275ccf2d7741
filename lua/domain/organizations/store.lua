--- SQL of organisations: the list, the card, names that were.
local json = require("core.json")
local query = require("kit.query")
local store = {}

local COLUMNS = [[o.id, o.id AS organization_id, o.kind, o.is_partner, o.is_customer, o.full_name, o.short_name, o.inn, o.kpp, o.ogrn, o.okved_main,
  o.municipality, o.legal_address, o.actual_address, o.director_name, o.director_post, o.director_basis, o.phone, o.email, o.site_url,
  o.parent_id, o.successor_id, o.state, o.reason, o.version, o.created_at, o.created_by, o.updated_at]]
local KIND_NAME = "(SELECT name FROM ref_item WHERE book = 'org_kind' AND code = o.kind) AS kind_name"

-- The text finds names with a misprint through the trigram index; digits find the beginning of ИНН or ОГРН.
store.LIST = query.list({
  select = "o.id, o.kind, o.is_partner, o.is_customer, o.full_name, o.short_name, o.inn, o.kpp, o.ogrn, o.municipality, o.phone, o.email, o.state,"
    .. " o.parent_id, o.created_at, " .. KIND_NAME,
  from = "organization o",
  key = "o.id",
  filters = {
    q = [[fold(o.short_name || ' ' || o.full_name) LIKE '%' || fold(?::text) || '%'
      OR fold(?::text) <% fold(o.short_name || ' ' || o.full_name)]],
    digits = "o.inn LIKE ?::text || '%' OR o.ogrn = ?::text",
    partner = "?::boolean AND o.is_partner",
    customer = "?::boolean AND o.is_customer",
    kind = "o.kind = ANY (?::text[])",
    state = "o.state = ANY (?::text[])",
    parent = "o.parent_id = ?::bigint",
  },
  sorts = {
    name = { "o.short_name", type = "text", collate = "ru" },
    newest = { "o.created_at", type = "timestamptz", desc = true },
  },
  default = "name",
})

local FIND = "SELECT " .. COLUMNS .. ", " .. KIND_NAME .. [[,
  p.short_name AS parent_name, s.short_name AS successor_name
  FROM organization o LEFT JOIN organization p ON p.id = o.parent_id LEFT JOIN organization s ON s.id = o.successor_id WHERE o.id = $1]]

-- An organisation that lives: a refused or closed one does not stand in the way of a new registration.
local BY_NUMBERS = [[
  SELECT id, short_name, state, kpp FROM organization
  WHERE inn = $1 AND coalesce(kpp, '') = coalesce($2, '') AND state NOT IN ('rejected', 'closed') AND id IS DISTINCT FROM $3
]]

local INSERT = [[
  INSERT INTO organization (kind, is_partner, is_customer, full_name, short_name, inn, kpp, ogrn, legal_address, parent_id, state, created_by, updated_by)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'pending', $11, $11) RETURNING id
]]

local SAVE = [[
  UPDATE organization SET kind = $3, is_partner = $4, is_customer = $5, full_name = $6, short_name = $7, inn = $8, kpp = $9, ogrn = $10,
    okved_main = $11, municipality = $12, legal_address = $13, actual_address = $14, director_name = $15, director_post = $16,
    director_basis = $17, phone = $18, email = $19, site_url = $20, parent_id = $21, updated_by = $22
  WHERE id = $1 AND version = $2
]]

-- What would be left undone: $1 organisation.
local OPEN = [[
  SELECT (SELECT count(*) FROM (SELECT FROM application WHERE organization_id = $1
      AND state NOT IN ('draft', 'completed', 'expelled', 'rejected', 'withdrawn', 'expired') LIMIT 1000) a) AS applications,
    (SELECT count(*) FROM study_group WHERE organization_id = $1 AND state NOT IN ('closed', 'cancelled', 'completed')) AS groups
]]

-- What hangs on a card, as JSON: one query instead of five. Moments are texts, as everywhere else.
-- $1 organisation, $2 whether invitations are wanted.
local PARTS = [[
  SELECT
    (SELECT json_agg(json_build_object('id', b.id, 'short_name', b.short_name, 'state', b.state) ORDER BY b.short_name COLLATE ru, b.id)
     FROM (SELECT * FROM organization WHERE parent_id = $1 LIMIT 200) b) AS branches,
    (SELECT json_agg(json_build_object('full_name', n.full_name, 'short_name', n.short_name, 'valid_to', n.valid_to::text) ORDER BY n.id DESC)
     FROM organization_name_history n WHERE n.organization_id = $1) AS names,
    (SELECT json_agg(json_strip_nulls(json_build_object('id', c.id, 'name', c.name, 'post', c.post, 'phone', c.phone, 'email', c.email)) ORDER BY c.id)
     FROM org_contact c WHERE c.organization_id = $1) AS contacts,
    (SELECT json_agg(json_strip_nulls(json_build_object('id', a.id, 'kind', a.kind, 'number', a.number, 'signed_on', a.signed_on,
        'valid_to', a.valid_to, 'subject', a.subject, 'ended_on', a.ended_on, 'file_public_id', f.public_id, 'file_name', f.name,
        'is_in_force', a.ended_on IS NULL AND (a.valid_to IS NULL OR a.valid_to >= current_date),
        'ends_soon', a.valid_to BETWEEN current_date AND current_date + 30)) ORDER BY a.signed_on DESC, a.id DESC)
     FROM agreement a LEFT JOIN file_object f ON f.id = a.file_id WHERE a.organization_id = $1) AS agreements,
    (SELECT json_agg(json_build_object('id', i.id, 'email', i.email, 'capacity', i.capacity, 'expires_at', i.expires_at::text,
        'is_expired', i.expires_at <= now()) ORDER BY i.id DESC)
     FROM org_invitation i WHERE i.organization_id = $1 AND $2 AND i.accepted_at IS NULL AND i.revoked_at IS NULL) AS invitations
]]

function store.find(id) return query.row(FIND, id) end
function store.lock(id) return query.row(FIND .. " FOR UPDATE OF o", id) end
function store.by_numbers(inn, kpp, except_id) return query.row(BY_NUMBERS, inn, kpp, except_id) end
function store.open_work(id) return query.row(OPEN, id) end

--- The head (a branch has another КПП) that works and has this ОГРН.
function store.by_ogrn(ogrn)
  return query.row([[
    SELECT id, short_name, is_partner, is_customer FROM organization
    WHERE ogrn = $1 AND state = 'active' ORDER BY parent_id NULLS FIRST, id LIMIT 1
  ]], ogrn)
end

--- Refused by organization_inn_kpp_key when a living organisation has the same ИНН and КПП.
function store.insert(o, user_id)
  return query.row(INSERT, o.kind, o.is_partner or false, o.is_customer or false, o.full_name, o.short_name, o.inn, o.kpp, o.ogrn,
    o.legal_address, o.parent_id, user_id)
end

--- Rows changed: 0 when somebody has saved another version.
function store.save(o, user_id)
  return query.exec(SAVE, o.id, o.version, o.kind, o.is_partner, o.is_customer, o.full_name, o.short_name, o.inn, o.kpp, o.ogrn, o.okved_main,
    o.municipality, o.legal_address, o.actual_address, o.director_name, o.director_post, o.director_basis, o.phone, o.email, o.site_url,
    o.parent_id, user_id)
end

function store.set_state(id, state, reason, successor_id, user_id)
  return query.exec([[
    UPDATE organization SET state = $2, reason = $3, successor_id = coalesce($4, successor_id), updated_by = $5 WHERE id = $1
  ]], id, state, reason, successor_id, user_id)
end

--- Branches, former names, contacts, agreements, open invitations: arrays.
---@return table parts {branches, names, contacts, agreements, invitations}
function store.parts(id, with_invitations)
  local row, parts = query.row(PARTS, id, with_invitations), {}
  for _, name in ipairs({ "branches", "names", "contacts", "agreements", "invitations" }) do
    parts[name] = row[name] and json.decode(row[name]) or {}
  end
  return parts
end

--- Kinds of organisations, for choices.
function store.kinds()
  return query.rows("SELECT code AS value, name AS label FROM ref_item WHERE book = 'org_kind' AND archived_at IS NULL ORDER BY sort, name COLLATE ru")
end

return store
