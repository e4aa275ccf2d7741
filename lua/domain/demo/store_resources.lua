--- Resources of the demo region besides rooms, posts and big equipment: programs, stock, tools, systems, references, and what the cards of
--- rooms, teachers and sites tell. Made through the same services as by hand, as the system.
local context = require("kit.context")
local dates = require("domain.demo.dates")
local db = require("core.db")
local json = require("core.json")
local resources = require("domain.resources")
local store = require("domain.demo.store")
local tree = require("core.tree")
local demo = {}

local SKIPPED = { kind = true, organization = true, resource_kind = true, equipment_kind = true, room_kind = true, valid_days = true, verification_days = true,
  room_numbers = true, moves = true, units = true }

local function organizations()
  local ids = {}
  for _, row in ipairs(store.must(db.rows("SELECT id, short_name FROM organization"))) do ids[row.short_name] = row.id end
  return ids
end

local function rooms(organization_id, numbers)
  local ids = {}
  for i, row in ipairs(store.must(db.rows("SELECT id FROM room WHERE organization_id = $1 AND number = ANY ($2::text[]) ORDER BY id", organization_id,
    db.array(numbers)))) do
    ids[i] = row.id
  end
  return ids
end

local function input_of(row, organization_id, anchor)
  local input = { organization_id = organization_id }
  for name, value in pairs(row) do
    if not SKIPPED[name] then input[name] = value end
  end
  input.kind = row.resource_kind or row.equipment_kind or row.room_kind
  if row.valid_days then input.valid_to = dates.text(anchor + row.valid_days) end
  if row.verification_days then input.verification_due = dates.text(anchor + row.verification_days) end
  if row.room_numbers then input.room_ids = rooms(organization_id, row.room_numbers) end
  return input
end

local function add(row, ids, anchor)
  local card = store.must(resources.create(context.SYSTEM, row.kind, input_of(row, ids[row.organization], anchor)))
  for _, move in ipairs(row.moves or {}) do
    store.must(resources.add_row(context.SYSTEM, row.kind, card.id, "moves", { kind = move[1], qty = move[2], note = move[3], moved_on = dates.text(anchor - 10) }))
  end
  for _, unit in ipairs(row.units or {}) do
    store.must(resources.add_row(context.SYSTEM, row.kind, card.id, "units", { inventory_no = unit[1], serial_no = unit[2] }))
  end
  return card
end

-- What waits for the staff: sent by a partner, looked at by nobody yet.
local function add_waiting(row, ids, anchor)
  if row.kind == "rooms" then
    row.site_id = store.must(db.row("SELECT min(id) AS id FROM site WHERE organization_id = $1", ids[row.organization])).id
  end
  local card = add(row, ids, anchor)
  local tables = { rooms = "room", consumables = "consumable" }
  store.exec(("UPDATE %s SET state = 'moderation' WHERE id = $1"):format(tables[row.kind]), card.id)
end

local function tell_of_rooms(list, anchor)
  for _, a in ipairs(list) do
    store.exec([[
      UPDATE room SET accreditation_no = $2 || '-' || id, accreditation_until = $3, accreditation_kits = $4,
        grant_year = $5 WHERE competence = $1 AND kind = 'workshop'
    ]], a.competence, a.no, dates.text(anchor + a.days), a.kits, a.year)
  end
end

local function tell_of_teachers(list, anchor)
  for _, q in ipairs(list) do
    store.exec([[
      INSERT INTO staff_qualification (staff_id, title, number, hours, issued_on)
      SELECT min(c.id), $2, $3, $4, $5 FROM staff_resource c JOIN person p ON p.id = c.person_id WHERE p.last_name = $1 HAVING min(c.id) IS NOT NULL
    ]], q.last_name, q.title, q.number, q.hours, dates.text(anchor + q.days))
  end
  store.exec("UPDATE staff_resource SET category = 'высшая', prof_years = 5 + id % 20, teaching_years = 3 + id % 25, education = 'высшее' WHERE id % 3 = 0")
  store.exec([[
    INSERT INTO staff_availability (staff_id, weekday, starts, ends) SELECT c.id, d, '15:00', '21:00' FROM staff_resource c, generate_series(1, 5) AS d
    WHERE c.employment = 'part_time' AND c.id % 2 = 0
  ]])
end

local function tell_of_sites(list)
  for _, way in ipairs(list) do
    store.exec([[
      INSERT INTO site_travel (site_a, site_b, minutes) SELECT least(a.id, b.id), greatest(a.id, b.id), $3 FROM site a, site b
      WHERE a.name = $1 AND b.name = $2 AND a.id <> b.id AND a.id = (SELECT min(id) FROM site WHERE name = $1) AND b.id = (SELECT min(id) FROM site WHERE name = $2)
      ON CONFLICT DO NOTHING
    ]], way[1], way[2], way[3])
  end
end

--- `anchor`: the Monday of the demo as a day number.
function demo.fill(anchor)
  local data, ids = store.must(json.decode(store.must(tree.read("data/demo/resources.json")))), organizations()
  for _, row in ipairs(data.cards) do add(row, ids, anchor) end
  for _, row in ipairs(data.waiting) do add_waiting(row, ids, anchor) end
  tell_of_rooms(data.accreditations, anchor)
  tell_of_teachers(data.qualifications, anchor)
  tell_of_sites(data.travel)
end

return demo
