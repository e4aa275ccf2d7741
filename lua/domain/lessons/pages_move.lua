--- Pages of one lesson for dispatchers: «Перенести занятие» (also the panel of the board), substitutes, history.
local board = require("domain.lessons.board")
local changes = require("domain.lessons.changes")
local draft = require("domain.lessons.draft")
local fields = require("domain.lessons.fields")
local form = require("kit.form")
local json = require("core.json")
local present = require("domain.lessons.present")
local respond = require("kit.respond")
local russian = require("kit.russian")

local function id_of(request) return math.tointeger(tonumber(request.params.id)) or 0 end

local KIND_ICONS = { time = "clock", room = "door", teacher = "user", swap = "switch-horizontal" }

local function suggestion_cards(list)
  local cards = {}
  for i, s in ipairs(list) do
    cards[i] = {
      label = russian.date(s.held_on, "weekday") .. ", " .. s.starts, room = s.rooms, why = table.concat(s.why, " · "), touches = s.touches, best = i == 1,
      icon = KIND_ICONS[s.kind], kind = s.kind, held_on = s.held_on, starts = s.starts, minutes = s.minutes, room_ids = s.room_ids or {},
      teacher_ids = s.teacher_ids or {}, other = s.other, cost = russian.number(s.cost, 0),
    }
  end
  return cards
end

local function move_page(request, id, input, err, status)
  local page, fault = board.move_page(id, input, request.user)
  if not page then return nil, fault end
  local conflicts = err and err.extra and err.extra.conflicts or page.conflicts
  local lesson, p = page.lesson, page.proposal
  return respond.page(request, "lessons/move", {
    title = "Перенести занятие", nav = "schedule", lesson = lesson, now = present.when(lesson), wished = p, wished_when = present.when(p), conflicts = conflicts,
    is_asked = page.is_asked, fault = err, cards = suggestion_cards(page.suggestions), reason = input.reason, override_reason = input.override_reason,
    bells = present.options(page.bells, "starts", function(b) return ("%d пара, %s–%s"):format(b.pair_no, b.starts, b.ends) end),
    rooms = present.options(page.rooms, "id", function(r) return ("%s, %s"):format(r.name, russian.plural(r.seats, "%s место", "%s места", "%s мест")) end),
    can_override = page.may_override and #conflicts > 0 and conflicts[1].overridable, lock = page.lock, styles = { "board.css" },
    is_copy = input.how == "copy", can_move = lesson.state == "planned" or lesson.state == "published",
  }, status)
end

-- With a wished place in the address the page says what stands there.
local function move_form(request)
  local input, err = form.parse(fields.PLACE, request.query_all)
  if not input then return nil, err end
  input.how = request.query.copy and "copy" or nil
  return move_page(request, id_of(request), input)
end

local function place_of(input)
  return { version = input.version, held_on = input.held_on, starts = input.starts, minutes = input.minutes, room_ids = input.room_ids,
    teacher_ids = input.teacher_ids }
end

local ways = {}

function ways.now(id, input, user)
  local lesson, err = changes.move(id, place_of(input), user, { title = "Перенос занятия", reason = input.reason, override_reason = input.override_reason })
  return lesson, err, lesson and "Занятие перенесено: " .. present.when(lesson)
end

function ways.draft(id, input, user)
  local place = place_of(input)
  place.lesson_id, place.version = id, nil
  local added, err = draft.put(place, user)
  return added and { held_on = input.held_on }, err, "Добавлено в черновик изменений"
end

function ways.copy(id, input, user)
  local place = place_of(input)
  place.kind, place.lesson_id, place.version = "copy", id, nil
  local run, err = changes.apply({ place }, user, { title = "Копия занятия", override_reason = input.override_reason })
  return run and { held_on = input.held_on }, err, "Копия поставлена и пока не опубликована"
end

