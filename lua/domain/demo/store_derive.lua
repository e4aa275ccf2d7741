--- What the triggers would have derived, made set-wise for the rows from given keys on: current versions, counters,
--- lines of orders, bookings of lessons, units in use, audit. `store_check` proves that the result is the same.
local store = require("domain.demo.store")
local derive = {}

local exec = store.exec

local CURRENT_VERSIONS = [[
  UPDATE program p SET current_version_id = v.id FROM program_version v WHERE v.program_id = p.id AND v.no = 1 AND p.id >= $1
]]

-- Alphabetical, as the order module does it.
local LINES_IN = [[
  INSERT INTO order_line (order_id, position, person_id, application_id, enrollment_id, full_name, act)
  SELECT e.order_in_id,
    row_number() OVER (PARTITION BY e.order_in_id
      ORDER BY p.last_name COLLATE ru, p.first_name COLLATE ru, p.middle_name COLLATE ru, p.id),
    p.id, e.application_id, e.id, full_name(p), 'in'
  FROM enrollment e JOIN person p ON p.id = e.person_id
  WHERE e.id >= $1
]]

local LINES_OUT = [[
  INSERT INTO order_line (order_id, position, person_id, application_id, enrollment_id, full_name, act)
  SELECT d.id,
    row_number() OVER (PARTITION BY d.id
      ORDER BY p.last_name COLLATE ru, p.first_name COLLATE ru, p.middle_name COLLATE ru, p.id),
    p.id, e.application_id, e.id, full_name(p), CASE WHEN d.kind = 'admission' THEN 'in' ELSE 'out' END
  FROM order_doc d
  JOIN enrollment e ON e.order_out_id = d.id
    OR (d.kind = 'admission' AND e.group_id = d.group_id AND e.state IN ('admitted', 'passed', 'graduated'))
  JOIN person p ON p.id = e.person_id
  WHERE d.id >= $1 AND e.id >= $2 AND d.kind <> 'enroll'
]]

local LINE = [[
  INSERT INTO order_line (order_id, position, person_id, application_id, enrollment_id, full_name, act)
  SELECT $1, 1, p.id, e.application_id, e.id, full_name(p), 'out'
  FROM enrollment e JOIN person p ON p.id = e.person_id WHERE e.id = $2
]]

local SEATS = [[
  UPDATE study_group g SET seats_taken = c.n
  FROM (SELECT group_id, count(*) AS n FROM enrollment WHERE id >= $1 AND enrollment_holds_seat(state) GROUP BY group_id) c
  WHERE c.group_id = g.id AND g.id >= $2
]]

local PLACES = [[
  UPDATE intake i SET taken = c.n
  FROM (SELECT intake_id, count(*) AS n FROM application WHERE id >= $1 AND application_holds_place(state) GROUP BY intake_id) c
  WHERE c.intake_id = i.id AND i.id >= $2
]]

-- An intake with a waiting list is full, otherwise the first in the queue would be promoted at once.
local FULL_INTAKES = [[
  UPDATE intake i SET places = taken
  WHERE id >= $1 AND taken > 0 AND EXISTS (SELECT FROM application a WHERE a.intake_id = i.id AND a.state = 'waitlisted')
]]

-- People who learn in two groups at a time are booked singly, see lesson_shared_people().
local SHARED_RESOURCES = [[
  WITH shared AS (
    SELECT e.person_id FROM enrollment e JOIN study_group g ON g.id = e.group_id
    WHERE e.id >= $1 AND e.state NOT IN ('expelled', 'transferred', 'graduated')
    GROUP BY e.person_id HAVING count(DISTINCT e.group_id) > 1
  )
  SELECT count(person_resource(person_id)) FROM shared
]]

