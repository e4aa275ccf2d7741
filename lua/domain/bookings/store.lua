--- SQL of bookings that people ask for: requests for rooms of others, and bookings that are no lessons.
local query = require("kit.query")
local store = {}

local SELECT = [[
  k.id, k.resource_id, k.purpose, k.lesson_id, k.state, k.note, k.reason, k.version, k.organization_id AS asked_by, k.requested_by, r.name AS room,
  r.organization_id AS owner_id,
  r.organization_id, ARRAY[r.organization_id, coalesce(k.organization_id, g.organization_id)] AS organization_ids, s.name AS site, s.zone, o.short_name AS owner,
  coalesce(a.short_name, ga.short_name) AS asker, g.code AS group_code, (lower(k.during) AT TIME ZONE s.zone)::date AS held_on,
  to_char(lower(k.during) AT TIME ZONE s.zone, 'HH24:MI') AS starts, to_char(upper(k.during) AT TIME ZONE s.zone, 'HH24:MI') AS ends,
  lower(k.during) <= now() AS has_begun, upper(k.during) <= now() AS has_ended
]]
local FROM = [[
  booking k JOIN room r ON r.id = k.resource_id JOIN site s ON s.id = r.site_id JOIN organization o ON o.id = r.organization_id
  LEFT JOIN organization a ON a.id = k.organization_id LEFT JOIN lesson l ON l.id = k.lesson_id LEFT JOIN study_group g ON g.id = l.group_id
  LEFT JOIN organization ga ON ga.id = g.organization_id
]]

--- Requests and bookings that people made; of lessons only what is asked of another organisation.
store.LIST = query.list({
  select = SELECT, from = FROM, key = "k.id", where = "k.lesson_id IS NULL AND k.purpose <> 'absence' OR k.organization_id IS NOT NULL OR k.state = 'requested'",
  filters = { owner = "r.organization_id = ?::bigint", asker = "coalesce(k.organization_id, g.organization_id) = ?::bigint", state = "k.state = ?::text" },
  sorts = { newest = { "k.id", type = "bigint", desc = true } }, default = "newest",
})

function store.find(id) return query.row("SELECT " .. SELECT .. " FROM " .. FROM .. " WHERE k.id = $1", id) end
function store.lock(id) return query.row("SELECT " .. SELECT .. " FROM " .. FROM .. " WHERE k.id = $1 FOR UPDATE OF k", id) end

--- What the guards ask: who holds the room then, does the site work.
function store.facts(id)
  return query.row([[
    SELECT (SELECT count(*) FROM booking o WHERE o.resource_id = k.resource_id AND o.during && k.during AND o.exclusive AND o.id <> k.id
        AND o.state IN ('confirmed', 'in_use', 'finished')) AS overlaps,
      (lower(k.during) AT TIME ZONE s.zone)::time >= s.opens AND (upper(k.during) AT TIME ZONE s.zone)::time <= s.closes AS resource_is_open
    FROM booking k JOIN room r ON r.id = k.resource_id JOIN site s ON s.id = r.site_id WHERE k.id = $1
  ]], id)
end

--- Who holds the room at the moment: {purpose, group_code, organization, note, starts, ends}.
function store.holders(room_id, held_on, starts, minutes, zone)
  return query.rows([[
    SELECT k.purpose, k.note, g.code AS group_code, o.short_name AS organization, to_char(lower(k.during) AT TIME ZONE $5, 'HH24:MI') AS starts,
      to_char(upper(k.during) AT TIME ZONE $5, 'HH24:MI') AS ends
    FROM booking k LEFT JOIN lesson l ON l.id = k.lesson_id LEFT JOIN study_group g ON g.id = l.group_id
    LEFT JOIN organization o ON o.id = coalesce(g.organization_id, k.organization_id)
    WHERE k.resource_id = $1 AND k.exclusive AND k.state IN ('confirmed', 'in_use', 'finished')
      AND k.during && tstzrange(($2::date + $3::time) AT TIME ZONE $5, ($2::date + $3::time + make_interval(mins => $4::int)) AT TIME ZONE $5)
    ORDER BY lower(k.during) LIMIT 5
  ]], room_id, held_on, starts, minutes, zone)
end

function store.room(id)
  return query.row([[
    SELECT r.id, r.name, r.state, r.organization_id, s.zone, o.short_name AS owner, x.exclusive FROM room r JOIN site s ON s.id = r.site_id
    JOIN organization o ON o.id = r.organization_id JOIN resource x ON x.id = r.id WHERE r.id = $1
  ]], id)
end

function store.rooms(limit)
  return query.rows([[
    SELECT r.id AS value, r.name || ', ' || s.name || ' — ' || o.short_name AS label FROM room r JOIN site s ON s.id = r.site_id
    JOIN organization o ON o.id = r.organization_id WHERE r.state = 'active' ORDER BY o.short_name COLLATE ru, r.name COLLATE ru LIMIT $1
  ]], limit)
end

function store.insert(b)
  query.rows("SELECT pg_advisory_xact_lock($1)", b.room_id)
  return query.row([[
    INSERT INTO booking (resource_id, during, purpose, exclusive, state, note, organization_id, requested_by)
    VALUES ($1, tstzrange(($2::date + $3::time) AT TIME ZONE $5, ($2::date + $3::time + make_interval(mins => $4::int)) AT TIME ZONE $5), $6, $7, $8, $9, $10, $11)
    RETURNING id
  ]], b.room_id, b.held_on, b.starts, b.minutes, b.zone, b.purpose, b.exclusive, b.state, b.note, b.organization_id, b.user_id)
end

function store.save_state(id, state, reason)
  return query.exec("UPDATE booking SET state = $2, reason = coalesce($3, reason) WHERE id = $1", id, state, reason)
end

--- The owner agrees: the lesson's room is no longer a request, its booking is derived anew.
function store.grant_room(lesson_id, room_id)
  return query.exec("UPDATE lesson_room SET is_requested = false WHERE lesson_id = $1 AND room_id = $2", lesson_id, room_id)
end

--- The owner refuses: the lesson stays without the room, the booking stays as a record of it.
function store.deny_room(booking_id, lesson_id, room_id)
  local _, err = query.exec("UPDATE booking SET lesson_id = NULL, organization_id = coalesce(organization_id, (SELECT g.organization_id FROM lesson l "
    .. "JOIN study_group g ON g.id = l.group_id WHERE l.id = $2)) WHERE id = $1", booking_id, lesson_id)
  if err then return nil, err end
  return query.exec("DELETE FROM lesson_room WHERE lesson_id = $1 AND room_id = $2", lesson_id, room_id)
end

--- Bookings that begin or end: {id, action}.
function store.due(limit)
  return query.rows([[
    SELECT id, CASE WHEN state = 'confirmed' THEN 'start' ELSE 'finish' END AS action FROM booking
    WHERE lesson_id IS NULL AND purpose <> 'absence' AND organization_id IS NOT NULL
      AND (state = 'confirmed' AND lower(during) <= now() OR state = 'in_use' AND upper(during) <= now()) ORDER BY id LIMIT $1
  ]], limit)
end

--- Requests that wait for an organisation (all when nil).
function store.waiting(organization_id)
  return query.row([[
    SELECT count(*) AS n FROM (SELECT FROM booking k JOIN room r ON r.id = k.resource_id
      WHERE k.state = 'requested' AND upper(k.during) > now() AND ($1::bigint IS NULL OR r.organization_id = $1) LIMIT 1000) waiting
  ]], organization_id).n
end

return store
