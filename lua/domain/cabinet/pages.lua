--- First screens of cabinets, and the looks of the site.
local applications = require("domain.applications")
local clock = require("core.clock")
local fields = require("domain.cabinet.fields")
local page = require("kit.page")
local policy = require("domain.cabinet.policy")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.cabinet.service")
local text = require("core.text")

local SHORT_DAYS = { "Пн", "Вт", "Ср", "Чт", "Пт", "Сб", "Вс" }
local TONES = { practice = "ok", lab = "ok", industrial = "ok", workshop = "ok", control = "warn", final = "warn", webinar = "vio",
  consult = "vio" }

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
  for _, lesson in ipairs(rows) do table.insert(by_date[lesson.held_on].lessons, lesson_card(lesson)) end
  return days
end

-- The next lesson that has not ended today.
local function next_today(rows)
  local today, now = clock.date(), clock.local_time(clock.now()):sub(12, 16)
  for _, lesson in ipairs(rows) do
    if lesson.held_on == today and lesson.ends > now then return lesson end
  end
end

local NEEDED = {
  docs_required = function(a) return { title = "Приложить документы", text = "до " .. russian.date(a.docs_due_on, "day"), icon = "file-alert", tone = "warn" } end,
  draft = function() return { title = "Дописать заявку", text = "черновик", icon = "pencil", tone = "" } end,
}

local function todo(home)
  local list = {}
  if home.profile and home.profile.next_step then
    list[1] = { title = "Заполнить профиль", text = "без него заявку не подать", icon = "user-edit", tone = "o",
      href = "/cabinet/profile/" .. home.profile.next_step }
  end
  for _, application in ipairs(home.own) do
    local make = NEEDED[application.state]
    if make and #list < 6 then
      local item = make(application)
      item.text = application.program .. ", " .. item.text
      item.href = "/cabinet/applications/" .. application.public_id
      list[#list + 1] = item
    end
  end
  return list
end

-- «Вторник, 24 ноября» begins a line.
local function today_words(day)
  local words = russian.date(day, "weekday")
  return text.upper(text.sub(words, 1, 1)) .. text.sub(words, 2)
end

local homes = {}

function homes.learner(request)
  local home = service.learner_home(request.user)
  local current = home.current
  return respond.page(request, "cabinet/learner", {
    title = "Личный кабинет", nav = "home", greeting = home.profile and home.profile.first_name ~= "" and home.profile.first_name or request.user.name,
    today = today_words(clock.date()), current = current,
    track = current and current.state ~= "draft" and applications.present.track(current) or nil,
    next_step = current and applications.present.next_step(current), days = week_days(home.monday, home.lessons),
    has_lessons = #home.lessons > 0, week = russian.period(home.monday, russian.add_days(home.monday, 6)),
    soon = next_today(home.lessons), todo = todo(home),
  })
end

function homes.teacher(request)
  local home = service.teacher_home(request.user)
  return respond.page(request, "cabinet/teacher", {
    title = "Сегодня", nav = "home", today = today_words(home.today), lessons = home.lessons, unsigned = home.unsigned,
  })
end

function homes.customer(request)
  return respond.page(request, "cabinet/customer", { title = "Кабинет работодателя", nav = "home" })
end

local function home(request)
  local role = policy.role(request.user)
  if fields.HOMES[role] then return respond.redirect(fields.HOMES[role]) end
  return homes[role](request)
end

-- Looks of the site live in cookies of this browser; nothing else changes, hence GET links serve, too.
local function keep_looks(request, given)
  if given.theme then page.keep_theme(request, given.theme) end
  if given.vi == "off" then
    page.keep_vi(request, nil)
  elseif given.vi then
    page.keep_vi(request, { scheme = given.vi, size = given.size, spacing = given.spacing, font = given.font, images = given.images ~= "0" })
  end
  return respond.redirect(respond.local_path(given.back, "/"))
end

local function view(request) return keep_looks(request, request.query) end
local function set_looks(request) return keep_looks(request, request:form()) end

return {
  { "GET", "/cabinet", home, access = "user", summary = "Первый экран кабинета" },
  { "GET", "/view", view, access = "public", summary = "Версия для слабовидящих и тема (ссылкой)" },
  { "POST", "/vi", set_looks, access = "public", summary = "Версия для слабовидящих" },
  { "POST", "/theme", set_looks, access = "public", summary = "Светлая или тёмная тема" },
}
