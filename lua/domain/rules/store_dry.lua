--- SQL of dry runs: decisions of the past, what would have come of them.
local db = require("core.db")
local query = require("kit.query")
local store = {}

local LONG = { timeout_ms = 120000 } -- in jobs

local TABLE = { event = "workflow_event", refusal = "workflow_refusal" }

--- Names under which the history of a machine is kept: several where tables share it.
---@param machine string
---@return string[]
function store.series(machine)
  local names = {}
  for _, source in ipairs({ "event", "refusal" }) do
    for _, row in ipairs(query.rows(([[
      WITH RECURSIVE name AS (
        SELECT min(machine) AS machine FROM %s
        UNION ALL SELECT (SELECT min(e.machine) FROM %s e WHERE e.machine > name.machine) FROM name WHERE name.machine IS NOT NULL)
      SELECT machine FROM name WHERE split_part(machine, ':', 1) = $1
    ]]):format(TABLE[source], TABLE[source]), machine)) do names[row.machine] = true end
  end
  local list = {}
  for name in pairs(names) do list[#list + 1] = name end
  table.sort(list)
  return list
end

--- First and last number: two looks into the index each. Counting a million would take longer than asking them again.
function store.bounds(source, series)
  return query.row(([[
    SELECT min((SELECT min(id) FROM %s WHERE machine = s)) AS first, max((SELECT max(id) FROM %s WHERE machine = s)) AS last
    FROM unnest($1::text[]) AS s
  ]]):format(TABLE[source], TABLE[source]), db.array(series))
end

local COLUMNS = {
  event = "'' AS expected, coalesce(inputs, (decision->'inputs')::text, json_build_object('action', action, 'from', from_state, 'to', to_state)::text) AS inputs",
  refusal = "code AS expected, coalesce(inputs, (decision->'inputs')::text, json_build_object('action', action, 'from', from_state)::text) AS inputs",
}

--- The next decisions of a span: numbers, roles, expected codes, inputs as JSON.
function store.batch(source, series, since, after, last, limit)
  return query.rows(LONG, ([[
    SELECT id, role, %s FROM %s WHERE machine = ANY ($1::text[]) AND id > $2 AND id <= $3 AND at >= $4 ORDER BY id LIMIT $5
  ]]):format(COLUMNS[source], TABLE[source]), db.array(series), after, last, since, limit)
end

--- What a list shows of decisions, by number.
function store.details(source, ids)
  local extra = source == "event" and "to_state, NULL::text AS code" or "NULL::text AS to_state, code"
  return query.rows(([[
    SELECT id, object_id, at, action, from_state, %s, decision->'guards' AS guards FROM %s WHERE id = ANY ($1::bigint[])
  ]]):format(extra, TABLE[source]), db.array(ids))
end

-- ---- runs

function store.insert_run(pack, organization_id, set_hash, since, user_id)
  return query.row([[
    INSERT INTO rule_dry_run (pack, organization_id, set_hash, since, created_by) VALUES ($1, $2, $3, $4, $5) RETURNING id
  ]], pack, organization_id, set_hash, since, user_id).id
end

function store.insert_span(run_id, number, source, first, last)
  return query.exec([[
    INSERT INTO rule_dry_span (dry_run_id, number, source, first_id, last_id, reached_id) VALUES ($1, $2, $3, $4::bigint, $5, $4::bigint - 1)
  ]], run_id, number, source, first, last)
end

local RUN = [[
  SELECT r.id, r.pack, r.organization_id, r.set_hash, r.since, r.state, r.error, r.created_at, r.finished_at,
    round(extract(epoch FROM coalesce(r.finished_at, now()) - r.created_at) * 1000)::bigint AS ms, coalesce(short_name(p), u.email) AS who,
    s.percent, s.done, s.differ, s.unknown, s.spans
  FROM rule_dry_run r LEFT JOIN user_account u ON u.id = r.created_by LEFT JOIN person p ON p.user_id = u.id
  CROSS JOIN LATERAL (SELECT count(*) AS spans,
    coalesce(sum(reached_id - first_id + 1) * 100 / sum(last_id - first_id + 1), 0)::int AS percent, coalesce(sum(done), 0)::bigint AS done,
    coalesce(sum(differ), 0)::bigint AS differ, coalesce(sum(unknown), 0)::bigint AS unknown FROM rule_dry_span WHERE dry_run_id = r.id) s
]]

function store.run(id) return query.row(RUN .. "WHERE r.id = $1", id) end
function store.runs(pack, organization_id, most)
  return query.rows(RUN .. "WHERE r.pack = $1 AND r.organization_id = $2 ORDER BY r.id DESC LIMIT $3", pack, organization_id, most)
end

--- A span that begins, perhaps anew: what it had found before is forgotten.
function store.begin_span(run_id, number)
  query.exec([[
    DELETE FROM rule_dry_case c USING rule_dry_span s WHERE s.dry_run_id = $1 AND s.number = $2 AND c.dry_run_id = $1 AND c.source = s.source
      AND c.source_id BETWEEN s.first_id AND s.last_id
  ]], run_id, number)
  return query.row([[
    UPDATE rule_dry_span s SET done = 0, differ = 0, unknown = 0, reached_id = first_id - 1 FROM rule_dry_run r
    WHERE s.dry_run_id = $1 AND s.number = $2 AND r.id = s.dry_run_id AND r.state = 'running'
    RETURNING s.source, s.first_id, s.last_id, r.pack, r.set_hash, r.since
  ]], run_id, number)
end

--- Adds to a span; the state of the run.
function store.advance(run_id, number, reached_id, done, differ, unknown)
  return query.row([[
    UPDATE rule_dry_span s SET reached_id = $3, done = done + $4, differ = differ + $5, unknown = unknown + $6 FROM rule_dry_run r
    WHERE s.dry_run_id = $1 AND s.number = $2 AND r.id = s.dry_run_id RETURNING r.state
  ]], run_id, number, reached_id, done, differ, unknown).state
end

function store.end_span(run_id, number)
  query.row("SELECT id FROM rule_dry_run WHERE id = $1 FOR UPDATE", run_id)
  query.exec("UPDATE rule_dry_span SET is_over = true, reached_id = last_id WHERE dry_run_id = $1 AND number = $2", run_id, number)
  return query.exec([[
    UPDATE rule_dry_run SET state = 'done', finished_at = clock_timestamp()
    WHERE id = $1 AND state = 'running' AND NOT EXISTS (SELECT FROM rule_dry_span WHERE dry_run_id = $1 AND NOT is_over)
  ]], run_id)
end

function store.finish(run_id, state, fault)
  return query.exec("UPDATE rule_dry_run SET state = $2, error = $3, finished_at = clock_timestamp() WHERE id = $1 AND state = 'running'", run_id, state, fault)
end

function store.insert_cases(run_id, source, cases)
  return query.exec([[
    INSERT INTO rule_dry_case (dry_run_id, source, source_id, object_id, at, action, from_state, before, after, file, line, is_unsure)
    SELECT $1, $2, x.source_id, x.object_id, x.at, x.action, x.from_state, x.before, x.after, x.file, x.line, x.is_unsure
    FROM jsonb_to_recordset($3::jsonb) AS x (source_id bigint, object_id bigint, at timestamptz, action text, from_state text, before jsonb, after jsonb,
      file text, line int, is_unsure boolean)
    ON CONFLICT DO NOTHING
  ]], run_id, source, cases)
end

store.CASES = query.list({
  select = "c.source, c.source_id, c.object_id, c.at, c.action, c.from_state, c.before, c.after, c.file, c.line, c.is_unsure",
  from = "rule_dry_case c",
  key = "c.id",
  filters = { run = "c.dry_run_id = ?::bigint", unsure = "c.is_unsure = ?::boolean" },
  sorts = { found = { "c.id", type = "bigint" } },
  default = "found",
})

--- Numbers and names of applications.
function store.applications(ids)
  return query.rows([[
    SELECT a.id, a.number, short_name(p) AS name, a.organization_id, a.public_id FROM application a JOIN person p ON p.id = a.person_id
    WHERE a.id = ANY ($1::bigint[])
  ]], db.array(ids))
end

--- One decision whole, for a test made of it.
function store.decision(source, id)
  return query.row(([[
    SELECT machine, object_id, action, from_state, role, decision, coalesce(inputs, (decision->'inputs')::text) AS inputs, %s FROM %s WHERE id = $1
  ]]):format(
    source == "event" and "to_state, NULL::text AS code, reason" or "NULL::text AS to_state, code, NULL::text AS reason", TABLE[source]), id)
end

return store
