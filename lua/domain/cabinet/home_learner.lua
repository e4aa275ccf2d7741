--- First screen of a learner: the application that needs him, his week, what he has to do, where he learns.
local applications = require("domain.applications")
local clock = require("core.clock")
local lessons = require("domain.lessons")
local people = require("domain.people")
local russian = require("kit.russian")
local store = require("domain.cabinet.store")
local words = require("domain.cabinet.words")
local home = {}

local SHORT_DAYS = { "Пн", "Вт", "Ср", "Чт", "Пт", "Сб", "Вс" }
local TONES = { practice = "ok", lab = "ok", industrial = "ok", workshop = "ok", control = "warn", final = "warn", webinar = "vio",
  consult = "vio" }
local TODO_MOST = 6

local function lesson_card(lesson)
  return { starts = lesson.starts, ends = lesson.ends, title = lesson.module or lesson.program,
    place = lesson.mode == "online" and "Онлайн" or lesson.rooms, href = "/cabinet/lessons/" .. lesson.id,
    tone = lesson.mode == "online" and "vio" or TONES[lesson.kind] or "info" }
end

local function week_days(monday, rows)
  local days, by_date, today = {}, {}, clock.date()
  for index = 1, 7 do
    local day = russian.add_days(monday, index - 1)
    days[index] = { date = day, short = SHORT_DAYS[index], number = tonumber(day:sub(9)), today = day == today,
      label = russian.date(day, "weekday"), lessons = {} }
    by_date[day] = days[index]
  end
  for _, lesson in ipairs(rows) do
    if by_date[lesson.held_on] then table.insert(by_date[lesson.held_on].lessons, lesson_card(lesson)) end
  end
  return days
end

-- The next lesson of the coming days that has not ended, and when it is.
local function next_lesson(rows)
  local today, now = clock.date(), clock.local_time(clock.now()):sub(12, 16)
  for _, lesson in ipairs(rows) do
    if lesson.held_on > today or (lesson.held_on == today and lesson.ends > now) then
      return lesson, lesson.held_on == today and "Сегодня" or words.on_date(lesson.held_on)
    end
  end
end

local NEEDED = {
  docs_required = function(a)
    return { title = "Приложить документы", text = words.until_date(a.docs_due_on), icon = "file-alert", tone = "warn" }
  end,
  draft = function(a)
    return { title = "Дописать заявку", text = a.closes_on and "приём " .. words.until_date(a.closes_on) or "черновик", icon = "pencil", tone = "" }
  end,
}

-- What runs out, as a task.
local function expiring(row)
  if row.kind == "grant" then
    return { title = "Роль заканчивается", text = (row.name and row.name .. ", " or "") .. words.until_date(row.valid_to), icon = "user-minus", tone = "warn" }
  end
  return { title = "Заканчивается согласие", text = words.until_date(row.valid_to) .. "; без него заявку не подать", icon = "file-alert",
    tone = "warn", href = "/cabinet/profile" }
end

--- Roles and consents of one's own that run out soon, for every first screen.
---@return table[] tasks
function home.expiring(user)
  local list = {}
  for index, row in ipairs(store.expiring(user.id, user.person_id)) do list[index] = expiring(row) end
  return list
end

local function todo(own, profile, user)
  local list = {}
  if profile and profile.next_step then
    list[1] = { title = "Заполнить профиль", text = "без него заявку не подать", icon = "user-edit", tone = "o",
      href = "/cabinet/profile/" .. profile.next_step }
  end
  for _, application in ipairs(own) do
    local make = NEEDED[application.state]
    if make and #list < TODO_MOST then
      local item = make(application)
      item.text = application.program .. ", " .. item.text
      item.href = "/cabinet/applications/" .. application.public_id
      list[#list + 1] = item
    end
  end
  for _, item in ipairs(home.expiring(user)) do list[#list + 1] = item end
  return list
end

local CURRENT = { submitted = true, in_review = true, docs_required = true, docs_review = true, approved = true, waitlisted = true,
  enrolled = true }

-- The application that needs the applicant most: documents first, then the newest in the works, then a draft.
local function current_application(own)
  local best, draft
  for _, application in ipairs(own) do
    if application.state == "docs_required" then return application end
    if CURRENT[application.state] and not best then best = application end
    if application.state == "draft" and not draft then draft = application end
  end
  return best or draft
end

local function studying(person_id)
  local list = {}
  for index, row in ipairs(person_id and store.studying(person_id) or {}) do
    local left = row.hours_total - row.hours_held
    list[index] = { program = row.program, code = row.code, organization = row.organization, hours = row.hours_held, total = row.hours_total,
      href = "/cabinet/groups/" .. row.id,
      text = row.hours_held == 0 and "начало " .. words.on_date(row.starts_on)
        or "до " .. russian.date(row.ends_on, "day") .. ", осталось " .. russian.plural(math.max(left, 0), "%s час", "%s часа", "%s часов") }
  end
  return list
end

--- What the view cabinet/learner takes.
---@param request kit.Request
---@return table data
function home.data(request)
  local user = request.user
  local own = applications.own(user)
  local profile = user.person_id and people.get(user.person_id)
  local monday = russian.monday(clock.date())
  local rows = user.grant and lessons.week(monday, russian.add_days(monday, 13), {}, user) or {}
  local current = current_application(own)
  local soon, when = next_lesson(rows)
  local days = week_days(monday, rows)
  local has_lessons = rows[1] ~= nil and rows[1].held_on <= days[7].date
  return {
    title = "Личный кабинет", nav = "home", today = words.today(),
    greeting = profile and profile.first_name ~= "" and profile.first_name or user.name,
    current = current, track = current and current.state ~= "draft" and applications.present.track(current) or nil,
    next_step = current and applications.present.next_step(current), days = days, has_lessons = has_lessons,
    week = russian.period(monday, days[7].date), soon = soon, soon_when = when, todo = todo(own, profile, user),
    studying = studying(user.person_id), has_calendar = #rows > 0,
  }
end

return home
