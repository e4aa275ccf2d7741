--- SQL of roles and of what the region changed in their rights.
local query = require("kit.query")
local store = {}

local HOLDERS_MOST = 1000 -- a count beyond reads «1 000+»

--- How many grants in force each role and each set has.
function store.holders()
  return query.rows([[
    SELECT r.code, (SELECT count(*) FROM (SELECT FROM role_grant g WHERE g.role = r.code
      AND (g.valid_to IS NULL OR g.valid_to >= current_date) LIMIT $1) found) AS n
    FROM access_role r WHERE r.kind = 'role'
    UNION ALL
    SELECT s.code, (SELECT count(*) FROM role_grant g WHERE g.sets <> '{}' AND s.code = ANY (g.sets)
      AND (g.valid_to IS NULL OR g.valid_to >= current_date)) AS n
    FROM access_role s WHERE s.kind = 'set'
  ]], HOLDERS_MOST + 1)
end
store.HOLDERS_MOST = HOLDERS_MOST

--- Who changed what last, by permission: for the marks of the editor.
function store.authors(code)
  return query.rows([[
    SELECT a.permission, a.updated_at, a.reason, coalesce(short_name(p), u.email) AS who
    FROM access_rule a LEFT JOIN user_account u ON u.id = a.updated_by LEFT JOIN person p ON p.user_id = u.id WHERE a.role = $1
  ]], code)
end

function store.insert(role, user_id)
  return query.row([[
    INSERT INTO access_role (code, kind, name, note, base, cabinet, inherits, needs_organization, created_by, updated_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, coalesce((SELECT needs_organization FROM access_role WHERE code = $5), false), $8, $8)
    RETURNING code, version
  ]], role.code, role.kind, role.name, role.note, role.base, role.cabinet, role.inherits, user_id)
end

--- nil when somebody was faster.
function store.touch(code, version, name, note, user_id)
  return query.row([[
    UPDATE access_role SET name = $3, note = $4, updated_by = $5, updated_at = now() WHERE code = $1 AND version = $2 RETURNING version
  ]], code, version, name, note, user_id)
end

function store.put_rule(permission, code, scope, reason, user_id)
  return query.exec([[
    INSERT INTO access_rule (permission, role, scope, reason, updated_by) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (permission, role) DO UPDATE SET scope = $3, reason = $4, updated_by = $5, updated_at = now()
  ]], permission, code, scope, reason, user_id)
end

function store.drop_rule(permission, code)
  return query.exec("DELETE FROM access_rule WHERE permission = $1 AND role = $2", permission, code)
end

--- How many hold it now; the row is locked, so that nobody grants it meanwhile.
function store.lock_and_count(code)
  query.row("SELECT code FROM access_role WHERE code = $1 FOR UPDATE", code)
  return query.row([[
    SELECT count(*) AS n FROM (SELECT FROM role_grant WHERE (role = $1 OR $1 = ANY (sets))
      AND (valid_to IS NULL OR valid_to >= current_date) LIMIT $2) found
  ]], code, HOLDERS_MOST).n
end

function store.archive(code, version, user_id)
  return query.row([[
    UPDATE access_role SET archived_at = now(), updated_by = $3, updated_at = now()
    WHERE code = $1 AND version = $2 AND NOT is_product AND archived_at IS NULL RETURNING version
  ]], code, version, user_id)
end

return store
