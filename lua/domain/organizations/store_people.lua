--- SQL of the people of an organisation: members with their grants, claims, invitations.
local query = require("kit.query")
local store = {}

local MEMBER = [[
  SELECT m.id, m.organization_id, m.user_id, m.capacity, m.post, m.started_at, m.ended_at, m.version, u.email, full_name(p) AS name
  FROM org_member m JOIN user_account u ON u.id = m.user_id LEFT JOIN person p ON p.user_id = u.id
]]

--- Those who work there now, then those who did.
function store.members(organization_id)
  return query.rows(MEMBER .. [[
    WHERE m.organization_id = $1 ORDER BY m.ended_at IS NOT NULL, m.capacity, p.last_name COLLATE ru, m.id LIMIT 300
  ]], organization_id)
end

function store.lock_member(organization_id, id)
  return query.row(MEMBER .. " WHERE m.organization_id = $1 AND m.id = $2 FOR UPDATE OF m", organization_id, id)
end

--- The open membership of a user: of an expert, or of a curator or member.
function store.member_of(organization_id, user_id, is_expert)
  return query.row(MEMBER .. " WHERE m.organization_id = $1 AND m.user_id = $2 AND (m.capacity = 'expert') = $3 AND m.ended_at IS NULL",
    organization_id, user_id, is_expert)
end

function store.insert_member(organization_id, user_id, capacity, post, by)
  return query.row([[
    INSERT INTO org_member (organization_id, user_id, capacity, post, created_by, updated_by) VALUES ($1, $2, $3, $4, $5, $5) RETURNING id
  ]], organization_id, user_id, capacity, post, by)
end

--- Refused by last_curator.
function store.save_member(id, capacity, post, by_staff, by)
  return query.exec("UPDATE org_member SET capacity = $2, post = $3, by_staff = $4, updated_by = $5 WHERE id = $1", id, capacity, post, by_staff, by)
end

--- Refused by last_curator.
function store.end_member(id, by_staff, by)
  return query.exec("UPDATE org_member SET ended_at = now(), by_staff = $2, updated_by = $3 WHERE id = $1 AND ended_at IS NULL", id, by_staff, by)
end

function store.end_all(organization_id, by)
  return query.rows([[
    UPDATE org_member SET ended_at = now(), by_staff = true, updated_by = $2 WHERE organization_id = $1 AND ended_at IS NULL RETURNING id
  ]], organization_id, by)
end

--- Members whose grants follow the sides of the organisation.
function store.open_members(organization_id)
  return query.rows("SELECT id, user_id, capacity FROM org_member WHERE organization_id = $1 AND capacity <> 'expert' AND ended_at IS NULL", organization_id)
end

--- Where a user works now, with the state of each organisation.
function store.of_user(user_id)
  return query.rows([[
    SELECT m.id, m.organization_id, m.capacity, m.post, m.started_at, o.short_name, o.state, o.reason
    FROM org_member m JOIN organization o ON o.id = m.organization_id
    WHERE m.user_id = $1 AND m.ended_at IS NULL ORDER BY o.short_name COLLATE ru LIMIT 100
  ]], user_id)
end

--- Curators who can be written to.
function store.curators(organization_id)
  return query.rows([[
    SELECT u.id, u.email, p.first_name FROM org_member m JOIN user_account u ON u.id = m.user_id LEFT JOIN person p ON p.user_id = u.id
    WHERE m.organization_id = $1 AND m.capacity = 'curator' AND m.ended_at IS NULL AND u.state IN ('active', 'locked') AND u.email IS NOT NULL LIMIT 20
  ]], organization_id)
end

-- ---- grants of a membership

function store.put_grant(member_id, user_id, role, organization_id, sets, by)
  return query.exec([[
    INSERT INTO role_grant (user_id, role, organization_id, sets, member_id, created_by) VALUES ($2, $3, $4, $5, $1, $6)
    ON CONFLICT (user_id, role, coalesce(organization_id, 0)) WHERE valid_to IS NULL DO UPDATE SET member_id = $1,
      sets = ARRAY(SELECT s FROM unnest(role_grant.sets) s WHERE s NOT IN ('curator', 'member')) || excluded.sets
  ]], member_id, user_id, role, organization_id, sets, by)
end

-- A grant is in force through its last day; one that must end now has ended yesterday. The membership keeps the moment.
function store.end_grants(member_id, except_roles)
  return query.exec([[
    UPDATE role_grant SET valid_to = current_date - 1, valid_from = least(valid_from, current_date - 1)
    WHERE member_id = $1 AND valid_to IS NULL AND NOT role = ANY ($2::text[])
  ]], member_id, except_roles)