local BOOKINGS = [[
  INSERT INTO booking (resource_id, during, lesson_id, exclusive, qty)
  SELECT g.resource_id, l.during, l.id, true, 1
  FROM lesson l JOIN study_group g ON g.id = l.group_id WHERE l.id >= $1 AND l.state <> 'cancelled' AND l.subgroup_id IS NULL
  UNION ALL
  SELECT s.resource_id, l.during, l.id, true, 1
  FROM lesson l JOIN subgroup s ON s.group_id = l.group_id AND (l.subgroup_id IS NULL OR s.id = l.subgroup_id)
  WHERE l.id >= $1 AND l.state <> 'cancelled'
  UNION ALL
  SELECT p.resource_id, l.during, l.id, true, 1
  FROM lesson l JOIN lesson_teacher t ON t.lesson_id = l.id JOIN staff_resource c ON c.id = t.staff_id
  JOIN person p ON p.id = c.person_id
  WHERE l.id >= $1 AND l.state <> 'cancelled'
  UNION ALL
  SELECT r.id, l.during, l.id, r.exclusive, 1
  FROM lesson l JOIN lesson_room x ON x.lesson_id = l.id JOIN resource r ON r.id = x.room_id
  WHERE l.id >= $1 AND l.state <> 'cancelled'
  UNION ALL
  SELECT r.id, l.during, l.id, r.exclusive, x.qty
  FROM lesson l JOIN lesson_equipment x ON x.lesson_id = l.id JOIN resource r ON r.id = x.equipment_id
  WHERE l.id >= $1 AND l.state <> 'cancelled'
]]

local SHARED_BOOKINGS = [[
  WITH several AS MATERIALIZED (
    SELECT person_id FROM enrollment
    WHERE id >= $2 AND state NOT IN ('expelled', 'transferred', 'graduated')
    GROUP BY person_id HAVING count(DISTINCT group_id) > 1
  )
  INSERT INTO booking (resource_id, during, lesson_id, exclusive, qty)
  SELECT p.resource_id, l.during, l.id, true, 1
  FROM several
  JOIN enrollment e ON e.person_id = several.person_id
  JOIN lesson l ON l.group_id = e.group_id AND l.id >= $1 AND l.state <> 'cancelled'
  JOIN person p ON p.id = e.person_id
  WHERE e.person_id IN (SELECT lesson_shared_people(l))
]]

local SLOTS = [[
  INSERT INTO slot_use (resource_id, slot, used, capacity)
  SELECT b.resource_id, slot, sum(b.qty), r.capacity
  FROM booking b JOIN resource r ON r.id = b.resource_id
  CROSS JOIN LATERAL generate_series(date_bin('5 minutes', lower(b.during), 'epoch'),
    upper(b.during) - interval '1 microsecond', interval '5 minutes') AS slot
  WHERE b.lesson_id >= $1 AND NOT b.exclusive
  GROUP BY b.resource_id, slot, r.capacity
]]

local AUDIT = [[
  INSERT INTO audit_event (at, user_id, action, entity, entity_id, diff, reason)
  SELECT at, user_id, machine || '.' || action, machine, object_id,
    jsonb_build_object('state', jsonb_build_array(from_state, to_state)), reason
  FROM workflow_event WHERE id >= $1 ORDER BY at, id
]]

function derive.current_versions(bases) exec(CURRENT_VERSIONS, bases.program) end

--- Lines of the orders that enrol.
function derive.order_lines_in(bases) exec(LINES_IN, bases.enrollment) end

--- Lines of the other orders; `singles` = {{order_id, enrollment_id}, …}, people in orders that have not taken effect.
function derive.order_lines_out(bases, singles)
  exec(LINES_OUT, bases.order_doc, bases.enrollment)
  for _, single in ipairs(singles) do exec(LINE, single[1], single[2]) end
end

function derive.counters(bases)
  exec(SEATS, bases.enrollment, bases.study_group)
  exec(PLACES, bases.application, bases.intake)
end

function derive.full_intakes(bases) exec(FULL_INTAKES, bases.intake) end

--- Bookings of the lessons; the exclusion constraint judges every row.
function derive.bookings(bases)
  exec(SHARED_RESOURCES, bases.enrollment)
  exec(BOOKINGS, bases.lesson)
  exec(SHARED_BOOKINGS, bases.lesson, bases.enrollment)
end

function derive.slots(bases) exec(SLOTS, bases.lesson) end

function derive.audit(bases) exec(AUDIT, bases.workflow_event) end

--- Statistics for the planner, and pages marked as clean; outside the transaction.
function derive.analyze(tables)
  for _, name in ipairs(tables) do exec("VACUUM (ANALYZE) " .. name) end
end

return derive
