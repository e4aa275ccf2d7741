--- SQL of the load of workshops: hours booked against hours in which the site is open.
local db = require("core.db")
local query = require("kit.query")
local store = {}

-- $1 competence, $2 organisation, $3 site: each NULL for any. $4 kinds of rooms.
local ROOMS = [[
  room_of AS (
    SELECT r.id, r.name, r.number, r.organization_id, r.site_id, r.workplaces, s.name AS site, s.zone, s.opens, s.closes, s.works_saturday,
      s.latitude, s.longitude, o.short_name AS organization
    FROM room r JOIN site s ON s.id = r.site_id JOIN organization o ON o.id = r.organization_id
    WHERE r.state = 'active' AND s.state = 'active' AND r.kind = ANY ($4::text[])
      AND ($1::text IS NULL OR r.competence = $1) AND ($2::bigint IS NULL OR r.organization_id = $2) AND ($3::bigint IS NULL OR r.site_id = $3)
  )
]]

-- Days on which a site works: working days, and Saturdays that are no holidays where it works on them.
local OPEN_DAY = [[(is_working_day(d::date) OR (works_saturday AND extract(isodow FROM d) = 6
  AND NOT EXISTS (SELECT FROM production_calendar c WHERE c.day = d::date)))]]

local HOLDS = "k.state IN ('confirmed', 'in_use', 'finished')"

-- $5 first day, $6 last day. Rooms alike are counted together, so that the hours they are open cost little.
local HOURS = "WITH " .. ROOMS .. [[,
  alike AS (SELECT opens, closes, works_saturday, count(*) AS n FROM room_of GROUP BY 1, 2, 3),
  open_hours AS (
    SELECT extract(isodow FROM d)::int AS weekday, h AS hour, sum(n) AS hours
    FROM alike CROSS JOIN generate_series($5::date, $6::date, interval '1 day') AS d CROSS JOIN generate_series(0, 23) AS h
    WHERE ]] .. OPEN_DAY .. [[ AND make_time(h, 0, 0) >= opens AND make_time(h, 59, 0) <= closes
    GROUP BY 1, 2
  ), busy AS (
    SELECT lower(k.during) AT TIME ZONE r.zone AS starts, upper(k.during) AT TIME ZONE r.zone AS ends
    FROM room_of r CROSS JOIN LATERAL (SELECT k.during FROM booking k WHERE k.resource_id = r.id AND ]] .. HOLDS .. [[
      AND k.during && tstzrange($5::date::timestamp AT TIME ZONE r.zone, ($6::date + 1)::timestamp AT TIME ZONE r.zone)) k
  ), busy_hours AS (
    SELECT extract(isodow FROM t)::int AS weekday, extract(hour FROM t)::int AS hour,
      sum(extract(epoch FROM least(ends, t + interval '1 hour') - greatest(starts, t)) / 3600) AS hours
    FROM busy CROSS JOIN generate_series(date_trunc('hour', starts), ends - interval '1 second', interval '1 hour') AS t
    GROUP BY 1, 2
  )
  SELECT weekday, hour, coalesce(a.hours, 0)::float8 AS hours_open, coalesce(b.hours, 0)::float8 AS busy
  FROM open_hours a FULL JOIN busy_hours b USING (weekday, hour) ORDER BY weekday, hour
]]

-- $5 first of the months, $6 last day of them.
local MONTHS = "WITH " .. ROOMS .. [[,
  alike AS (SELECT opens, closes, works_saturday, count(*) AS n FROM room_of GROUP BY 1, 2, 3),
  open_hours AS (
    SELECT date_trunc('month', d)::date AS month, sum(n * extract(epoch FROM closes - opens) / 3600) AS hours
    FROM alike CROSS JOIN generate_series($5::date, $6::date, interval '1 day') AS d WHERE ]] .. OPEN_DAY .. [[ GROUP BY 1
  ), busy AS (
    SELECT date_trunc('month', lower(k.during) AT TIME ZONE r.zone)::date AS month, sum(extract(epoch FROM upper(k.during) - lower(k.during)) / 3600) AS hours
    FROM room_of r CROSS JOIN LATERAL (SELECT k.during FROM booking k WHERE k.resource_id = r.id AND ]] .. HOLDS .. [[
      AND k.during && tstzrange($5::date::timestamp AT TIME ZONE r.zone, ($6::date + 1)::timestamp AT TIME ZONE r.zone)) k
    GROUP BY 1
  )
  SELECT a.month, a.hours::float8 AS hours_open, coalesce(b.hours, 0)::float8 AS busy FROM open_hours a LEFT JOIN busy b USING (month) ORDER BY a.month
]]

