--- Lessons of the groups by the bells of their sites, without clashes. Pure.
local dates = require("domain.demo.dates")
local organizations = require("domain.demo.organizations")
local plan = require("domain.demo.plan")
local slots = require("domain.demo.slots")
local timetable = {}

local MINUTES = organizations.PAIR_MINUTES
local LAST_DAY = 20        -- of the month shown: Sunday of the week after next, counted from the anchor
local PUBLISHED_DAYS = 20  -- what lies beyond is planned, not published
local FURTHEST = 400
local MORNING_MINUTE = 450 -- see add_lesson_of_today()

local function digits(cell)
  local set = {}
  for digit in cell:gmatch("%d") do set[tonumber(digit)] = true end
  return set
end

local function pairs_of(row)
  local found = {}
  for number in row.theory:gmatch("%d+") do found[#found + 1] = { tonumber(number), true } end
  for number in row.practice:gmatch("%d+") do found[#found + 1] = { tonumber(number), false } end
  table.sort(found, function(a, b) return a[1] < b[1] end)
  return found
end

local function has(list, value)
  for _, item in ipairs(list) do if item == value then return true end end
  return false
end

-- Who may teach here: those of the competence first. Петров is kept for the group of the stories.
local function staff_of(world, group)
  local fixtures, organization = world.fixtures, group.organization
  if group.code == "СВ-1" then return { fixtures.teacher.card }, { fixtures.master1.card, fixtures.master2.card } end
  local first, rest = {}, {}
  for _, card in ipairs(organization.cards) do
    if card.person_id ~= fixtures.teacher.id then
      table.insert(has(card.competences, group.program.competences[1]) and first or rest, card)
    end
  end
  table.move(rest, 1, #rest, #first + 1, first)
  return first, first
end

local function rooms_of(world, group)
  local theory, practice, second = {}, {}, {}
  for _, site in ipairs(world.rows.site) do
    if site.organization_id == group.organization_id then
      for _, room in ipairs(world.site_rooms[site.id]) do
        if room.competence and room.competence == group.program.competences[1] then practice[#practice + 1] = room
        elseif room.kind == "classroom" then theory[#theory + 1] = room
        elseif room.kind ~= "hall" then second[#second + 1] = room end
      end
    end
  end
  if #practice == 0 then practice = second end
  return theory, #practice > 0 and practice or theory
end

local function free_of(world, list, resource_of, day, from, turn)
  for index = 1, #list do
    local item = list[(index + turn - 2) % #list + 1]
    if world.slots:is_free(resource_of(item), day, from, from + MINUTES) then return item end
  end
end

local function card_resource(world)
  return function(card) return world.person_resources[card.person_id] end
end

local function room_resource(room) return room.id end

-- Past lessons are signed, what lies within the month is published, the rest is planned.
local function set_state(world, lesson, group, day)
  if day < world.today then
    lesson.state = (group.state == "completed" or group.state == "closed") and "locked" or "signed"
    local minute = math.min(dates.minute(lesson.starts) + lesson.minutes + world.random:between(4, 60), 1438)
    lesson.signed_at, lesson.signed_by = dates.moment(day, minute), lesson.card.user_id
  else
    lesson.state = day <= world.anchor + PUBLISHED_DAYS and "published" or "planned"
  end
end

local function add_events(world, lesson, group, day)
  if lesson.state == "planned" then return end
  world:event("lesson", lesson.id, "publish", "planned", "published", dates.moment(math.min(day, world.today) - 6, 905),
    world.fixtures.staff.user_id, "staff")
  if lesson.state ~= "signed" and lesson.state ~= "locked" then return end
  local user_id = lesson.card.user_id
  world:event("lesson", lesson.id, "hold", "published", "held", dates.moment(day, dates.minute(lesson.starts) + 3), user_id, "teacher")
  world:event("lesson", lesson.id, "sign", "held", "signed", lesson.signed_at, user_id, "teacher")
  if lesson.state == "locked" then
    world:event("lesson", lesson.id, "lock", "signed", "locked", dates.moment(math.min(day + 20, world.today - 1), 15), nil, "system")
  end
end

local function is_practical(item) return item.kind == "practice" or item.kind == "lab" end

local function add_lesson(world, group, item, day, minute, place)
  local lesson = world:add("lesson", {
    group_id = group.id, subgroup_id = place.subgroup and place.subgroup.id, module_id = item.module.id,
    site_id = place.room and place.room.site_id, kind = item.kind, mode = place.room and "offline" or "online",
    held_on = dates.text(day), starts = dates.time(minute), zone = world.zone, minutes = MINUTES, academic_hours = 2,
    topic = item.topic, homework = world.random:chance(40) and world.random:pick(world.reasons.homework) or nil,
    meeting_url = not place.room and "https://meet.copp.example/" .. group.id or nil,
    created_by = world.fixtures.staff.user_id,
  })
  lesson.group, lesson.day, lesson.subgroup, lesson.card, lesson.module = group, day, place.subgroup, place.card, item.module
  set_state(world, lesson, group, day)
  if day >= world.today then lesson.homework = nil end
  world:add("lesson_teacher", { lesson_id = lesson.id, staff_id = place.card.id })
  world.slots:take(world.person_resources[place.card.person_id], day, minute, minute + MINUTES)
  if place.room then
    world:add("lesson_room", { lesson_id = lesson.id, room_id = place.room.id })
    world.slots:take(place.room.id, day, minute, minute + MINUTES)
    local thing = place.room.equipment
    if thing and is_practical(item) then
      world:add("lesson_equipment", { lesson_id = lesson.id, equipment_id = thing.id, qty = math.min(place.size, thing.qty) })
    end
  end
  add_events(world, lesson, group, day)
  return lesson
end

-- A free teacher and, unless it is online, a free room for one part of the group.
local function find_place(world, group, item, day, minute, part)
  local is_practice = is_practical(item)
  local staff = is_practice and group.practice_staff or group.theory_staff
  local rooms = is_practice and group.practice_rooms or group.theory_rooms
  local turn = part.index + (part.subgroup and 1 or item.module.position)
  local place = { subgroup = part.subgroup, size = part.size, card = free_of(world, staff, card_resource(world), day, minute, turn) }
  if group.row.online ~= "t" or is_practice then
    place.room = free_of(world, rooms, room_resource, day, minute, part.index)
    if not place.room then return nil end
  end
  return place.card and place or nil
end

-- Who meets apart: the subgroups in practice, otherwise the whole group.
local function parts_of(group, item)
  if not is_practical(item) or #group.subgroups == 0 then return { { index = 1, size = group.capacity_max } } end
  local parts = {}
  for index, subgroup in ipairs(group.subgroups) do
    parts[index] = { index = index, subgroup = subgroup, size = group.capacity_max // #group.subgroups }
  end
  return parts
end

-- Places for all parts of the group; nil when somebody or something is missing. What one part takes, the next must not.
local function find_places(world, group, item, day, minute)
  local places, parts = {}, parts_of(group, item)
  for index, part in ipairs(parts) do
    local place = find_place(world, group, item, day, minute, part)
    if not place then return nil end
    if index < #parts then
      world.slots:take(world.person_resources[place.card.person_id], day, minute, minute + MINUTES)
      world.slots:take(place.room.id, day, minute, minute + MINUTES)
    end
    places[index] = place
  end
  return places
end

local function add_day(world, group, queue, day)
  for _, slot in ipairs(group.pairs) do
    local minute = dates.minute(group.site.bells[slot[1]])
    local item = queue.next(slot[2])
    if not item then return end
    local places = world.slots:is_free(group.resource_id, day, minute, minute + MINUTES)
      and find_places(world, group, item, day, minute)
    if places then
      for _, place in ipairs(places) do add_lesson(world, group, item, day, minute, place) end
      world.slots:take(group.resource_id, day, minute, minute + MINUTES)
    else
      queue.put_back(item)
    end
  end
end

local function add_finals(world, group, queue, day)
  if group.state ~= "attestation" and group.state ~= "completed" and group.state ~= "closed" then return end
  if group.state == "attestation" then day = math.max(day, world.today + 1) end
  local item = queue.next_final()
  while item and day < world.anchor + FURTHEST do
    local minute = dates.minute(group.site.bells[group.pairs[1][1]])
    if group.weekdays[dates.weekday(day)] and world.calendar.is_working(day) then
      local places = find_places(world, group, item, day, minute)
      if places then
        add_lesson(world, group, item, day, minute, places[1])
        world.slots:take(group.resource_id, day, minute, minute + MINUTES)
        item = queue.next_final()
      end
    end
    day = day + 1
  end
end

local function add_group(world, group)
  group.organization = world.organization_by_id[group.organization_id]
  group.pairs, group.weekdays = pairs_of(group.row), digits(group.row.days)
  group.theory_staff, group.practice_staff = staff_of(world, group)
  group.theory_rooms, group.practice_rooms = rooms_of(world, group)
  local queue = plan.new(group.program.modules)
  local last = group.row.plan == "month" and world.anchor + LAST_DAY or group.starts + FURTHEST
  local day = group.starts
  while day <= last and not queue.is_empty() do
    if group.weekdays[dates.weekday(day)] and world.calendar.is_working(day) then add_day(world, group, queue, day) end
    day = day + 1
  end
  add_finals(world, group, queue, day)
end

-- The teacher of the stories has a lesson today that has begun, whatever day and hour it is.
local function add_lesson_of_today(world, group)
  local card, day = world.fixtures.teacher.card, world.today
  local first = dates.minute(group.site.bells[1])
  local module = group.program.modules[1]
  if world.slots:is_free(world.person_resources[card.person_id], day, first, first + MINUTES) then
    local room = free_of(world, group.theory_rooms, room_resource, day, first, 1)
    add_lesson(world, group, { module = module, kind = "lecture", topic = module.topics[1] }, day, first, { card = card, room = room })
    world.slots:take(group.resource_id, day, first, first + MINUTES)
  end
  if world.minute >= first then return end
  local minute = math.min(world.minute // 60 * 60, MORNING_MINUTE)
  add_lesson(world, group, { module = module, kind = "consult", topic = "Консультация: " .. module.title }, day, minute, { card = card })
  world.slots:take(group.resource_id, day, minute, minute + MINUTES)
end

-- Loose ends of a real office: a page that nobody has signed, one that nobody has filled, a lesson called off.
local function add_loose_ends(world)
  local found = {}
  for _, lesson in ipairs(world.rows.lesson) do
    local code = lesson.group.code
    if lesson.day < world.today and (code == "1С-1" or code == "ВЕБ-1") then found[code] = lesson end
    if code == "ПК-1" and lesson.day > world.today + 2 and not found[code] then found[code] = lesson end
  end
  for code, state in pairs({ ["1С-1"] = "held", ["ВЕБ-1"] = "published", ["ПК-1"] = "cancelled" }) do
    local lesson = found[code]
    if lesson then lesson.state, lesson.signed_at, lesson.signed_by = state, nil, nil end
    if lesson and state == "cancelled" then lesson.reason = "Авария на теплосети, корпус закрыт. Новое время сообщим." end
  end
end

--- Adds lessons with their teachers, rooms and equipment for all groups that have a plan.
function timetable.build(world)
  world.slots, world.person_resources, world.organization_by_id = slots.new(), {}, {}
  for _, person in ipairs(world.rows.person) do world.person_resources[person.id] = person.resource_id end
  for _, organization in ipairs(world.rows.organization) do world.organization_by_id[organization.id] = organization end
  for _, group in ipairs(world.group_list) do
    if group.row.plan ~= "none" then add_group(world, group) end
  end
  add_lesson_of_today(world, world.groups["СВ-1"])
  add_loose_ends(world)
end

return timetable
