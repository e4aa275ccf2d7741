--- The public timetable of the region, sheets for print, tables for export.
local board = require("domain.lessons.board")
local clock = require("core.clock")
local csv = require("kit.csv")
local errors = require("kit.errors")
local fields = require("domain.lessons.fields")
local file = require("kit.file")
local files = require("core.files")
local form = require("kit.form")
local json = require("core.json")
local present = require("domain.lessons.present")
local respond = require("kit.respond")
local russian = require("kit.russian")
local sheet = require("core.sheet")
local shape = require("kit.shape")
local store = require("domain.lessons.store_public")
local urls = require("kit.urls")

local PUBLIC = "/timetable"
local PAGE = 100
local EXPORT_MAX = 5000

-- ---- for everybody

local function public_rows(input)
  local monday = russian.monday(input.week or clock.date())
  local rows, more = store.LIST:page({
    filters = { from = monday, to = russian.add_days(monday, 6), organization = input.organization, group = input.group, program = input.program,
      competence = input.competence },
    cursor = input.cursor, limit = PAGE,
  })
  return rows, more, monday
end

local function by_days(rows)
  local days = {}
  for _, row in ipairs(rows) do
    local day = days[#days]
    if not day or day.date ~= row.held_on then
      day = { date = row.held_on, label = russian.date(row.held_on, "weekday"), lessons = {} }
      days[#days + 1] = day
    end
    row.place = row.mode == "online" and "дистанционно" or row.rooms
    row.kind_label = fields.KINDS[row.kind]
    row.tone = present.tone(row)
    table.insert(day.lessons, row)
  end
  return days
end

local function public_page(request)
  local input, err = form.parse(fields.PUBLIC, request.query_all)
  if not input then return nil, err end
  local rows, more, monday = public_rows(input)
  if not rows then return nil, more end
  local choices = { organization = {}, program = {}, group = {} }
  for _, row in ipairs(store.choices(input.organization)) do table.insert(choices[row.name], { value = row.value, label = row.label }) end
  local query = request.query_all
  local function week(day) return urls.with(PUBLIC, query, { week = day, cursor = false }) end
  return respond.site(request, "lessons/public", {
    title = "Расписание занятий", nav = "timetable", days = by_days(rows), range = russian.period(monday, russian.add_days(monday, 6)), input = input,
    choices = choices,
    description = "Общее расписание занятий центра и колледжей региона: какие группы, чему и где учатся на этой неделе.",
    previous = week(russian.add_days(monday, -7)), following = week(russian.add_days(monday, 7)), today = week(false), week = input.week,
    next_page = more and urls.with(PUBLIC, query, { cursor = more }), reset = (input.organization or input.program or input.group) and PUBLIC or nil,
  })
end

local function null(value)
  if value == nil then return json.null end
  return value
end

local function public_json(request)
  local input, err = form.parse(fields.PUBLIC, request.query_all)
  if not input then return nil, err end
  local rows, more = public_rows(input)
  if not rows then return nil, more end
  local items = json.array({})
  for i, row in ipairs(rows) do
    items[i] = { id = tostring(row.id), held_on = row.held_on, starts = row.starts, ends = row.ends, kind = row.kind, mode = row.mode,
      group = row.group_code, program = row.program, module = null(row.module), organization = row.organization,
      site = null(row.site), address = null(row.address), rooms = null(row.rooms) }
  end
  return respond.json({ items = items, next_cursor = more or json.null })
end

-- ---- paper

-- A room's door or a group's board: one week on one sheet.
local function print_sheet(request)
  local input, err = form.parse(fields.BOARD, request.query_all)
  if not input then return nil, err end
  if not input.group and not input.room and not input.teacher then
    return nil, errors.invalid("group", "required", "Выберите группу, помещение или преподавателя, чей лист печатать.")
  end
  local monday = russian.monday(input.week or clock.date())
  local asked = { from = monday, to = russian.add_days(monday, 6), group = input.group, room = input.room, teacher = input.teacher }
  local rows, fault = board.range(asked, request.user)
  if not rows then return nil, fault end
  local subject = board.subject(input)
  if not subject then return nil, errors.not_found("timetable", "") end
  local range = russian.period(monday, russian.add_days(monday, 6))
  return respond.page(request, "lessons/print", {
    title = subject.title .. ", " .. range, subject = subject, range = range,
    days = present.week(monday, rows, function(row) return row end), kinds = fields.KINDS, is_room = input.room ~= nil,
    back = urls.with("/cabinet/schedule", request.query_all), made = clock.date(),
  })
end

-- ---- tables

local COLUMNS = { "Дата", "Начало", "Конец", "Группа", "Организация", "Модуль или программа", "Вид", "Преподаватель", "Помещение", "Ак. часов", "Состояние" }
local STATES = { planned = "Запланировано", published = "Опубликовано", held = "Проведено", signed = "Журнал подписан", locked = "Закрыто" }

local function cells(row)
  return { russian.date(row.held_on, "numeric"), row.starts, row.ends, row.group_code, row.organization, row.title, fields.KINDS[row.kind] or "", row.teachers or "",
    row.mode == "online" and "дистанционно" or row.rooms or "", row.academic_hours, STATES[row.state] or row.state }
end

-- Rows of the range, page by page; more than EXPORT_MAX is refused with the way out.
local function export_rows(input, user)
  local all, cursor = {}, nil
  repeat
    input.cursor, input.limit = cursor, 500
    local rows, more = board.range(input, user)
    if not rows then return nil, more end
    table.move(rows, 1, #rows, #all + 1, all)
    cursor = more
    if #all > EXPORT_MAX then
      return nil, errors.invalid("to", "too_many", ("В таблицу помещается не больше %d занятий: сузьте отбор или дни."):format(EXPORT_MAX))
    end
  until not cursor
  return all
end

local function write_xlsx(rows)
  local path = files.temp("timetable.xlsx")
  local columns = {}
  for i, title in ipairs(COLUMNS) do columns[i] = { title = title, width = i == 6 and 40 or 16 } end
  local writer = sheet.open(path, columns)
  for _, row in ipairs(rows) do writer:row(cells(row)) end
  writer:close()
  return file.keep("Расписание.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", path)
end

local function export(kind)
  return function(request)
    local input, err = form.parse(fields.RANGE, request.query_all)
    local rows
    if input then rows, err = export_rows(input, request.user) end
    if not rows then return nil, err end
    if kind == "xlsx" then return respond.file(write_xlsx(rows)) end
    return respond.stream("text/csv; charset=utf-8", function(write)
      write(csv.BOM .. csv.line(COLUMNS))
      for _, row in ipairs(rows) do write(csv.line(cells(row))) end
    end, { ["content-disposition"] = respond.disposition("Расписание.csv") })
  end
end

local READ = { "lesson.read" }
local text, maybe = shape.text, shape.maybe

return {
  { "GET", PUBLIC, public_page, access = "public", query = fields.PUBLIC, summary = "Общее расписание региона" },
  { "GET", "/api/v1/timetable", public_json, access = "public", query = fields.PUBLIC, returns = "PublicLessonList",
    summary = "Опубликованные занятия недели, без имён" },
  { "GET", "/cabinet/schedule/print", print_sheet, access = READ, query = fields.BOARD, summary = "Лист на дверь или лист группы" },
  { "GET", "/cabinet/schedule/export.xlsx", export("xlsx"), access = READ, query = fields.RANGE, summary = "Расписание таблицей XLSX" },
  { "GET", "/cabinet/schedule/export.csv", export("csv"), access = READ, query = fields.RANGE, summary = "Расписание таблицей CSV" },
  schemas = {
    PublicLesson = shape.object({ id = shape.id, held_on = shape.date, starts = text, ends = text, kind = text, mode = text, group = text, program = text,
      module = maybe(text), organization = text, site = maybe(text), address = maybe(text), rooms = maybe(text) }),
  },
}
