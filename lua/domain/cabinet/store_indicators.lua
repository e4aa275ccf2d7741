--- SQL of the region's indicators: counted by a timer, read by the first screen of the coordinator.
local query = require("kit.query")
local store = {}

-- Counts everything anew in one statement: name → JSON.
local REFRESH = [[
  INSERT INTO region_indicator (name, value)

  -- Applications submitted within twelve months, by state.
  SELECT 'applications', coalesce(jsonb_object_agg(state, n), '{}') FROM (
    SELECT state, count(*) AS n FROM application
    WHERE submitted_at >= date_trunc('month', now()) - interval '11 months' GROUP BY state) x

  UNION ALL
  -- Submitted applications and enrolments, month by month.
  SELECT 'months', jsonb_agg(jsonb_build_object('month', to_char(m, 'YYYY-MM'), 'submitted', coalesce(a.n, 0),
    'enrolled', coalesce(e.n, 0)) ORDER BY m)
  FROM generate_series(date_trunc('month', now()) - interval '11 months', date_trunc('month', now()), interval '1 month') AS m
  LEFT JOIN (SELECT date_trunc('month', submitted_at) AS month, count(*) AS n FROM application
    WHERE submitted_at >= date_trunc('month', now()) - interval '11 months' GROUP BY 1) a ON a.month = m
  LEFT JOIN (SELECT date_trunc('month', enrolled_on)::date AS month, count(*) AS n FROM enrollment
    WHERE enrolled_on >= (date_trunc('month', now()) - interval '11 months')::date GROUP BY 1) e ON e.month = m::date

  UNION ALL
  SELECT 'groups', coalesce(jsonb_object_agg(state, n), '{}')
  FROM (SELECT state, count(*) AS n FROM study_group GROUP BY state) x

  UNION ALL
  SELECT 'learners', jsonb_build_object('studying', count(*) FILTER (WHERE state IN ('enrolled', 'studying', 'admitted')),
    'trained', count(*) FILTER (WHERE state IN ('passed', 'graduated'))) FROM enrollment

  UNION ALL
  -- This week's bookings of workshops and laboratories against the hours in which they are open, by organisation.
  SELECT 'workshops', coalesce(jsonb_agg(x ORDER BY x.share DESC NULLS LAST, x.name), '[]') FROM (
    SELECT o.short_name AS name, count(*) AS rooms, round(sum(coalesce(b.hours, 0))) AS busy, round(sum(r.hours_open)) AS hours_open,
      round(100 * sum(coalesce(b.hours, 0)) / nullif(sum(r.hours_open), 0)) AS share
    FROM (SELECT r.id, r.organization_id,
        extract(epoch FROM s.closes - s.opens) / 3600 * CASE WHEN s.works_saturday THEN 6 ELSE 5 END AS hours_open
      FROM room r JOIN site s ON s.id = r.site_id WHERE r.kind IN ('workshop', 'lab', 'computer') AND r.state = 'active') r
    JOIN organization o ON o.id = r.organization_id
    LEFT JOIN (SELECT k.resource_id, sum(extract(epoch FROM upper(k.during) - lower(k.during))) / 3600 AS hours FROM booking k
      WHERE k.during && tstzrange(date_trunc('week', now()), date_trunc('week', now()) + interval '7 days')
        AND k.state IN ('confirmed', 'in_use', 'finished') GROUP BY k.resource_id) b ON b.resource_id = r.id
    GROUP BY o.id ORDER BY share DESC NULLS LAST LIMIT 12) x

  ON CONFLICT (name) DO UPDATE SET value = excluded.value, counted_at = now()
]]

function store.refresh() return query.exec({ lane = "slow", timeout_ms = 120000 }, REFRESH) end
function store.read() return query.rows("SELECT name, value, counted_at FROM region_indicator") end

return store
