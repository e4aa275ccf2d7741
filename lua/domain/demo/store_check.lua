--- Proofs that the filled tables are as if every trigger had run: each query counts what is wrong.
local db = require("core.db")
local store = require("domain.demo.store")
local check = {}

-- $1: every how many lessons (1 = all). Needs of a lesson as the database itself derives them.
local BOOKINGS = [[
  SELECT count(*) AS n FROM lesson l
  WHERE l.id % $1 = 0 AND l.state <> 'cancelled' AND EXISTS (
    (SELECT n.resource_id, n.exclusive, n.qty, l.during FROM lesson_needs(l) n
     EXCEPT SELECT b.resource_id, b.exclusive, b.qty, b.during FROM booking b WHERE b.lesson_id = l.id)
    UNION ALL
    (SELECT b.resource_id, b.exclusive, b.qty, b.during FROM booking b WHERE b.lesson_id = l.id
     EXCEPT SELECT n.resource_id, n.exclusive, n.qty, l.during FROM lesson_needs(l) n))
]]

local CHECKS = {
  { "a lesson called off holds no booking", [[
    SELECT count(*) AS n FROM booking b JOIN lesson l ON l.id = b.lesson_id WHERE l.state = 'cancelled' ]] },
  { "units in use are the sums of the bookings", [[
    SELECT count(*) AS n FROM (
      SELECT b.resource_id, slot, sum(b.qty) AS used
      FROM booking b CROSS JOIN LATERAL generate_series(date_bin('5 minutes', lower(b.during), 'epoch'),
        upper(b.during) - interval '1 microsecond', interval '5 minutes') AS slot
      WHERE booking_holds(b) GROUP BY 1, 2
    ) x FULL JOIN slot_use u USING (resource_id, slot) LEFT JOIN resource r ON r.id = u.resource_id
    WHERE coalesce(x.used, 0) <> coalesce(u.used, 0) OR u.capacity <> r.capacity ]] },
  { "seats taken are the enrolments that hold one", [[
    SELECT count(*) AS n FROM study_group g
    LEFT JOIN (SELECT group_id, count(*) AS n FROM enrollment WHERE enrollment_holds_seat(state) GROUP BY 1) c ON c.group_id = g.id
    WHERE g.seats_taken <> coalesce(c.n, 0) ]] },
  { "places taken are the applications that hold one", [[
    SELECT count(*) AS n FROM intake i
    LEFT JOIN (SELECT intake_id, count(*) AS n FROM application WHERE application_holds_place(state, keeps_place) GROUP BY 1) c ON c.intake_id = i.id
    WHERE i.taken <> coalesce(c.n, 0) ]] },
  { "hours of the modules make the hours of the programme", [[
    SELECT count(*) AS n FROM program p
    WHERE p.hours_total <> (SELECT coalesce(sum(m.hours_total), 0) FROM program_module m WHERE m.version_id = p.current_version_id) ]] },
  { "marks stand on open or closed pages only, and grades too", [[
    SELECT count(*) AS n FROM (SELECT lesson_id FROM attendance UNION SELECT lesson_id FROM grade WHERE lesson_id IS NOT NULL) x
    JOIN lesson l ON l.id = x.lesson_id WHERE l.state NOT IN ('held', 'signed', 'locked') ]] },
  { "a signed page has a mark for every learner of that day", [[
    SELECT count(*) AS n FROM (
      SELECT l.id, count(a.lesson_id) AS marked, count(*) AS learners
      FROM lesson l JOIN enrollment e ON e.group_id = l.group_id AND e.enrolled_on <= l.held_on
        AND (e.left_on IS NULL OR e.left_on > l.held_on) AND (l.subgroup_id IS NULL OR e.subgroup_id = l.subgroup_id)
      LEFT JOIN attendance a ON a.lesson_id = l.id AND a.enrollment_id = e.id
      WHERE l.state IN ('signed', 'locked') GROUP BY l.id
    ) x WHERE marked <> learners ]] },
  { "people are enrolled by orders that list them", [[
    SELECT count(*) AS n FROM enrollment e
    WHERE NOT EXISTS (SELECT FROM order_line o WHERE o.order_id = e.order_in_id AND o.person_id = e.person_id AND o.enrollment_id = e.id) ]] },
  { "the state of an enrolled application is that of its enrolment", [[
    SELECT count(*) AS n FROM enrollment e JOIN application a ON a.id = e.application_id
    WHERE (e.state, a.state) NOT IN (('enrolled', 'enrolled'), ('studying', 'studying'), ('admitted', 'studying'), ('passed', 'studying'),
      ('graduated', 'completed'), ('expelled', 'expelled')) OR a.group_id <> e.group_id ]] },
  { "nobody holds the СНИЛС of the story", [[ SELECT count(*) AS n FROM person WHERE snils = '11223344595' ]] },
  { "no key is beyond its counter", [[
    SELECT count(*) AS n FROM (VALUES
      ((SELECT max(id) FROM person) > (SELECT last_value FROM person_id_seq)),
      ((SELECT max(id) FROM application) > (SELECT last_value FROM application_id_seq)),
      ((SELECT max(id) FROM resource) > (SELECT last_value FROM resource_id_seq)),
      ((SELECT max(id) FROM lesson) > (SELECT last_value FROM lesson_id_seq)),
      ((SELECT max(id) FROM enrollment) > (SELECT last_value FROM enrollment_id_seq)),
      ((SELECT max(id) FROM grade) > (SELECT last_value FROM grade_id_seq))) AS x(is_beyond) WHERE is_beyond ]] },
}

--- The queries with their names; each answers one row with `n`, the number of faults.
---@param every integer thins out the lessons whose bookings are compared one by one: 1 takes all
---@return table list {{name, sql, parameter?}, …}
function check.list(every)
  local list = { { "bookings are the needs of the lessons", BOOKINGS, every } }
  table.move(CHECKS, 1, #CHECKS, 2, list)
  return list
end

--- Runs all.
---@return table faults {{name, count}}, empty when all holds
function check.run(every)
  local faults = {}
  for _, entry in ipairs(check.list(every)) do
    local found = store.must(db.row({ timeout_ms = 600000 }, table.unpack(entry, 2)))
    if found.n > 0 then faults[#faults + 1] = { name = entry[1], count = found.n } end
  end
  return faults
end

return check
