--- SQL of cases and the rules they live under.
local db = require("core.db")
local query = require("kit.query")
local store = {}

-- Where the cases of a machine lie. A machine whose cases lie in several tables has no single list of them.
local TABLE = { application = "application", group = "study_group", enrollment = "enrollment", lesson = "lesson", order = "order_doc",
  organization = "organization" }

local LONG = { timeout_ms = 60000 }

--- Can cases of this machine be listed?
function store.has_table(machine) return TABLE[machine] ~= nil end

--- How many cases live under other sets than this one, by set and state.
function store.elsewhere(machine, set_hash)
  return query.rows(LONG, ([[
    SELECT c.set_hash, t.state, count(*) AS cases FROM case_rules c JOIN %s t ON t.id = c.object_id
    WHERE c.machine = $1 AND c.set_hash <> $2 GROUP BY 1, 2 ORDER BY 1, 2
  ]]):format(TABLE[machine]), machine, set_hash)
end

--- Gives cases in these states another set. Each row is locked first: a transition that is under way is waited for, and the state looked
--- at again, so that no case comes into a set that lacks its state.
function store.move(machine, set_hash, states)
  return query.exec(LONG, ([[
    WITH held AS (
      SELECT t.id FROM %s t JOIN case_rules c ON c.machine = $1 AND c.object_id = t.id
      WHERE c.set_hash <> $2 AND t.state = ANY ($3::text[]) ORDER BY t.id FOR UPDATE OF t)
    UPDATE case_rules c SET set_hash = $2 FROM held WHERE c.machine = $1 AND c.object_id = held.id
  ]]):format(TABLE[machine]), machine, set_hash, db.array(states))
end

--- Cases that no set has been given to, in states that are about to go: they keep the rules they have lived by.
function store.pin_all(machine, set_hash, states)
  return query.exec(LONG, ([[
    INSERT INTO case_rules (machine, object_id, set_hash)
    SELECT $1, t.id, $2 FROM %s t WHERE t.state = ANY ($3::text[]) ON CONFLICT DO NOTHING
  ]]):format(TABLE[machine]), machine, set_hash, db.array(states))
end

return store
