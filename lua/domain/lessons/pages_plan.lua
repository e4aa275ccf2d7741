--- Pages that plan many lessons at once: repeat a week, move a day, publish; locks. Each shows first what would come of it.
local access = require("kit.access")
local board = require("domain.lessons.board")
local changes = require("domain.lessons.changes")
local clock = require("core.clock")
local fields = require("domain.lessons.fields")
local form = require("kit.form")
local locks = require("domain.lessons.locks")
local planning = require("domain.lessons.planning")
local present = require("domain.lessons.present")
local respond = require("kit.respond")
local russian = require("kit.russian")

local BASE = "/cabinet/schedule"
local PLAN = { "lesson.plan" }

local function lessons(n) return russian.plural(n, "%s занятие", "%s занятия", "%s занятий") end

local EVERY = { { value = "1", label = "каждую неделю" }, { value = "2", label = "через неделю (числитель и знаменатель)" },
  { value = "3", label = "раз в три недели" }, { value = "4", label = "раз в четыре недели" } }

-- What the three pages differ in. `fields` of the form are completed by the group and the organisation.
local PAGES = {
  ["repeat"] = {
    title = "Повторить неделю", schema = fields.REPEAT, list = planning.repeat_week, done = "Поставлено: ", submit = "Поставить", skip = true,
    hint = "Занятия недели появятся в следующих неделях неопубликованными. Праздники пропускаются, о коротких днях предупредим.",
    inputs = function(v)
      return { { name = "week", label = "Неделя, в которую входит день", type = "date", value = v.week, required = true },
        { name = "times", label = "Сколько раз повторить", type = "number", min = 1, max = 40, value = v.times or 1, required = true },
        { name = "every", label = "Как часто", type = "select", options = EVERY, value = tostring(v.every or 1), required = true } }
    end,
  },
  day = {
    title = "Перенести день", schema = fields.DAY, list = planning.move_day, done = "Перенесено: ", submit = "Перенести", skip = false,
    hint = "Все занятия дня переходят на другой день в то же время. Если хотя бы одно не встаёт, не переносится ничего.",
    inputs = function(v)
      return { { name = "day", label = "Какой день", type = "date", value = v.day, required = true },
        { name = "to_day", label = "На какой день", type = "date", value = v.to_day, required = true } }
    end,
  },
}

