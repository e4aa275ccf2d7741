--- SQL of the timetable that everybody may see: published lessons, no people.
local query = require("kit.query")
local store = {}

--- Pages by day and time; the cursor is made of both.
store.LIST = query.list({
  select = [[l.id, l.held_on, to_char(l.starts, 'HH24:MI') AS starts, to_char(l.starts + make_interval(mins => l.minutes), 'HH24:MI') AS ends, l.kind, l.mode,
    l.state, g.code AS group_code, p.title AS program, p.slug, p.state AS program_state, m.title AS module, o.short_name AS organization, s.name AS site, s.address,
    (SELECT string_agg(r.name, ', ' ORDER BY r.id) FROM lesson_room x JOIN room r ON r.id = x.room_id WHERE x.lesson_id = l.id) AS rooms]],
  from = [[lesson l JOIN study_group g ON g.id = l.group_id JOIN program p ON p.id = g.program_id JOIN organization o ON o.id = g.organization_id
    LEFT JOIN program_module m ON m.id = l.module_id LEFT JOIN site s ON s.id = l.site_id]],
  key = "l.id", where = "l.state IN ('published', 'held', 'signed', 'locked')",
  filters = {
    from = "l.held_on >= ?::date", to = "l.held_on <= ?::date", organization = "g.organization_id = ?::bigint", group = "l.group_id = ?::bigint",
    program = "g.program_id = ?::bigint", competence = "p.competences && ARRAY[?::text]", site = "l.site_id = ?::bigint",
  },
  sorts = { time = { "(l.held_on + l.starts)::text", type = "text" } }, default = "time",
})

--- Choices of the filters: what has published lessons ahead.
function store.choices(organization_id)
  return query.rows([[
    WITH ahead AS (
      SELECT DISTINCT l.group_id FROM lesson l WHERE l.held_on BETWEEN current_date - 7 AND current_date + 60 AND l.state IN ('published', 'held', 'signed')
    ), learned AS (
      SELECT g.id, g.code, g.organization_id, g.program_id, p.title, o.short_name FROM ahead a JOIN study_group g ON g.id = a.group_id
      JOIN program p ON p.id = g.program_id JOIN organization o ON o.id = g.organization_id WHERE $1::bigint IS NULL OR g.organization_id = $1
    )
    (SELECT DISTINCT 'program' AS name, program_id AS value, title AS label FROM learned ORDER BY 3 LIMIT 500)
    UNION ALL (SELECT 'group', id, code FROM learned ORDER BY code LIMIT 500)
    UNION ALL (SELECT 'organization', o.id, o.short_name FROM organization o WHERE o.is_partner AND o.state = 'active' ORDER BY o.short_name COLLATE ru LIMIT 500)
  ]], organization_id)
end

return store