-- The other lesson comes to where this one stands now.
function ways.swap(id, input, user)
  local page, err = board.move_page(id, {}, user)
  if not page then return nil, err end
  local place, lesson = place_of(input), page.lesson
  place.kind, place.lesson_id = "move", id
  local other = { kind = "move", lesson_id = input.other_id, version = input.other_version, held_on = lesson.held_on, starts = lesson.starts }
  local run
  run, err = changes.apply({ place, other }, user, { title = "Обмен занятий местами", reason = input.reason, override_reason = input.override_reason })
  return run and { held_on = input.held_on }, err, "Занятия поменялись местами"
end

-- Takes the form of the page; a refusal shows it again with the reason and ways out.
local function move(request)
  local id = id_of(request)
  local input, err = form.parse(fields.MOVE_FORM, present.typed(request))
  if not input then return move_page(request, id, {}, err, 422) end
  local done, notice
  done, err, notice = ways[input.how or "now"](id, input, request.user)
  if done then
    local day = done.held_on and "?week=" .. done.held_on or ""
    return respond.redirect("/cabinet/schedule" .. day, { notice = notice, href = "/cabinet/schedule/changes", action = "Отменить" })
  end
  if err.status ~= 409 and err.status ~= 422 then return nil, err end
  return move_page(request, id, input, err, err.status)
end

local function substitutes(request)
  local page, err = board.substitutes(id_of(request), request.user)
  if not page then return nil, err end
  return respond.page(request, "lessons/substitutes", {
    title = "Замена преподавателя", nav = "schedule", lesson = page.lesson, when = present.when(page.lesson), candidates = page.candidates, styles = { "board.css" },
  })
end

local ACTIONS = { create = "Поставлено", move = "Перенесено", publish = "Опубликовано", cancel = "Отменено", hold = "Проведено", sign = "Журнал подписан",
  unsign = "Журнал открыт", lock = "Закрыто", pin = "Закреплено", unpin = "Откреплено", read = "Просмотрено" }

local function pair(diff, name)
  local values = type(diff[name]) == "table" and diff[name] or {}
  local old, new = values[1], values[2]
  return old ~= json.null and old or nil, new ~= json.null and new or nil
end

local function history_item(event)
  local diff, lines = json.decode(event.diff) or {}, {}
  local old_day, new_day = pair(diff, "held_on")
  local old_time, new_time = pair(diff, "starts")
  if old_day then lines[1] = ("%s, %s → %s, %s"):format(russian.date(old_day, "day"), old_time, russian.date(new_day, "day"), new_time)
  elseif new_day then lines[1] = russian.date(new_day, "day") .. ", " .. new_time end
  for _, name in ipairs({ "rooms", "teachers" }) do
    local old, new = pair(diff, name)
    if old ~= new then lines[#lines + 1] = (old or "—") .. " → " .. (new or "—") end
  end
  local _, overridden = pair(diff, "overridden")
  for _, rule in ipairs(overridden or {}) do lines[#lines + 1] = "Вопреки: " .. rule.text end
  if event.reason then lines[#lines + 1] = "Причина: " .. event.reason end
  return { title = ACTIONS[event.action:match("%.(.+)$")] or event.action, at = russian.datetime(event.at), who = event.who or "система",
    text = table.concat(lines, ". "), state = overridden and "bad" or nil }
end

local function history(request)
  local events, err, lesson = board.history(id_of(request), request.user)
  if not events then return nil, err end
  local items = {}
  for i, event in ipairs(events) do items[i] = history_item(event) end
  return respond.page(request, "lessons/history", { title = "История занятия", nav = "schedule", lesson = lesson, when = present.when(lesson), items = items })
end

local PLAN = { "lesson.plan" }

return {
  { "GET", "/cabinet/lessons/{id}/move", move_form, access = PLAN, query = fields.PLACE, summary = "Перенести занятие" },
  { "POST", "/cabinet/lessons/{id}/move", move, access = PLAN, body = fields.MOVE_FORM, summary = "Перенести занятие на выбранное место" },
  { "GET", "/cabinet/lessons/{id}/substitutes", substitutes, access = PLAN, summary = "Кем заменить преподавателя" },
  { "GET", "/cabinet/lessons/{id}/history", history, access = PLAN, summary = "История занятия" },
}
