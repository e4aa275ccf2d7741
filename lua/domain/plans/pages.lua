--- Pages of the plans: list, forms, a plan while it is made and when it is ready.
local clock = require("core.clock")
local fields = require("domain.plans.fields")
local form = require("kit.form")
local present = require("domain.plans.present")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.plans.service")
local urls = require("kit.urls")

local BASE = "/cabinet/schedule/plans"
local ITEMS = 100
local COURSES_SHOWN = 200

local function id_of(request) return math.tointeger(tonumber(request.params.id)) or 0 end
local function path_of(id) return BASE .. "/" .. id end

local function list(request)
  local rows, err, more = service.list(request.user, math.tointeger(tonumber(request.query.cursor)))
  if not rows then return nil, err end
  return respond.page(request, "plans/list", { title = "Планы расписания", nav = "schedule", rows = present.plans(rows, BASE),
    next_page = more and urls.with(BASE, request.query_all, { cursor = more }) or nil })
end

local function typed_form(request)
  local typed = request:form()
  for name, value in pairs(typed) do
    if value == "" then typed[name] = nil end
  end
  return typed
end

local function ids_in(value)
  local ids = {}
  for _, one in ipairs(type(value) == "table" and value or { value }) do ids[#ids + 1] = math.tointeger(tonumber(one)) end
  return ids
end

-- "teacher.7.12.lecture" = card; "0": nobody.
local function typed_teachers(typed)
  local teachers = {}
  for name, value in pairs(typed) do
    local key = name:match("^teacher%.(%d+%.%d+%.%a+)$")
    if key then teachers[key] = math.tointeger(tonumber(value)) end
  end
  return teachers
end

local function new_page(request, typed, err, status)
  local group_ids = ids_in(typed.group_ids)
  local found, fault = service.choices(request.user, group_ids)
  if not found then return nil, fault end
  local today = clock.date()
  return respond.page(request, "plans/new", {
    title = "Составить расписание", nav = "schedule", fault = err, errors = err and err.by_field or {}, groups = present.group_options(found.groups),
    group_ids = group_ids, courses = #group_ids > 0 and present.courses(found.courses, found.group_of, COURSES_SHOWN, typed) or nil,
    teachers = present.teacher_options(found.teachers), values = {
      from = typed.from or present.first_day(found.group_of, today), to = typed.to or present.last_day(found.group_of, today),
      with_saturdays = typed.with_saturdays, seconds = typed.seconds or 20,
    },
  }, status)
end

local function new(request) return new_page(request, { group_ids = request.query_all.group_ids or request.query.group }) end

local function refused(page, request, typed, err)
  if err.status == 409 or err.status == 422 then return page(request, typed, err, err.status) end
  return nil, err
end

local function create(request)
  local typed = typed_form(request)
  local input, err = form.parse(fields.FILL, typed)
  if not input then return new_page(request, typed, err, 422) end
  input.teachers = typed_teachers(typed)
  local plan
  plan, err = service.fill(input, request.user)
  if not plan then return refused(new_page, request, typed, err) end
  return respond.redirect(path_of(plan.id))
end

local function repair_page(request, typed, err, status)
  local found, fault = service.choices(request.user)
  if not found then return nil, fault end
  local today = clock.date()
  return respond.page(request, "plans/repair", { title = "Преподаватель не сможет вести", nav = "schedule", fault = err, errors = err and err.by_field or {},
    teachers = present.teacher_options(found.teachers), values = {
      staff_id = typed.staff_id, from = typed.from or russian.add_days(today, 1), to = typed.to or russian.add_days(today, 5),
      until_day = typed.until_day or russian.add_days(today, 21), moved = typed.moved or 10, seconds = typed.seconds or 5,
    } }, status)
end

local function repair_form(request) return repair_page(request, { staff_id = request.query.teacher }) end

local function repair(request)
  local typed = typed_form(request)
  local input, err = form.parse(fields.REPAIR, typed)
  if not input then return repair_page(request, typed, err, 422) end
  local plan
  plan, err = service.repair(input, request.user)
  if not plan then return refused(repair_page, request, typed, err) end
  return respond.redirect(path_of(plan.id))
end

local function show_page(request, err, status)
  local plan, fault = service.get(id_of(request), request.user)
  if not plan then return nil, fault end
  local after = request.query.cursor and present.cursor(request.query.cursor) or nil
  local items, more = service.items(plan, after, ITEMS)
  return respond.page(request, "plans/show", {
    title = plan.title, nav = "schedule", plan = present.plan(plan), plan_path = path_of(plan.id), rows = present.items(items, plan.kind),
    conflicts = err and err.extra and err.extra.conflicts, fault = err,
    next_page = more and urls.with(path_of(plan.id), {}, { cursor = present.cursor_of(more) }) or nil,
  }, status)
end

local function show(request) return show_page(request) end

local function publish(request)
  local input, err = form.parse(fields.PUBLISH, typed_form(request))
  if not input then return nil, err end
  local done
  done, err = service.publish(id_of(request), request.user, input)
  if done then return respond.redirect(path_of(done.id), { notice = "План опубликован: занятия в расписании" }) end
  if err.status ~= 409 then return nil, err end
  return show_page(request, err, 409)
end

-- An act that leads to the page of a plan: of this one, or of a new one.
local function act(fn, notice)
  return function(request)
    local done, err = fn(id_of(request), request.user)
    if not done then return nil, err end
    return respond.redirect(path_of(done.id), notice and { notice = notice } or nil)
  end
end

local function discard(request)
  local done, err = service.discard(id_of(request), request.user)
  if not done then return nil, err end
  return respond.redirect(BASE, { notice = "План отброшен: расписание не изменилось" })
end

local MAY = { "lesson.plan" }

return {
  { "GET", BASE, list, access = MAY, summary = "Планы расписания" },
  { "GET", BASE .. "/new", new, access = MAY, summary = "Составить расписание групп" },
  { "POST", BASE, create, access = MAY, summary = "Начать составление" },
  { "GET", BASE .. "/repair", repair_form, access = MAY, summary = "Перепланировать занятия преподавателя" },
  { "POST", BASE .. "/repair", repair, access = MAY, summary = "Начать перепланирование" },
  { "GET", BASE .. "/{id}", show, access = MAY, summary = "План: ход, черновик, цена" },
  { "POST", BASE .. "/{id}/stop", act(service.stop), access = MAY, summary = "Остановить поиск на лучшем из найденного" },
  { "POST", BASE .. "/{id}/publish", publish, access = MAY, summary = "Опубликовать план" },
  { "POST", BASE .. "/{id}/discard", discard, access = MAY, summary = "Отбросить план" },
  { "POST", BASE .. "/{id}/again", act(service.again), access = MAY, summary = "Составить заново" },
}
