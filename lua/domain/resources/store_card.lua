--- SQL of what hangs on a card: photos, bookings to come, load, where it is used, its tables (parts).
local json = require("core.json")
local query = require("kit.query")
local store = {}

-- One statement instead of five. $1 entity, $2 card, $3 booked resource or NULL, $4 zone.
local PARTS = [[
  SELECT
    (SELECT json_agg(json_build_object('id', h.id, 'public_id', f.public_id, 'caption', h.caption) ORDER BY h.id)
     FROM resource_photo h JOIN file_object f ON f.id = h.file_id WHERE h.entity = $1 AND h.object_id = $2) AS photos,
    (SELECT json_agg(b ORDER BY b.starts_at) FROM (
      SELECT k.id, k.lesson_id, k.purpose, k.qty, k.note, to_char(lower(k.during) AT TIME ZONE $4, 'YYYY-MM-DD') AS day, lower(k.during) AS starts_at,
        to_char(lower(k.during) AT TIME ZONE $4, 'HH24:MI') || '–' || to_char(upper(k.during) AT TIME ZONE $4, 'HH24:MI') AS time,
        g.code AS group_code, o.short_name AS organization, k.state
      FROM booking k LEFT JOIN lesson l ON l.id = k.lesson_id LEFT JOIN study_group g ON g.id = l.group_id LEFT JOIN organization o ON o.id = g.organization_id
      WHERE k.resource_id = $3 AND k.during && tstzrange(now(), now() + interval '60 days') AND k.state IN ('requested', 'confirmed', 'in_use')
      ORDER BY lower(k.during) LIMIT 10) b) AS bookings,
    (SELECT json_agg(json_build_object('week', w.monday, 'hours', w.hours) ORDER BY w.monday) FROM (
      SELECT d::date AS monday, coalesce((SELECT sum(extract(epoch FROM upper(k.during) - lower(k.during)) / 3600 * k.qty) FROM booking k
          WHERE k.resource_id = $3 AND k.during && tstzrange(d AT TIME ZONE $4, (d + interval '7 days') AT TIME ZONE $4)
            AND k.state IN ('confirmed', 'in_use', 'finished')), 0)::float8 AS hours
      FROM generate_series(date_trunc('week', now() AT TIME ZONE $4) - interval '7 days', date_trunc('week', now() AT TIME ZONE $4) + interval '35 days',
        interval '7 days') AS d) w) AS load
]]

--- {photos, bookings, load}: arrays.
function store.parts(entity, id, booked_id, zone)
  local row = query.row(PARTS, entity, id, booked_id, zone)
  return { photos = row.photos and json.decode(row.photos) or {}, bookings = row.bookings and json.decode(row.bookings) or {},
    load = booked_id and row.load and json.decode(row.load) or nil }
end

-- ---- where it is used: rows {title, text, href}

local LESSON_GROUPS = [[
  SELECT 'Группа ' || g.code AS title, count(*) || ' занятий впереди, ' || o.short_name AS text, '/cabinet/groups/' || g.id AS href
  FROM booking k JOIN lesson l ON l.id = k.lesson_id JOIN study_group g ON g.id = l.group_id JOIN organization o ON o.id = g.organization_id
  WHERE k.resource_id = $2 AND k.during && tstzrange(now(), now() + interval '180 days') AND $1::bigint IS NOT NULL
  GROUP BY g.id, o.id ORDER BY count(*) DESC LIMIT 20
]]

