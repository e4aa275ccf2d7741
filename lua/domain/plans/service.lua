--- Drafts of the timetable: asked for, stopped, published, thrown away. Until it is published a draft changes nothing.
local access = require("kit.access")
local audit = require("kit.audit")
local clock = require("core.clock")
local db = require("core.db")
local errors = require("kit.errors")
local job = require("kit.job")
local json = require("core.json")
local live = require("kit.live")
local outbox = require("kit.outbox")
local russian = require("kit.russian")
local solve = require("domain.plans.solve")
local store = require("domain.plans.store")
local store_term = require("domain.plans.store_term")
local transaction = require("kit.transaction")
local service = {}

local DAYS_MAX = 400
local PAGE = 50
local WORDS_MAX = 10

local function organization_of(user) return user.grant.role == "partner" and user.grant.organization_id or nil end

-- Every group must be the user's to plan; the organisation of all of them, when it is one.
local function check_groups(group_ids, user)
  local groups = store_term.groups(db.array(group_ids))
  if #groups < #group_ids then return nil, errors.invalid("group_ids", "unknown", "Выбрана группа, которой нет.") end
  local organization_id = groups[1].organization_id
  for _, group in ipairs(groups) do
    local ok, err = access.need(user, "lesson.plan", group)
    if not ok then return nil, err end
    if group.organization_id ~= organization_id then organization_id = nil end
  end
  return groups, nil, organization_id
end

local function check_days(from, to)
  if from < clock.date() then return errors.invalid("from", "past", "Прошедшие дни не планируют: возьмите сегодня или позже.") end
  if to < from then return errors.invalid("to", "before_start", "Последний день раньше первого.") end
  if russian.day_number(to) - russian.day_number(from) > DAYS_MAX then return errors.invalid("to", "too_long", "Больше года за один раз не составить.") end
end

