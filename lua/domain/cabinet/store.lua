--- SQL of cabinets: counters of menus, the day of a teacher.
local query = require("kit.query")
local store = {}

local COUNT_LIMIT = 1000 -- a counter beyond it reads «1 000+»

local SUBMITTED = [[
  SELECT count(*) AS n FROM (
    SELECT FROM application WHERE state = 'submitted' AND ($1::bigint IS NULL OR organization_id = $1) LIMIT $2) found
]]

local OWN = [[
  SELECT count(*) AS n FROM application
  WHERE person_id = $1 AND state IN ('submitted', 'in_review', 'docs_required', 'docs_review', 'approved', 'waitlisted', 'enrolled')
]]

-- Lessons of the teacher that are over and not signed.
local UNSIGNED = [[
  SELECT l.id, l.held_on, to_char(l.starts, 'HH24:MI') AS starts, to_char(l.starts + make_interval(mins => l.minutes), 'HH24:MI') AS ends,
    l.state, l.topic, g.code AS group_code, g.id AS group_id, coalesce(m.title, p.title) AS title
  FROM lesson_teacher t
  JOIN staff_resource c ON c.id = t.staff_id
  JOIN lesson l ON l.id = t.lesson_id
  JOIN study_group g ON g.id = l.group_id
  JOIN program p ON p.id = g.program_id
  LEFT JOIN program_module m ON m.id = l.module_id
  WHERE c.person_id = $1 AND l.state IN ('published', 'held') AND upper(l.during) < now() AND l.held_on > current_date - 60
  ORDER BY l.held_on, l.starts, l.id LIMIT $2
]]

local UNSIGNED_COUNT = [[
  SELECT count(*) AS n FROM (
    SELECT FROM lesson_teacher t JOIN staff_resource c ON c.id = t.staff_id JOIN lesson l ON l.id = t.lesson_id
    WHERE c.person_id = $1 AND l.state IN ('published', 'held') AND upper(l.during) < now() AND l.held_on > current_date - 60
    LIMIT $2) found
]]

local MAIL = [[ SELECT count(*) AS n FROM (SELECT FROM mail_message WHERE state <> 'sent' LIMIT $1) found ]]

local function number(row) return row.n end

--- Counters by the names that menus use; each is one cheap query.
store.counters = {
  submitted = function(user)
    return number(query.row(SUBMITTED, user.grant.role == "partner" and user.grant.organization_id or nil, COUNT_LIMIT))
  end,
  own = function(user) return user.person_id and number(query.row(OWN, user.person_id)) or 0 end,
  unsigned = function(user) return user.person_id and number(query.row(UNSIGNED_COUNT, user.person_id, 100)) or 0 end,
  mail = function() return number(query.row(MAIL, COUNT_LIMIT)) end,
}
store.COUNT_LIMIT = COUNT_LIMIT

--- Lessons of a teacher whose journals wait for a signature, oldest first.
function store.unsigned(person_id, limit) return query.rows(UNSIGNED, person_id, limit) end

return store