local USES = {
  booked = LESSON_GROUPS, equipment = LESSON_GROUPS,
  room = [[
    (SELECT 'Оборудование: ' || e.name AS title, coalesce(e.model, '') AS text, '/cabinet/resources/equipment/' || e.id AS href
     FROM equipment e WHERE e.room_id = $1 AND e.state <> 'archived' ORDER BY e.name COLLATE ru LIMIT 50)
    UNION ALL
    (SELECT 'Программа: ' || w.name, coalesce(w.edition, ''), '/cabinet/resources/software/' || w.id
     FROM software_room sr JOIN software w ON w.id = sr.software_id WHERE sr.room_id = $1 AND w.state <> 'archived' ORDER BY w.name COLLATE ru LIMIT 50)
    UNION ALL (]] .. LESSON_GROUPS .. ")",
  staff = [[
    (SELECT 'Работает также: ' || o.short_name AS title, c.post AS text, NULL AS href FROM staff_resource own
     JOIN staff_resource c ON c.person_id = own.person_id AND c.id <> own.id AND c.state <> 'archived'
     JOIN organization o ON o.id = c.organization_id WHERE own.id = $1)
    UNION ALL (]] .. LESSON_GROUPS .. ")",
  software = [[
    (SELECT 'Установлено: ' || r.name AS title, s.name AS text, '/cabinet/resources/rooms/' || r.id AS href
     FROM software_room w JOIN room r ON r.id = w.room_id JOIN site s ON s.id = r.site_id WHERE w.software_id = $1 ORDER BY r.name COLLATE ru LIMIT 50)
    UNION ALL (]] .. LESSON_GROUPS .. ")",
  site = [[
    SELECT r.name AS title, 'мест: ' || r.seats AS text, '/cabinet/resources/rooms/' || r.id AS href FROM room r
    WHERE r.site_id = $1 AND r.state <> 'archived' AND ($2::bigint IS NULL OR true) ORDER BY r.name COLLATE ru LIMIT 100
  ]],
  consumable = [[
    SELECT 'Программа ' || p.title AS title, 'компетенция программы' AS text, '/programs/' || p.slug AS href FROM consumable c
    JOIN program p ON p.competences && c.competences AND p.state = 'published' WHERE c.id = $1 AND ($2::bigint IS NULL OR true) ORDER BY p.title COLLATE ru LIMIT 20
  ]],
}

--- Where the card is used; nil for kinds that are not.
function store.uses(kind, id, booked_id)
  return kind.uses and query.rows(USES[kind.uses], id, booked_id) or nil
end

-- ---- what taking it out of work hits

-- $1 booked resource, $2 up to which day (NULL: as far as it goes). Bookings of its own are no lessons and stay.
local HITS = [[
  SELECT l.id, l.held_on, to_char(l.starts, 'HH24:MI') AS starts, l.state, g.code AS group_code, g.organization_id, o.short_name AS organization,
    coalesce(m.title, p.title) AS title
  FROM booking k JOIN lesson l ON l.id = k.lesson_id JOIN study_group g ON g.id = l.group_id JOIN organization o ON o.id = g.organization_id
  JOIN program p ON p.id = g.program_id LEFT JOIN program_module m ON m.id = l.module_id
  WHERE k.resource_id = $1 AND k.during && tstzrange(now(), coalesce(($2::date + 1)::timestamptz, now() + interval '2 years'))
    AND l.state IN ('planned', 'published')
  ORDER BY l.held_on, l.starts LIMIT 500
]]

-- A site is out of work with all its rooms.
local HITS_OF_SITE = [[
  SELECT l.id, l.held_on, to_char(l.starts, 'HH24:MI') AS starts, l.state, g.code AS group_code, g.organization_id, o.short_name AS organization,
    coalesce(m.title, p.title) AS title
  FROM lesson l JOIN study_group g ON g.id = l.group_id JOIN organization o ON o.id = g.organization_id
  JOIN program p ON p.id = g.program_id LEFT JOIN program_module m ON m.id = l.module_id
  WHERE l.site_id = $1 AND l.held_on BETWEEN current_date AND coalesce($2::date, current_date + 730) AND l.state IN ('planned', 'published')
    AND lower(l.during) > now()
  ORDER BY l.held_on, l.starts LIMIT 500
]]

---@return table[] lessons to come that need it
function store.hits(kind, card, until_day)
  if kind.table == "site" then return query.rows(HITS_OF_SITE, card.id, until_day) end
  if not card.booked_id then return {} end
  return query.rows(HITS, card.booked_id, until_day)
end

--- Bookings to come of any purpose.
function store.count_ahead(booked_id)
  return query.row([[
    SELECT count(*) AS n FROM (SELECT FROM booking WHERE resource_id = $1 AND during && tstzrange(now(), now() + interval '2 years')
      AND state IN ('requested', 'confirmed', 'in_use') LIMIT 1000) k
  ]], booked_id).n
end

--- Whom it concerns that these lessons lose something: teachers, people of the organisations, those who plan.
function store.concerned(lesson_ids)
  return query.rows([[
    SELECT DISTINCT p.user_id AS id FROM lesson_teacher t JOIN staff_resource c ON c.id = t.staff_id JOIN person p ON p.id = c.person_id
    WHERE t.lesson_id = ANY ($1::bigint[]) AND p.user_id IS NOT NULL
    UNION
    SELECT g.user_id FROM role_grant g WHERE g.role = 'partner' AND (g.valid_to IS NULL OR g.valid_to >= current_date) AND g.organization_id IN (
      SELECT s.organization_id FROM lesson l JOIN study_group s ON s.id = l.group_id WHERE l.id = ANY ($1::bigint[]))
    UNION
    SELECT l.created_by FROM lesson l WHERE l.id = ANY ($1::bigint[]) AND l.created_by IS NOT NULL
  ]], lesson_ids)
end

-- ---- photos

function store.count_photos(entity, id)
  return query.row("SELECT count(*) AS n FROM resource_photo WHERE entity = $1 AND object_id = $2", entity, id).n
end
function store.insert_photo(entity, id, file_id, caption, user_id)
  return query.row([[
    INSERT INTO resource_photo (entity, object_id, file_id, caption, created_by) VALUES ($1, $2, $3, $4, $5) RETURNING id
  ]], entity, id, file_id, caption, user_id)
end
function store.delete_photo(entity, id, photo_id)
  return query.row("DELETE FROM resource_photo WHERE id = $3 AND entity = $1 AND object_id = $2 RETURNING file_id", entity, id, photo_id)
end
function store.photo_of_file(file_id)
  return query.row("SELECT entity, object_id FROM resource_photo WHERE file_id = $1 LIMIT 1", file_id)
end

return store