-- Rooms of a page, the busiest first, with their bookings of the week as JSON. $5 Monday, $6 Sunday, $7 limit, $8 and $9 hours and key of the
-- last room of the page before.
local TIMELINE = "WITH " .. ROOMS .. [[,
  booked AS (
    SELECT r.*, k.list, coalesce(k.hours, 0)::float8 AS busy,
      (SELECT count(*) * extract(epoch FROM r.closes - r.opens) / 3600 FROM generate_series($5::date, $6::date, interval '1 day') AS d
       WHERE (is_working_day(d::date) OR (r.works_saturday AND extract(isodow FROM d) = 6
         AND NOT EXISTS (SELECT FROM production_calendar c WHERE c.day = d::date))))::float8 AS hours_open
    FROM room_of r LEFT JOIN LATERAL (
      SELECT sum(extract(epoch FROM upper(k.during) - lower(k.during)) / 3600) AS hours,
        json_agg(json_build_object('starts', to_char(lower(k.during) AT TIME ZONE r.zone, 'YYYY-MM-DD HH24:MI'),
          'ends', to_char(upper(k.during) AT TIME ZONE r.zone, 'YYYY-MM-DD HH24:MI'), 'purpose', k.purpose, 'group', g.code, 'organization', o.short_name)
          ORDER BY k.during) AS list
      FROM booking k LEFT JOIN lesson l ON l.id = k.lesson_id LEFT JOIN study_group g ON g.id = l.group_id LEFT JOIN organization o ON o.id = g.organization_id
      WHERE k.resource_id = r.id AND ]] .. HOLDS .. [[
        AND k.during && tstzrange($5::date::timestamp AT TIME ZONE r.zone, ($6::date + 1)::timestamp AT TIME ZONE r.zone)) k ON true
  )
  SELECT id, name, number, site, organization, workplaces, busy, hours_open, list, to_char(opens, 'HH24:MI') AS opens, to_char(closes, 'HH24:MI') AS closes
  FROM booked WHERE $8::float8 IS NULL OR (busy, id) < ($8, $9::bigint) ORDER BY busy DESC, id DESC LIMIT $7
]]

-- Windows: working days of a site in a row on which the room is free between two times of the day. $5 first day, $6 last day, $7 from, $8 to,
-- $9 places, $10 days in a row, $11 from which site, $12 how far in km, $13 limit.
local WINDOWS = "WITH " .. ROOMS .. [[,
  near AS (
    SELECT r.*, n.id IS NOT NULL AS is_measured, (2 * 6371 * asin(sqrt(least(1, power(sin(radians((r.latitude - n.latitude)::float8 / 2)), 2)
      + cos(radians(r.latitude::float8)) * cos(radians(n.latitude::float8)) * power(sin(radians((r.longitude - n.longitude)::float8 / 2)), 2)))))::float8 AS km
    FROM room_of r LEFT JOIN site n ON n.id = $11::bigint
    WHERE ($9::int IS NULL OR r.workplaces >= $9) AND $7::time >= r.opens AND $8::time <= r.closes
  ), day_of AS (
    SELECT r.id, d::date AS day, row_number() OVER (PARTITION BY r.id ORDER BY d) AS n, r.zone
    FROM near r CROSS JOIN generate_series($5::date, $6::date, interval '1 day') AS d
    WHERE ($12::int IS NULL OR r.km <= $12) AND ]] .. OPEN_DAY .. [[
  ), free AS (
    SELECT id, day, n - row_number() OVER (PARTITION BY id ORDER BY day) AS island FROM day_of d
    WHERE NOT EXISTS (SELECT FROM booking k WHERE k.resource_id = d.id AND ]] .. HOLDS .. [[
      AND k.during && tstzrange((d.day + $7::time) AT TIME ZONE d.zone, (d.day + $8::time) AT TIME ZONE d.zone))
  ), islands AS (SELECT id, min(day) AS first_day, max(day) AS last_day, count(*) AS days FROM free GROUP BY id, island HAVING count(*) >= $10::int)
  SELECT i.first_day, i.last_day, i.days, r.id, r.name, r.site, r.organization, r.workplaces, round(r.km::numeric, 1)::float8 AS km
  FROM islands i JOIN near r ON r.id = i.id ORDER BY i.first_day, r.km NULLS LAST, r.workplaces, r.id LIMIT $13
]]

local function rooms(asked) return asked.competence, asked.organization, asked.site, db.array(asked.kinds) end

local SLOW = { timeout_ms = 20000 }
local function rows(sql, asked, ...)
  local competence, organization, site, kinds = rooms(asked)
  return query.rows(SLOW, sql, competence, organization, site, kinds, ...)
end

function store.hours(asked, from, to) return rows(HOURS, asked, from, to) end
function store.months(asked, from, to) return rows(MONTHS, asked, from, to) end
function store.timeline(asked, from, to, limit, after_busy, after_id) return rows(TIMELINE, asked, from, to, limit, after_busy, after_id) end
function store.windows(asked, limit)
  return rows(WINDOWS, asked, asked.from, asked.to, asked.starts, asked.ends, asked.places, asked.days, asked.near, asked.km, limit)
end

--- Choices of the filters: one query for the three.
function store.choices()
  return query.rows([[
    (SELECT 'competence' AS name, i.code AS value, i.name AS label FROM ref_item i WHERE i.book = 'competence'
      AND EXISTS (SELECT FROM room r WHERE r.competence = i.code AND r.state = 'active') ORDER BY i.name COLLATE ru)
    UNION ALL
    (SELECT 'organization', o.id::text, o.short_name FROM organization o WHERE EXISTS (SELECT FROM room r WHERE r.organization_id = o.id AND r.state = 'active')
     ORDER BY o.short_name COLLATE ru LIMIT 1000)
    UNION ALL
    (SELECT 'site', s.id::text, o.short_name || ': ' || s.name FROM site s JOIN organization o ON o.id = s.organization_id WHERE s.state = 'active'
     ORDER BY o.short_name COLLATE ru, s.name COLLATE ru LIMIT 1000)
  ]])
end

return store
