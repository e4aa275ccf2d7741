--- Lessons as pages and the board show them.
local board = require("domain.lessons.board")
local clock = require("core.clock")
local fields = require("domain.lessons.fields")
local json = require("core.json")
local russian = require("kit.russian")
local present = {}

local DAY_NAMES = { "Пн", "Вт", "Ср", "Чт", "Пт", "Сб", "Вс" }
present.LEGEND = { { tone = "info", label = "Теория" }, { tone = "ok", label = "Практика" }, { tone = "vio", label = "Дистанционно" },
  { tone = "warn", label = "Аттестация" } }
present.BOARD_LEGEND = table.move(present.LEGEND, 1, 4, 1, {})
present.BOARD_LEGEND[5] = { tone = "neu", label = "Занято другими" }

--- Colour of a lesson by its kind; what is not ours is grey.
function present.tone(lesson)
  if lesson.is_foreign then return "neu" end
  return lesson.mode == "online" and "vio" or board.TONES[lesson.kind] or "info"
end

local function ids(list)
  local shown = json.array({})
  for i, id in ipairs(list or {}) do shown[i] = tostring(id) end
  return shown
end

local function null(value)
  if value == nil then return json.null end
  return value
end

--- A lesson of the board as JSON.
function present.item(row)
  return {
    id = tostring(row.id), version = row.version, group_id = tostring(row.group_id), group = row.group_code, subgroup = null(row.subgroup),
    organization = row.organization, title = row.title, kind = row.kind, mode = row.mode, state = row.state, tone = present.tone(row),
    held_on = row.held_on, starts = row.starts, ends = row.ends, minutes = row.minutes, teachers = null(row.teachers), teacher_ids = ids(row.teacher_ids),
    rooms = null(row.rooms), room_ids = ids(row.room_ids), can_move = row.can_move, is_foreign = row.is_foreign,
  }
end

--- Seven days from Monday with their lessons, as views/parts/week.html takes them. card(lesson) makes what is shown of one.
function present.week(monday, lessons, card)
  local days, by_date, today = {}, {}, clock.date()
  for i = 1, 7 do
    local day = russian.add_days(monday, i - 1)
    days[i] = { date = day, short = DAY_NAMES[i], number = tonumber(day:sub(9, 10)), today = day == today, label = russian.date(day, "weekday"), lessons = {} }
    by_date[day] = days[i]
  end
  for _, lesson in ipairs(lessons) do table.insert(by_date[lesson.held_on].lessons, card(lesson)) end
  return days
end

--- A lesson of the board as a card of the week.
function present.card(row)
  return {
    starts = row.starts, ends = row.ends, title = row.title, place = row.mode == "online" and "Дистанционно" or row.rooms,
    sub = row.group_code .. (row.teachers and " · " .. row.teachers or "") .. (row.state == "planned" and " · не опубликовано" or ""),
    href = not row.is_foreign and "/cabinet/lessons/" .. row.id .. (row.can_move and "/move" or "") or nil, tone = present.tone(row),
  }
end

--- Rows of the list.
function present.rows(lessons)
  local rows = {}
  for i, row in ipairs(lessons) do
    rows[i] = { id = row.can_move and tostring(row.id) or nil, href = present.card(row).href, cells = {
      { text = russian.date(row.held_on, "weekday"), sub = row.starts .. "–" .. row.ends }, { text = row.title, sub = fields.KINDS[row.kind] },
      { text = row.group_code, sub = row.organization }, row.teachers or "—", row.mode == "online" and "Дистанционно" or row.rooms or "—",
      { chip = { "lesson", row.state } },
    } }
  end
  return rows
end

return present