-- Whoever is chosen to teach must be somebody.
local function check_teachers(teachers)
  local ids, seen = {}, {}
  for _, id in pairs(teachers or {}) do
    if math.type(id) ~= "integer" then return errors.invalid("teachers", "wrong_type", "Преподаватель занятия — номер карточки.") end
    if id ~= 0 and not seen[id] then ids[#ids + 1], seen[id] = id, true end
  end
  if #store_term.teachers(db.array(ids)) < #ids then return errors.invalid("teachers", "unknown", "Выбран преподаватель, которого нет.") end
end

local function start(plan, user)
  return transaction.run(function()
    local row, fault = store.insert(plan, user.id)
    if not row then return nil, fault end
    store.set_job(row.id, job.enqueue("plans.solve", { plan_id = row.id }, { max_attempts = 2 }))
    audit.write("plan.create", "schedule_plan", row.id, { title = { nil, plan.title } })
    return { id = row.id }
  end)
end

local function title_of(groups)
  local codes = {}
  for i, group in ipairs(groups) do codes[i] = group.code end
  if #codes <= 3 then return (#codes == 1 and "Группа " or "Группы ") .. table.concat(codes, ", ") end
  return ("Группы %s и ещё %d"):format(codes[1], #codes - 1)
end

--- Asks for a plan of the hours that groups have left.
---@param input table values of fields.FILL
---@return {id: integer}? plan
---@return kit.Error? err
function service.fill(input, user)
  local err = check_days(input.from, input.to)
  if err then return nil, err end
  local groups, refused, organization_id = check_groups(input.group_ids, user)
  if groups then refused = check_teachers(input.teachers) end
  if refused then return nil, refused end
  return start({ kind = "fill", title = title_of(groups) .. ": " .. russian.period(input.from, input.to), organization_id = organization_id,
    params = json.encode({ groups = input.group_ids, from = input.from, to = input.to, with_saturdays = input.with_saturdays or false,
      rooms_of = organization_of(user), seconds = input.seconds or 20, teachers = json.object(input.teachers or {}) }) }, user)
end

--- Asks to move what a teacher who is away cannot give.
---@param input table values of fields.REPAIR
---@return {id: integer}? plan
---@return kit.Error? err
function service.repair(input, user)
  local err = check_days(input.from, input.until_day) or check_days(input.from, input.to)
  if err then return nil, err end
  if input.until_day < input.to then return nil, errors.invalid("until_day", "before_end", "Переносить надо хотя бы по последний день отсутствия.") end
  local teacher = store_term.teachers(db.array({ input.staff_id }))[1]
  if not teacher then return nil, errors.invalid("staff_id", "unknown", "Такого преподавателя нет.") end
  local ok, refused = access.need(user, "lesson.plan", teacher)
  if not ok then return nil, refused end
  for _, lesson in ipairs(store_term.lessons(input.staff_id, input.from, input.to, input.until_day)) do
    local groups, foreign = check_groups({ lesson.group_id }, user)
    if not groups then return nil, foreign end
  end
  return start({ kind = "repair", title = ("Замена: %s, %s"):format(teacher.name, russian.period(input.from, input.to)), organization_id = teacher.organization_id,
    params = json.encode({ staff_id = input.staff_id, from = input.from, to = input.to, until_day = input.until_day, moved = input.moved or 10,
      rooms_of = organization_of(user), seconds = input.seconds or 5 }) }, user)
end

--- The same again, by what the timetable is now.
function service.again(id, user)
  local plan, err = service.get(id, user)
  if not plan then return nil, err end
  return start({ kind = plan.kind, title = plan.title, organization_id = plan.organization_id, params = json.encode(plan.params) }, user)
end

local function decoded(plan)
  for _, key in ipairs({ "params", "progress", "result" }) do
    if type(plan[key]) == "string" then plan[key] = json.decode(plan[key]) end
  end
  return plan
end

function service.get(id, user)
  local plan = store.find(id)
  if not plan then return nil, errors.not_found("schedule_plan", id) end
  local ok, err = access.need(user, "lesson.plan", plan)
  if not ok then return nil, err end
  return decoded(plan)
end

function service.list(user, before)
  local ok, err = access.need(user, "lesson.plan")
  if not ok then return nil, err end
  local rows = store.list(organization_of(user), before or math.maxinteger, PAGE + 1)
  local more = #rows > PAGE and table.remove(rows) and rows[PAGE].id or nil
  for _, plan in ipairs(rows) do decoded(plan) end
  return rows, nil, more
end

--- Drafts that nobody wants go after a month.
function service.clean()
  store.clean()
  return true
end

--- Lessons of a draft, a page of them.
function service.items(plan, after, limit)
  local rows = store.items(plan.id, after, limit + 1)
  local more = #rows > limit and table.remove(rows) and rows[limit] or nil
  return rows, more
end

function service.stop(id, user)
  local plan, err = service.get(id, user)
  if not plan then return nil, err end
  if not store.ask_stop(plan.id) then return nil, errors.conflict("wrong_state", "Поиск уже закончен.") end
  live.notify("plan.stop", { id = plan.id })
  return plan
end

function service.discard(id, user)
  local plan, err = service.get(id, user)
  if not plan then return nil, err end
  if not store.advance(plan.id, db.array({ "ready", "impossible", "failed", "queued", "solving" }), "discarded", user.id) then
    return nil, errors.conflict("wrong_state", "Опубликованный план не отбросить: его занятия уже в расписании.")
  end
  live.notify("plan.stop", { id = plan.id })
  audit.write("plan.discard", "schedule_plan", plan.id)
  return plan
end

-- ---- publishing

local function place_words(row) return ("%s, %s, %s"):format(row.group_code, russian.date(row.held_on, "day"), row.starts) end

--- What stands in the way now, in words; empty: nothing.
local function obstacles(id)
  local words = {}
  for _, row in ipairs(store.moved_on(id, WORDS_MAX)) do words[#words + 1] = place_words(row) .. ": занятие изменили или закрепили, пока план готовился" end
  for _, row in ipairs(store.clashes(id, WORDS_MAX)) do words[#words + 1] = ("%s: %s (%s)"):format(place_words(row), row.who, row.other) end
  for _, row in ipairs(store.over_hours(id, WORDS_MAX)) do
    words[#words + 1] = ("%s, «%s»: в расписании уже %d ак. ч из %d, в плане ещё %d"):format(row.group_code, row.title, row.planned, row.hours, row.added)
  end
  return words
end

local function refusal(words)
  local err = errors.conflict("plan_outdated", "Расписание изменилось, пока план лежал: " .. words[1] .. (#words > 1 and (" и ещё %d"):format(#words - 1) or "")
    .. ". Составьте план заново.")
  err.extra = { conflicts = json.array(words) }
  return err
end

local function put_in(plan, input, user)
  store.defer_overlaps()
  if plan.kind == "repair" then store.keep_history(plan.id, plan.title, user.id) end
  local moved, fault = store.move(plan.id, user.id)
  if not fault then fault = select(2, store.make(plan.id, input.visible and "published" or "planned", user.id)) end
  if not fault then fault = select(2, store.judge_overlaps()) end
  if fault then return nil, fault end
  for _, lesson in ipairs(moved) do
    if lesson.state == "published" then
      outbox.emit("lesson.moved", nil, { lesson_id = lesson.id, held_on = lesson.was_held_on, starts = lesson.was_starts })
    end
  end
  local range = store.range(plan.id)
  live.notify("schedule", { from = range.first, to = range.last })
  audit.write("plan.publish", "schedule_plan", plan.id, { lessons = { nil, plan.lessons } })
  return { id = plan.id }
end

local function is_busy_fault(fault) return fault and (fault.constraint == "booking_overlap" or fault.constraint == "slot_use_capacity") end

--- Puts a draft into the timetable, all of it or nothing.
---@param input {version: integer?, visible: boolean?}
---@return table? plan
---@return kit.Error? err 409 plan_outdated with extra.conflicts
function service.publish(id, user, input)
  local plan, err = service.get(id, user)
  if not plan then return nil, err end
  local done, fault = transaction.run(function()
    local row = store.lock(id)
    if input.version and row.version ~= input.version then return nil, errors.conflict("version", "План уже изменили. Откройте его ещё раз.") end
    if row.state ~= "ready" then return nil, errors.conflict("wrong_state", "Опубликовать можно только готовый план.") end
    store.lock_resources(id)
    local words = obstacles(id)
    if #words > 0 then return nil, refusal(words) end
    store.advance(id, db.array({ "ready" }), "published", user.id)
    return put_in(plan, input, user)
  end)
  if done or not is_busy_fault(fault) then return done, fault end
  local words = obstacles(id)
  return nil, refusal(#words > 0 and words or { "место только что заняли" })
end

-- ---- forms

--- Groups and teachers to choose from; for a few groups also their lessons with the teachers that would be taken.
function service.choices(user, group_ids)
  local ok, err = access.need(user, "lesson.plan")
  if not ok then return nil, err end
  local organization_id = organization_of(user)
  local found = { groups = store_term.group_choices(organization_id), teachers = store_term.teacher_choices(organization_id), courses = {} }
  if group_ids and #group_ids > 0 then
    local groups, refused = check_groups(group_ids, user)
    if not groups then return nil, refused end
    found.courses, found.group_of = solve.preview(group_ids)
  end
  return found
end

return service
