--- Asks the engine of this node who is busy when; the language of the questions stands in core/app/engine_answer.c.
--- nil means: ask PostgreSQL. So it is while the engine loads, is gone or late, for the odd cases it leaves to PostgreSQL, and always
--- inside a transaction, whose own writes the engine cannot see yet.
local clock = require("core.clock")
local context = require("kit.context")
local db = require("core.db")
local json = require("core.json")
local log = require("core.log")
local russian = require("kit.russian")
local schedule = require("core.schedule")
local store = require("domain.lessons.store_engine")
local engine = {}

local TIMEOUT_MS = 50

local function ask(question)
  if context.get().tx then return nil end
  local text, err = schedule.ask(json.encode(question), TIMEOUT_MS)
  if not text then
    if err.code == "timeout" then log.warn("the engine is late", { op = question.op }) end
    return nil
  end
  local answer = json.decode(text)
  return not answer.error and answer or nil
end

local function minute_of(starts)
  local hours, minutes = starts:match("^(%d%d):(%d%d)")
  return tonumber(hours) * 60 + tonumber(minutes)
end

local function text_of(minute) return ("%02d:%02d"):format(minute // 60, minute % 60) end

-- What a proposal (service.prepare) uses. Empty lists are left out: JSON cannot tell them from objects.
local function question_of(op, p)
  local things
  if p.equipment and #p.equipment > 0 then
    things = {}
    for _, item in ipairs(p.equipment) do
      things[#things + 1], things[#things + 2] = item.id, item.qty
    end
  end
  return {
    op = op, zone = p.zone, minutes = p.minutes, group = p.group_id, subgroup = p.subgroup_id, lesson = p.lesson_id, site = p.site_id,
    hours = p.academic_hours, staff = #p.teacher_ids > 0 and p.teacher_ids or nil, rooms = #p.room_ids > 0 and p.room_ids or nil, things = things,
  }
end

local function hit_of(row)
  return { rule = row[1], role = row[2], key = row[3], lesson_id = row[4] ~= 0 and row[4] or nil, booking_id = row[5] ~= 0 and row[5] or nil,
    from = row[6], to = row[7], lacks = row[8] }
end

local function cells_of(answer)
  for i, cell in ipairs(answer.cells) do
    for k, row in ipairs(cell) do cell[k] = hit_of(row) end
    answer.cells[i] = cell
  end
  return answer.cells
end

--- What stands against the proposal at each of the places.
---@param places {held_on: string, starts: string}[] up to 2000
---@return table[][]? hits a list a place: {rule, role, key, lesson_id, booking_id, from, to, lacks}
function engine.check(p, places)
  local question = question_of("check", p)
  question.at = {}
  for _, place in ipairs(places) do
    question.at[#question.at + 1] = russian.day_number(place.held_on)
    question.at[#question.at + 1] = minute_of(place.starts)
  end
  local answer = ask(question)
  return answer and cells_of(answer)
end

--- What each of these teachers' cards, or rooms, is hit by at the place of the proposal.
---@param each "staff"|"rooms"
---@param ids integer[]
---@return table[][]? hits a list a card or room
function engine.each(p, each, ids)
  if #ids == 0 then return {} end
  local answer = ask({ op = "each", each = each, any = ids, zone = p.zone, minutes = p.minutes, lesson = p.lesson_id, site = p.site_id,
    hours = p.academic_hours, at = { russian.day_number(p.held_on), minute_of(p.starts) } })
  return answer and cells_of(answer)
end

--- Bookings behind hits of H1–H4, in the words of store.clashes; equipment that is short, as store.shortages.
---@return table[] clashes
---@return table[] shortages
function engine.describe(p, hits)
  local roles, keys, lessons, bookings, short, ids = {}, {}, {}, {}, {}, {}
  for _, hit in ipairs(hits) do
    if hit.role == "e" and hit.rule == 4 then
      if not short[hit.key] then ids[#ids + 1] = hit.key end
      short[hit.key] = hit.lacks
    elseif hit.rule <= 3 then
      local at = #roles + 1
      roles[at], keys[at], lessons[at], bookings[at] = hit.role, hit.key, hit.lesson_id or 0, hit.booking_id or 0
    end
  end
  local clashes = #roles > 0 and store.describe(p, { roles = db.array(roles), keys = db.array(keys), lessons = db.array(lessons), bookings = db.array(bookings) })
    or {}
  local shortages = #ids > 0 and store.equipment(db.array(ids)) or {}
  for _, row in ipairs(shortages) do
    for _, item in ipairs(p.equipment) do
      if item.id == row.id then row.qty = item.qty end
    end
    row.used = short[row.id] + row.capacity - row.qty
  end
  return clashes, shortages
end

-- Bells of the site after which it is still open.
local function starts_within(bells, closes, minutes)
  local starts = {}
  for _, bell in ipairs(bells) do
    local minute = minute_of(bell.starts)
    if minute + minutes <= minute_of(closes) then starts[#starts + 1] = minute end
  end
  return starts
end

local function slot_of(p, place, rooms)
  local room, names = rooms[place[3] + 1], {}
  for i, row in ipairs(p.room_rows) do names[i] = row.name end
  return {
    held_on = russian.date_of(place[1]), starts = text_of(place[2]), minutes = p.minutes, room_ids = room and { room.id } or p.room_ids,
    rooms = room and room.name or (#names > 0 and table.concat(names, ", ") or nil),
  }
end

--- Nearest free places, as store.free_slots gives them; H5, H12 and H13 of persons are kept, too.
---@param site {id: integer, closes: string}
---@param bells table[] of the site
---@return {held_on: string, starts: string, minutes: integer, room_ids: integer[]?, rooms: string?}[]?
function engine.free_slots(p, site, bells, seats, days, limit)
  local question = question_of("free", p)
  local rooms = #p.room_ids == 1 and store.rooms_like(p.room_ids[1], site.id, seats) or {}
  question.days, question.starts = store.days(p.group_id, p.held_on, days), starts_within(bells, site.closes, p.minutes)
  if not question.days or #question.starts == 0 then return {} end
  if #rooms > 0 then
    question.rooms, question.any = nil, {}
    for i, room in ipairs(rooms) do question.any[i] = room.id end
  end
  question.at = { russian.day_number(p.held_on), minute_of(p.starts) }
  question.most, question.after = limit, clock.now() // 60 | 0
  local answer = ask(question)
  if not answer then return nil end
  local slots = {}
  for i, place in ipairs(answer.places) do slots[i] = slot_of(p, place, rooms) end
  return slots
end

--- Notes of the change stream do not pile up.
function engine.trim()
  store.trim_changes()
  return true
end

return engine
