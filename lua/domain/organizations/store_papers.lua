--- SQL of contacts and agreements of an organisation.
local query = require("kit.query")
local store = {}

function store.insert_contact(organization_id, c, user_id)
  return query.row([[
    INSERT INTO org_contact (organization_id, name, post, phone, email, created_by) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id
  ]], organization_id, c.name, c.post, c.phone, c.email, user_id)
end

function store.delete_contact(organization_id, id)
  return query.row("DELETE FROM org_contact WHERE organization_id = $1 AND id = $2 RETURNING name", organization_id, id)
end

--- Refused when there is one with this number and date.
function store.insert_agreement(organization_id, a, file_id, user_id)
  return query.row([[
    INSERT INTO agreement (organization_id, kind, number, signed_on, valid_to, subject, file_id, created_by, updated_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) RETURNING id
  ]], organization_id, a.kind, a.number, a.signed_on, a.valid_to, a.subject, file_id, user_id)
end

function store.end_agreement(organization_id, id, user_id)
  return query.row([[
    UPDATE agreement SET ended_on = current_date, updated_by = $3 WHERE organization_id = $1 AND id = $2 AND ended_on IS NULL RETURNING number
  ]], organization_id, id, user_id)
end

--- The organisation whose agreement this file is; nil when it is none.
function store.owner_of_file(file_id)
  return query.row("SELECT organization_id FROM agreement WHERE file_id = $1 LIMIT 1", file_id)
end

return store
