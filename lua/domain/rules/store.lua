--- SQL of versions of rules: drafts, versions, what is in force, history.
local query = require("kit.query")
local store = {}

-- ---- drafts

local DRAFT = [[
  SELECT d.pack, d.organization_id, d.files, d.base_version, d.version, d.updated_at, d.updated_by, coalesce(short_name(p), u.email) AS who
  FROM rule_draft d LEFT JOIN user_account u ON u.id = d.updated_by LEFT JOIN person p ON p.user_id = u.id
]]

function store.drafts() return query.rows(DRAFT .. "ORDER BY d.pack, d.organization_id") end
function store.draft(pack, organization_id) return query.row(DRAFT .. "WHERE d.pack = $1 AND d.organization_id = $2", pack, organization_id) end

-- Nothing when somebody was faster: version 0 says that there was none.
function store.save_draft(pack, organization_id, files, base_version, version, user_id)
  if version == 0 then
    return query.row([[
      INSERT INTO rule_draft (pack, organization_id, files, base_version, updated_by) VALUES ($1, $2, $3::jsonb, $4, $5)
      ON CONFLICT DO NOTHING RETURNING version
    ]], pack, organization_id, files, base_version, user_id)
  end
  return query.row([[
    UPDATE rule_draft SET files = $3::jsonb, version = version + 1, updated_at = now(), updated_by = $5
    WHERE pack = $1 AND organization_id = $2 AND version = $4 RETURNING version
  ]], pack, organization_id, files, version, user_id)
end

function store.drop_draft(pack, organization_id, version)
  return query.exec("DELETE FROM rule_draft WHERE pack = $1 AND organization_id = $2 AND ($3::int IS NULL OR version = $3)", pack, organization_id,
    version)
end

-- ---- versions

local VERSION = [[
  v.hash, v.pack, v.layer, coalesce(v.organization_id, 0) AS organization_id, v.parent_hash, v.lower_hash, v.set_hash, v.comment, v.signature,
  v.state, v.report, v.created_at, v.created_by, v.published_at, coalesce(short_name(p), u.email) AS who
]]
local VERSION_FROM = " FROM rule_version v LEFT JOIN user_account u ON u.id = v.created_by LEFT JOIN person p ON p.user_id = u.id "

function store.version(hash) return query.row("SELECT v.files," .. VERSION .. VERSION_FROM .. "WHERE v.hash = $1", hash) end

--- A version by the beginning of its hash, as people name it; nothing when several begin so.
function store.version_by_prefix(pack, prefix)
  local rows = query.rows("SELECT hash FROM rule_version WHERE pack = $1 AND starts_with(hash, $2) LIMIT 2", pack, prefix)
  return #rows == 1 and rows[1].hash or nil
end

function store.versions(pack, organization_id, most)
  return query.rows("SELECT " .. VERSION .. VERSION_FROM .. [[
    WHERE v.pack = $1 AND coalesce(v.organization_id, 0) = $2 ORDER BY v.created_at DESC, v.hash LIMIT $3
  ]], pack, organization_id, most)
end

function store.insert_version(version)
  return query.exec([[
    INSERT INTO rule_version (hash, pack, layer, organization_id, files, parent_hash, lower_hash, set_hash, comment, signature, state, report, created_by)
    VALUES ($1, $2, $3, nullif($4::bigint, 0), $5::jsonb, $6, $7, $8, $9, $10, $11, $12::jsonb, $13) ON CONFLICT (hash) DO NOTHING
  ]], version.hash, version.pack, version.layer, version.organization_id, version.files, version.parent_hash, version.lower_hash, version.set_hash,
    version.comment, version.signature, version.state, version.report, version.created_by)
end

--- State of a version, with the report and the set of its last check where they are given.
function store.mark_version(hash, state, report, set_hash)
  return query.exec([[
    UPDATE rule_version SET state = $2, report = coalesce($3::jsonb, report), set_hash = coalesce($4, set_hash),
      published_at = CASE WHEN $2 IN ('canary', 'active') THEN now() ELSE published_at END
    WHERE hash = $1
  ]], hash, state, report, set_hash)
end

-- ---- in force

function store.active_rows() return query.rows("SELECT * FROM rule_active") end
function store.active(pack, organization_id)
  return query.row([[
    SELECT a.pack, a.organization_id, a.hash, a.set_hash, a.canary_hash, a.canary_share, a.version, a.updated_at, coalesce(short_name(p), u.email) AS who
    FROM rule_active a LEFT JOIN user_account u ON u.id = a.updated_by LEFT JOIN person p ON p.user_id = u.id
    WHERE a.pack = $1 AND a.organization_id = $2
  ]], pack, organization_id)
end

--- Writes what is in force when nobody was faster; the new version of the row, or nothing.
---@param row {pack: string, organization_id: integer, hash: string?, set_hash: string?, canary_hash: string?, canary_share: integer}
---@param version integer of the row that was seen; 0: there was none
function store.switch(row, version, user_id)
  if version == 0 then
    return query.row([[
      INSERT INTO rule_active (pack, organization_id, hash, set_hash, canary_hash, canary_share, updated_by) VALUES ($1, $2, $3, $4, $5, $6, $7)
      ON CONFLICT DO NOTHING RETURNING version
    ]], row.pack, row.organization_id, row.hash, row.set_hash, row.canary_hash, row.canary_share, user_id)
  end
  return query.row([[
    UPDATE rule_active SET hash = $3, set_hash = $4, canary_hash = $5, canary_share = $6, updated_by = $7, updated_at = now(), version = version + 1
    WHERE pack = $1 AND organization_id = $2 AND version = $8 RETURNING version
  ]], row.pack, row.organization_id, row.hash, row.set_hash, row.canary_hash, row.canary_share, user_id, version)
end

function store.note_switch(pack, organization_id, from_hash, to_hash, share, reason, user_id)
  return query.exec([[
    INSERT INTO rule_switch (pack, organization_id, from_hash, to_hash, canary_share, reason, user_id) VALUES ($1, $2, $3, $4, $5, $6, $7)
  ]], pack, organization_id, from_hash, to_hash, share, reason, user_id)
end

function store.switches(pack, organization_id, most)
  return query.rows([[
    SELECT s.id, s.from_hash, s.to_hash, s.canary_share, s.reason, s.at, coalesce(short_name(p), u.email) AS who
    FROM rule_switch s LEFT JOIN user_account u ON u.id = s.user_id LEFT JOIN person p ON p.user_id = u.id
    WHERE s.pack = $1 AND s.organization_id = $2 ORDER BY s.id DESC LIMIT $3
  ]], pack, organization_id, most)
end

--- What was in force before what is in force now: the last switch that took this version away in favour of another.
function store.former(pack, organization_id)
  return query.row([[
    SELECT from_hash FROM rule_switch WHERE pack = $1 AND organization_id = $2 AND canary_share = 0 AND from_hash IS DISTINCT FROM to_hash
    ORDER BY id DESC LIMIT 1
  ]], pack, organization_id)
end

--- Organisations that have a layer of their own over the region's.
function store.organizations(pack)
  return query.rows([[
    SELECT a.organization_id AS id, o.short_name AS name FROM rule_active a JOIN organization o ON o.id = a.organization_id
    WHERE a.pack = $1 AND a.organization_id <> 0 ORDER BY o.short_name, o.id
  ]], pack)
end
function store.organization_name(id)
  local row = query.row("SELECT short_name FROM organization WHERE id = $1", id)
  return row and row.short_name
end

return store