local function with_filters(inputs, v, user)
  local choices = board.choices({}, user)
  inputs[#inputs + 1] = { name = "organization", label = "Организация", type = "select", options = choices.organization, value = v.organization, empty = "все свои" }
  inputs[#inputs + 1] = { name = "group", label = "Группа", type = "select", options = choices.group, value = v.group, empty = "все группы" }
  return inputs
end

local function plan_page(request, kind, values, data, err, status)
  local page = PAGES[kind]
  local inputs = with_filters(page.inputs(values), values, request.user)
  for _, field in ipairs(inputs) do field.error = err and err.by_field and err.by_field[field.name] end
  data = data or {}
  data.title, data.nav, data.kind, data.hint, data.inputs, data.values, data.fault = page.title, "schedule", kind, page.hint, inputs, values, err
  data.submit, data.styles, data.path, data.can_override = page.submit, { "board.css" }, BASE .. "/" .. kind, access.can(request.user, "lesson.override")
  data.fields = page.schema
  return respond.page(request, "lessons/plan", data, status)
end

local function preview(run, skipped, err)
  local list = present.changes(run and run.items or {})
  for _, s in ipairs(skipped or {}) do
    list[#list + 1] = { kind = "Пропуск", title = s.lesson.title, group = s.lesson.group_code, now = russian.date(s.held_on, "weekday"),
      tone = "bad", conflicts = { { text = s.text } } }
  end
  return { changes = list, counts = present.counts(list), has_preview = err == nil or run ~= nil }
end

local function show(kind)
  return function(request)
    local page, query = PAGES[kind], request.query_all
    if not query.times and not query.to_day then
      return plan_page(request, kind, { week = query.week, day = query.week or query.day, group = query.group, organization = query.organization })
    end
    local input, err = form.parse(page.schema, query)
    if not input then return plan_page(request, kind, query, nil, err, 422) end
    local list, fault, skipped = page.list(input, request.user)
    if not list then return plan_page(request, kind, input, nil, fault, fault.status) end
    local run
    if #list > 0 then run, fault = changes.apply(list, request.user, { title = page.title, reason = "Проверка", dry = true }) end
    if not run and fault then return plan_page(request, kind, input, nil, fault, fault.status) end
    return plan_page(request, kind, input, preview(run, skipped))
  end
end

local function perform(kind)
  return function(request)
    local page, typed = PAGES[kind], present.typed(request)
    local input, err = form.parse(page.schema, typed)
    if not input then return plan_page(request, kind, typed, nil, err, 422) end
    local list, fault, skipped = page.list(input, request.user)
    if not list then return plan_page(request, kind, input, nil, fault, fault.status) end
    local run
    run, err = changes.apply(list, request.user,
      { title = page.title, reason = input.reason or page.title, override_reason = input.override_reason, skip = page.skip })
    if run then
      local left_out = run.refused + #(skipped or {})
      return respond.redirect(BASE .. "?week=" .. (run.items[1].after and run.items[1].after.held_on or ""),
        { notice = page.done .. lessons(run.done) .. (left_out > 0 and "; пропущено: " .. left_out or "") })
    end
    if err.status ~= 409 and err.status ~= 422 then return nil, err end
    return plan_page(request, kind, input, preview(err.run, skipped, err), err, err.status)
  end
end

-- ---- publishing

local function publish_page(request, values, err, status)
  local planned, fault, published
  if not err then planned, fault, published = planning.unpublished(values, request.user) end
  if fault then return nil, fault end
  local groups, by_code = {}, {}
  for _, row in ipairs(planned or {}) do
    local group = by_code[row.group_code]
    if not group then
      group = { code = row.group_code, organization = row.organization, lessons = {} }
      by_code[row.group_code], groups[#groups + 1] = group, group
    end
    table.insert(group.lessons, { when = present.when(row), title = row.title, teachers = row.teachers, rooms = row.rooms,
      href = "/cabinet/lessons/" .. row.id .. "/move" })
  end
  local inputs = with_filters({ { name = "from", label = "С какого дня", type = "date", value = values.from, required = true },
    { name = "to", label = "По какой день", type = "date", value = values.to, required = true } }, values, request.user)
  return respond.page(request, "lessons/publish", { title = "Опубликовать расписание", nav = "schedule", inputs = inputs, values = values, groups = groups,
    fault = err, count = #(planned or {}), published = published or 0, styles = { "board.css" } }, status)
end

local function show_publish(request)
  local query = request.query_all
  query.from = query.from or russian.monday(clock.date())
  query.to = query.to or russian.add_days(query.from, 13)
  local input, err = form.parse(fields.PUBLISH, query)
  if not input then return publish_page(request, query, err, 422) end
  return publish_page(request, input)
end

local function publish(request)
  local typed = present.typed(request)
  local input, err = form.parse(fields.PUBLISH, typed)
  local result
  if input then result, err = planning.publish(input, request.user) end
  if not result then
    if err.status ~= 409 and err.status ~= 422 then return nil, err end
    return publish_page(request, input or typed, err, err.status)
  end
  local notice = "Опубликовано: " .. lessons(result.done)
  if #result.refused > 0 then notice = notice .. ("; не опубликовано: %d (%s)"):format(#result.refused, result.refused[1].text) end
  return respond.redirect(BASE .. "?week=" .. input.from, { notice = notice, tone = #result.refused > 0 and "warn" or nil })
end

-- ---- locks

local function locks_page(request, values, err, status)
  local rows, choices = locks.list(request.user), board.choices({}, request.user)
  return respond.page(request, "lessons/locks", { title = "Закреплённые занятия", nav = "schedule", rows = rows, values = values, fault = err,
    errors = err and err.by_field or {}, groups = choices.group, teachers = choices.teacher }, status)
end

local function show_locks(request) return locks_page(request, {}) end

local function add_lock(request)
  local typed = present.typed(request)
  local input, err = form.parse(fields.LOCK, typed)
  local id
  if input then id, err = locks.add(input, request.user) end
  if id then return respond.redirect(typed.lesson_id and "/cabinet/lessons/" .. input.lesson_id .. "/move" or BASE .. "/locks", { notice = "Закреплено" }) end
  if err.status ~= 409 and err.status ~= 422 then return nil, err end
  return locks_page(request, typed, err, err.status)
end

local function drop_lock(request)
  local ok, err = locks.drop(math.tointeger(tonumber(request.params.id)) or 0, request.user)
  if not ok then return nil, err end
  return respond.redirect(respond.local_path(request:form().back, BASE .. "/locks"), { notice = "Больше не закреплено" })
end

return {
  { "GET", BASE .. "/repeat", show("repeat"), access = PLAN, query = fields.REPEAT, summary = "Повторить неделю: что получится" },
  { "POST", BASE .. "/repeat", perform("repeat"), access = PLAN, body = fields.REPEAT, summary = "Повторить неделю" },
  { "GET", BASE .. "/day", show("day"), access = PLAN, query = fields.DAY, summary = "Перенести день: что получится" },
  { "POST", BASE .. "/day", perform("day"), access = PLAN, body = fields.DAY, summary = "Перенести день" },
  { "GET", BASE .. "/publish", show_publish, access = PLAN, query = fields.PUBLISH, summary = "Что ещё не опубликовано" },
  { "POST", BASE .. "/publish", publish, access = PLAN, body = fields.PUBLISH, summary = "Опубликовать расписание" },
  { "GET", BASE .. "/locks", show_locks, access = PLAN, summary = "Закреплённые занятия" },
  { "POST", BASE .. "/locks", add_lock, access = PLAN, body = fields.LOCK, summary = "Закрепить" },
  { "POST", BASE .. "/locks/{id}/drop", drop_lock, access = PLAN, summary = "Открепить" },
}
