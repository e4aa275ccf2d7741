--- First screens of those who work: staff, partners, teachers, employers, administrators, roles of a region's own. A screen is a list of
--- sections for views/cabinet/home: { id, title, kind = part, more = {href,label} } and what the part takes.
local applications = require("domain.applications")
local clock = require("core.clock")
local counters = require("domain.cabinet.counters")
local inbox = require("domain.inbox")
local learner = require("domain.cabinet.home_learner")
local lessons = require("domain.lessons")
local policy = require("domain.cabinet.policy")
local russian = require("kit.russian")
local store = require("domain.cabinet.store")
local tasks = require("domain.cabinet.tasks")
local words = require("domain.cabinet.words")
local home = {}

local ROWS = 6

local function todo(request)
  local list = tasks.of(request)
  for _, item in ipairs(learner.expiring(request.user)) do list[#list + 1] = item end
  return { id = "todo", title = "Нужно сделать", kind = "tasks", items = list,
    empty = { icon = "circle-check", title = "Всё сделано", text = "Новые задачи появятся здесь со сроками." } }
end

-- ---- applications

local function urgent(request)
  local rows = {}
  for index, a in ipairs(inbox.urgent(request.user, ROWS)) do
    local sla = applications.present.sla(a)
    rows[index] = { href = "/cabinet/applications/" .. a.public_id, cells = {
      { text = a.person_name, sub = "№ " .. a.number, href = "/cabinet/applications/" .. a.public_id },
      { text = a.program, sub = a.organization }, { chip = { "application", a.state } },
      sla and { text = sla.text, tone = sla.tone or "line", icon = sla.icon } or "—",
    } }
  end
  return { id = "urgent", title = "Срок ответа ближе всего", kind = "table", caption = "Заявки с ближайшим сроком ответа",
    more = { href = "/cabinet/applications?sort=due", label = "Все по сроку" },
    columns = { { label = "Заявитель", lead = true, wide = true }, { label = "Программа" }, { label = "Статус" }, { label = "Срок ответа", nowrap = true } },
    rows = rows, empty = { icon = "inbox", title = "Заявок со сроком нет", text = "Поданные заявки появятся здесь: первыми те, на которые пора ответить." } }
end

-- ---- groups

local function seats(group)
  local short = group.capacity_min - group.seats_taken
  local taken = ("%d из %d"):format(group.seats_taken, group.capacity_max)
  if short > 0 then return { text = taken .. ", не хватает " .. short, tone = "warn", icon = "users-minus" } end
  return { text = taken, tone = "ok", icon = "check" }
end

local function starting(request)
  local rows = {}
  for index, group in ipairs(store.starting(policy.own_organization(request.user), ROWS)) do
    local href = "/cabinet/groups/" .. group.id
    rows[index] = { href = href, cells = { { text = group.code, sub = group.organization, href = href }, group.program,
      words.on_date(group.starts_on), seats(group) } }
  end
  return { id = "starting", title = "Начинают в ближайшие три недели", kind = "table", caption = "Группы, которые скоро начинают",
    more = { href = "/cabinet/groups", label = "Все группы" },
    columns = { { label = "Группа", lead = true }, { label = "Программа" }, { label = "Начало", nowrap = true }, { label = "Слушатели" } },
    rows = rows, empty = { icon = "users-group", title = "Новых групп в эти дни нет", text = "Здесь будут группы с ближайшим началом и те, где мало слушателей." } }
end

-- ---- lessons

local function lesson_line(lesson)
  return { id = lesson.id, time = lesson.starts .. "–" .. lesson.ends, title = lesson.module or lesson.program, state = lesson.state,
    text = lesson.group_code .. " · " .. (lesson.mode == "online" and "онлайн" or lesson.rooms or lesson.site or ""), day = lesson.held_on }
end

local LESSONS_SHOWN = 8

-- Lessons of today, or of the next day that has any, and for one's own timetable those after it.
local function nearest(rows)
  local day, list, ahead = nil, {}, {}
  for _, lesson in ipairs(rows) do
    day = day or lesson.held_on
    local line = lesson_line(lesson)
    if lesson.held_on == day then
      list[#list + 1] = line
    elseif #ahead < LESSONS_SHOWN then
      line.time = russian.date(lesson.held_on, "short")
      line.text = lesson.starts .. "–" .. lesson.ends .. " · " .. line.text
      ahead[#ahead + 1] = line
    end
  end
  return day, list, ahead
end

local WEEK = { href = "/cabinet/schedule", label = "Неделя" }

local function today(request)
  local day = clock.date()
  local _, list = nearest(lessons.week(day, day, {}, request.user) or {})
  local hidden, rest = #list - LESSONS_SHOWN, nil
  if hidden > 0 then
    rest = russian.plural(hidden, "и ещё %s занятие", "и ещё %s занятия", "и ещё %s занятий")
    list = table.move(list, 1, LESSONS_SHOWN, 1, {})
  end
  return { id = "lessons", title = "Занятия сегодня", kind = "lessons", items = list, rest = rest, more = WEEK,
    empty = { icon = "calendar-off", title = "Сегодня занятий нет", text = "Другие дни открываются в расписании." } }
end

-- A teacher's own fortnight.
local function own_days(request)
  local now = clock.date()
  local day, list, ahead = nearest(lessons.week(now, russian.add_days(now, 13), {}, request.user) or {})
  local title = (not day or day == now) and "Занятия сегодня" or "Ближайшие занятия: " .. words.on_date(day)
  local sections = { { id = "lessons", title = title, kind = "lessons", items = list, more = WEEK,
    empty = { icon = "calendar-off", title = "Занятий на две недели нет", text = "Занятия появятся здесь, когда их поставят в расписание." } } }
  if #ahead > 0 then sections[2] = { id = "ahead", title = "Дальше", kind = "lessons", items = ahead } end
  return sections
end

local function kpi(value, label, icon, tone, href)
  return { value = counters.words(value or 0), label = label, icon = icon, tone = tone, href = href }
end

local function unsigned(request)
  local user, items = request.user, {}
  for index, lesson in ipairs(user.person_id and store.unsigned(user.person_id, 20) or {}) do
    items[index] = { title = lesson.group_code .. ", " .. lesson.title, icon = "notebook", tone = "warn", href = "/cabinet/lessons/" .. lesson.id,
      text = russian.date(lesson.held_on, "day") .. ", " .. lesson.starts .. "–" .. lesson.ends }
  end
  for _, item in ipairs(learner.expiring(user)) do items[#items + 1] = item end
  return { id = "todo", title = "Подписать журналы", kind = "tasks", items = items,
    empty = { icon = "circle-check", title = "Все журналы подписаны", text = "Проведённые занятия без подписи появятся здесь." } }
end

-- ---- screens

local screens = {}

function screens.staff(request)
  local inbox_row = counters.of(request, "inbox")
  return {
    title = "Сегодня", sub = words.today(), actions = { { label = "Открыть заявки", href = "/cabinet/applications", icon = "inbox", class = "btn-primary" } },
    kpis = {
      kpi(inbox_row.submitted, "ждут разбора", "inbox", nil, "/cabinet/applications?state=submitted"),
      kpi(inbox_row.overdue, "просрочены", "alarm", "bad", "/cabinet/applications?overdue=1"),
      kpi(inbox_row.docs_review, "проверить документы", "file-check", "v", "/cabinet/applications?state=docs_review"),
      kpi(inbox_row.mine, "у меня в работе", "user-check", "ok", "/cabinet/applications?responsible=mine"),
    },
    sections = { urgent(request), starting(request) }, side = { todo(request), today(request) },
  }
end

function screens.partner(request)
  local screen = screens.staff(request)
  screen.sub = request.user.grant.organization_name .. " · " .. words.today()
  return screen
end

function screens.teacher(request)
  return { title = "Сегодня", sub = words.today(), sections = own_days(request), side = { unsigned(request) } }
end

local ORGANIZATION_STATES = {
  pending = { "На проверке", "warn", "clock", "Сотрудник центра проверит реквизиты и откроет подачу заявок." },
  checking = { "На проверке", "warn", "clock", "Сотрудник центра проверяет реквизиты." },
  active = { "Проверена", "ok", "check", "Реквизиты проверены центром." },
  suspended = { "Приостановлена", "bad", "player-pause", "Напишите в центр: работа организации на платформе приостановлена." },
  rejected = { "Отклонена", "bad", "x", "Центр не подтвердил организацию. Причину сообщит сотрудник центра." },
  closed = { "Закрыта", "neu", "archive", "Организация закрыта." },
}

function screens.customer(request)
  local own = store.organization(request.user.grant.organization_id)
  local state = ORGANIZATION_STATES[own.state]
  return {
    title = own.short_name, sub = words.today(),
    actions = { { label = "Каталог программ", href = "/programs", icon = "book", class = "btn-primary" } },
    sections = { { id = "training", title = "Обучение сотрудников", kind = "empty", icon = "users-plus", heading = "h3",
      name = "Заявок на обучение сотрудников пока нет",
      text = "Здесь будут списки сотрудников, отправленных на обучение, и статус каждого. Чему учат в регионе, видно в каталоге.",
      href = "/programs", action = "Открыть каталог" } },
    side = { { id = "organization", title = "Организация", kind = "organization", organization = own, state = { text = state[1], tone = state[2], icon = state[3] },
      note = state[4] }, todo(request) },
  }
end

function screens.admin(request)
  local system, organizations = counters.of(request, "system"), counters.of(request, "organizations")
  local mail = counters.of(request, "mail")
  return {
    title = "Платформа", sub = words.today(),
    kpis = {
      kpi(system.seen, "входили за сутки", "users", nil, "/admin/users"),
      kpi(system.dead + system.stuck, "задач с ошибкой", "alert-triangle", system.dead + system.stuck > 0 and "bad" or "ok"),
      kpi(mail.queued + mail.failed, "писем не отправлено", "mail-forward", mail.failed > 0 and "bad" or nil, "/admin/outbox"),
      kpi(organizations.pending, "организаций на проверке", "building", organizations.pending > 0 and "warn" or "ok"),
    },
    sections = { todo(request) }, side = { { id = "places", title = "Разделы", kind = "places" } },
  }
end

-- A role of the region's own: what its permissions let it do.
function screens.other(request)
  return { title = "Сегодня", sub = words.today(), sections = { todo(request) }, side = { { id = "places", title = "Разделы", kind = "places" } } }
end

--- What the view cabinet/home takes.
---@param request kit.Request
---@param role string
---@return table data
function home.data(request, role)
  local screen = (screens[role] or screens.other)(request)
  screen.nav = "home"
  return screen
end

return home
