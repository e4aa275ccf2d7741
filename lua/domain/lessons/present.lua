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
    rooms = null(row.rooms), room_ids = ids(row.room_ids), can_move = row.can_move, is_foreign = row.is_foreign, is_locked = row.is_locked,
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

local DAY_FROM, DAY_MINUTES = 8 * 60, 13 * 60 -- what a bar of a day stretches over

local function minute_of(time) return tonumber(time:sub(1, 2)) * 60 + tonumber(time:sub(4, 5)) end

-- «41.5%» of the bar, kept inside it.
local function share(minutes) return ("%.1f%%"):format(math.max(0, math.min(minutes, DAY_MINUTES)) * 100 / DAY_MINUTES) end

--- Rooms with a bar of the day each, for phones and browsers without scripts: {name, sub, bars = {x, width, tone, text, href}}.
function present.room_bars(rooms, lessons)
  local list, by_id = {}, {}
  for i, room in ipairs(rooms) do
    list[i] = { name = room.name, sub = room.organization .. " · " .. room.site, bars = {} }
    by_id[room.id] = list[i]
  end
  for _, lesson in ipairs(lessons) do
    for _, id in ipairs(lesson.room_ids or {}) do
      local card, room = present.card(lesson), by_id[id]
      if room then
        table.insert(room.bars, { x = share(minute_of(lesson.starts) - DAY_FROM), width = share(lesson.minutes), tone = card.tone, href = card.href,
          text = ("%s–%s, %s"):format(lesson.starts, lesson.ends, lesson.group_code ~= "" and lesson.group_code or lesson.organization) })
      end
    end
  end
  return list
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

---@return {value: any, label: string}[]
function present.options(rows, value, label)
  local options = {}
  for i, row in ipairs(rows) do options[i] = { value = row[value], label = label(row) } end
  return options
end

--- Free places as views/parts/conflicts.html takes them.
function present.slots(slots)
  local cards = {}
  for i, slot in ipairs(slots or {}) do
    cards[i] = { label = russian.date(slot.held_on, "weekday") .. ", " .. slot.starts, sub = type(slot.rooms) == "string" and slot.rooms or nil,
      held_on = slot.held_on, starts = slot.starts, minutes = slot.minutes, room_ids = slot.room_ids, best = i == 1 }
  end
  return cards
end

--- What a form typed: an empty choice is no choice.
function present.typed(request)
  local typed = request:form()
  for name, value in pairs(typed) do
    if value == "" then typed[name] = nil end
  end
  return typed
end

--- «вторник, 1 декабря, 09:00–10:30»
function present.when(place)
  local h, m = place.starts:match("^(%d%d):(%d%d)")
  local ends = tonumber(h) * 60 + tonumber(m) + place.minutes
  return ("%s, %s–%02d:%02d"):format(russian.date(place.held_on, "weekday"), place.starts:sub(1, 5), ends // 60, ends % 60)
end

local KIND_WORDS = { move = "Перенос", copy = "Новое", cancel = "Отмена", remove = "Удаление" }

local function room_names(p) return p.mode == "online" and "дистанционно" or present.names(p.room_rows) end

--- Names of rows, or nil.
function present.names(rows)
  local list = {}
  for i, row in ipairs(rows or {}) do list[i] = row.name end
  return #list > 0 and table.concat(list, ", ") or nil
end

--- One change of a list as views/parts/plan_items.html takes it.
function present.change(item)
  local lesson, p = item.before or {}, item.after
  local tone = #item.conflicts == 0 and "ok" or item.conflicts[1].overridable and "warn" or "bad"
  local shown = { id = item.change.id, kind = KIND_WORDS[item.change.kind], title = lesson.module or lesson.program or "Занятие", group = lesson.group_code,
    was = lesson.held_on and item.change.kind ~= "copy" and present.when(lesson) or nil, tone = tone, conflicts = item.conflicts, teachers = lesson.teachers }
  if p then
    shown.now = present.when(p)
    shown.rooms_was, shown.rooms = lesson.rooms, room_names(p)
    shown.teachers = present.names(p.teacher_rows)
    shown.teachers_was = shown.teachers ~= lesson.teachers and lesson.teachers or nil
  end
  return shown
end

function present.changes(items)
  local list = {}
  for i, item in ipairs(items) do list[i] = present.change(item) end
  return list
end

--- How a list of changes came out.
---@return {ok: integer, warn: integer, bad: integer}
function present.counts(changes)
  local counts = { ok = 0, warn = 0, bad = 0 }
  for _, change in ipairs(changes) do counts[change.tone] = counts[change.tone] + 1 end
  return counts
end

--- Words after «Занятие поставлено» for the repetitions.
function present.repeated(run)
  if not run then return "" end
  local words = ", ещё " .. russian.plural(run.done, "%s повтор", "%s повтора", "%s повторов")
  local left_out = run.refused + #run.skipped
  return left_out > 0 and words .. "; пропущено из-за праздников и конфликтов: " .. left_out or words
end

return present