end

-- ---- claims

local CLAIM = [[
  SELECT c.id, c.kind, c.user_id, c.organization_id, c.role, c.post, c.comment, c.data, c.state, c.reason, c.created_at, u.email,
    full_name(p) AS name, p.first_name, o.short_name, o.state AS organization_state
  FROM org_claim c JOIN user_account u ON u.id = c.user_id LEFT JOIN person p ON p.user_id = u.id LEFT JOIN organization o ON o.id = c.organization_id
]]

function store.insert_claim(c)
  return query.row([[
    INSERT INTO org_claim (kind, user_id, organization_id, role, post, comment, data, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id
  ]], c.kind, c.user_id, c.organization_id, c.role, c.post, c.comment, c.data or "{}", c.state)
end

--- What was typed before the address was proved: the last one counts.
function store.drop_unconfirmed(user_id)
  return query.exec("DELETE FROM org_claim WHERE user_id = $1 AND state = 'unconfirmed'", user_id)
end
function store.unconfirmed(user_id)
  return query.rows(CLAIM .. " WHERE c.user_id = $1 AND c.state = 'unconfirmed' ORDER BY c.id FOR UPDATE OF c", user_id)
end

function store.activate_claim(id, kind, organization_id)
  return query.exec("UPDATE org_claim SET state = 'pending', kind = $2, organization_id = $3, data = '{}' WHERE id = $1", id, kind, organization_id)
end

function store.pending_claims(organization_id)
  return query.rows(CLAIM .. " WHERE c.organization_id = $1 AND c.state = 'pending' ORDER BY c.id LIMIT 100", organization_id)
end

function store.claims_of(user_id)
  return query.rows(CLAIM .. " WHERE c.user_id = $1 AND c.state IN ('pending', 'rejected') ORDER BY c.id DESC LIMIT 20", user_id)
end

function store.lock_claim(organization_id, id)
  return query.row(CLAIM .. " WHERE c.organization_id = $1 AND c.id = $2 FOR UPDATE OF c", organization_id, id)
end

function store.has_claim(user_id, organization_id)
  return query.row("SELECT id FROM org_claim WHERE user_id = $1 AND organization_id = $2 AND state = 'pending'", user_id, organization_id) ~= nil
end

function store.decide_claim(id, state, reason, by)
  return query.exec([[
    UPDATE org_claim SET state = $2, reason = $3, decided_at = now(), decided_by = $4 WHERE id = $1 AND state = 'pending'
  ]], id, state, reason, by)
end

-- ---- invitations

local INVITATION = [[
  SELECT i.id, i.organization_id, i.email, i.capacity, i.post, i.expires_at, i.created_at, i.expires_at <= now() AS is_expired, o.short_name,
    o.state AS organization_state, o.is_partner, o.is_customer, full_name(p) AS invited_by
  FROM org_invitation i JOIN organization o ON o.id = i.organization_id LEFT JOIN person p ON p.user_id = i.created_by
  WHERE i.accepted_at IS NULL AND i.revoked_at IS NULL
]]

--- A second one to the same address replaces the first: its link dies.
function store.put_invitation(i)
  query.exec([[
    UPDATE org_invitation SET revoked_at = now()
    WHERE organization_id = $1 AND lower(email) = lower($2) AND accepted_at IS NULL AND revoked_at IS NULL
  ]], i.organization_id, i.email)
  return query.row([[
    INSERT INTO org_invitation (token_hash, organization_id, email, capacity, post, expires_at, created_by)
    VALUES ($1, $2, $3, $4, $5, now() + make_interval(days => $6), $7) RETURNING id
  ]], i.token_hash, i.organization_id, i.email, i.capacity, i.post, i.days, i.user_id)
end

function store.find_invitation(token_hash)
  return query.row(INVITATION .. " AND i.token_hash = $1 AND i.expires_at > now()", token_hash)
end

--- nil when somebody was first, or it is too old or revoked.
function store.take_invitation(id, user_id)
  return query.row([[
    UPDATE org_invitation SET accepted_at = now(), accepted_by = $2
    WHERE id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > now() RETURNING id
  ]], id, user_id)
end

function store.revoke_invitation(organization_id, id)
  return query.exec([[
    UPDATE org_invitation SET revoked_at = now() WHERE organization_id = $1 AND id = $2 AND accepted_at IS NULL AND revoked_at IS NULL
  ]], organization_id, id)
end

return store
