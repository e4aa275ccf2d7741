--- Pages of the journal: a lesson on a phone, the month of a group, hours, a learner's own marks.
local clock = require("core.clock")
local fields = require("domain.journal.fields")
local form = require("kit.form")
local json = require("core.json")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.journal.service")

local function id_of(request) return math.tointeger(tonumber(request.params.id)) or 0 end

local function month_of(request)
  local input, err = form.parse(fields.MONTH, request.query_all)
  if not input then return nil, err end
  local month = input.month or clock.date():sub(1, 7)
  local first = month .. "-01"
  return { id = month, first = first, last = russian.month_end(first), title = russian.date(first, "month"),
    previous = russian.add_days(first, -1):sub(1, 7), following = russian.add_days(russian.month_end(first), 1):sub(1, 7) }
end

local function nil_of(value)
  if value == json.null then return nil end
  return value
end

local function value_words(mark, grade)
  local words = mark and fields.MARK_NAMES[mark] or "нет отметки"
  return grade and words .. ", " .. grade or words
end

-- «Белова А. А.: не был(а) → болезнь»: both values of each change.
local function history_lines(events, learners)
  local names, lines = {}, {}
  for _, l in ipairs(learners or {}) do names[tostring(l.id)] = l.short_name end
  for i, event in ipairs(events) do
    local diff = json.decode(event.diff) or {}
    local function old_new(field) return table.unpack(type(diff[field]) == "table" and diff[field] or {}, 1, 2) end
    local text = fields.ACTIONS[event.action] or event.action
    if event.action == "journal.mark" then
      local _, learner = old_new("enrollment")
      local old_mark, new_mark = old_new("mark")
      local old_grade, new_grade = old_new("grade")
      text = ("%s: %s → %s"):format(names[tostring(learner)] or "Слушатель", value_words(nil_of(old_mark), nil_of(old_grade)),
        value_words(nil_of(new_mark), nil_of(new_grade)))
    end
    lines[i] = { at = event.at, who = event.who, text = text, reason = event.reason }
  end
  return lines
end

local function lesson(request)
  local page, err = service.page(id_of(request), request.user)
  if not page then return nil, err end
  local rows = {}
  for i, l in ipairs(page.learners or {}) do
    rows[i] = { enrollment_id = l.id, name = i .. ". " .. l.name, mark = l.mark, grade = l.grade }
  end
  return respond.page(request, "journal/lesson", {
    title = page.module or page.program, nav = "journal", lesson = page, rows = rows, names = fields.MARK_NAMES,
    history = page.history and history_lines(page.history, page.learners),
  })
end

local function back(id, err, notice)
  if err and (err.status == 403 or err.status == 404) then return nil, err end
  return respond.redirect("/cabinet/lessons/" .. id, err and { notice = err.text, tone = "bad" } or { notice = notice })
end

-- The whole page at once: only what differs from what is stored is written.
local function save(request)
  local typed, id = request:form(), id_of(request)
  local page, err = service.page(id, request.user)
  if not page then return nil, err end
  for _, learner in ipairs(page.learners or {}) do
    local mark, grade = typed[("mark[%d]"):format(learner.id)], typed[("grade[%d]"):format(learner.id)]
    local input = fields.difference(learner, mark, grade)
    if input then
      local cell
      cell, err = service.write(id, input, request.user)
      if not cell then return back(id, err) end
    end
  end
  return back(id, nil, "Отметки сохранены")
end

local function save_page(request)
  local id = id_of(request)
  local input, err = form.parse(fields.PAGE, request:form())
  if input then input, err = service.write_page(id, input, request.user) end
  return back(id, not input and err or nil, "Тема и задание сохранены")
end

-- One learner's cells with the average mark and the share of attended lessons.
local function grid_row(found, learner)
  local row = { enrollment_id = learner.id, name = learner.name, cells = {} }
  local sum, graded, marked, present = 0, 0, 0, 0
  for k, column in ipairs(found.columns) do
    local cell = found.cells[column.id .. ":" .. learner.id] or {}
    local grade = tonumber(cell.grade)
    row.cells[k] = { value = fields.cell_text(cell), version = cell.version or 0 }
    if grade then sum, graded = sum + grade, graded + 1 end
    if cell.mark then marked = marked + 1 end
    if fields.IS_PRESENT[cell.mark or ""] then present = present + 1 end
  end
  row.average = graded > 0 and russian.number(sum / graded, 1) or nil
  row.attendance = marked > 0 and (present * 100 // marked) .. " %" or nil
  return row
end

-- Columns, rows and sums as views/parts/journal.html takes them.
local function grid_view(found)
  local lessons, rows = {}, {}
  for i, c in ipairs(found.columns) do
    lessons[i] = {
      id = c.id, day = c.held_on:sub(9, 10), title = russian.weekday_name(c.held_on) .. " " .. c.starts, label = russian.date(c.held_on, "day") .. ", " .. c.starts,
      today = c.held_on == clock.date(), open = c.is_open, signed = c.state == "signed" or c.state == "locked",
      href = "/cabinet/lessons/" .. c.id,
    }
  end
  for i, learner in ipairs(found.rows) do rows[i] = grid_row(found, learner) end
  return lessons, rows
end

local function group_of(request) return math.tointeger(tonumber(request.params.group)) or 0 end

local function grid(request)
  local month, err = month_of(request)
  if not month then return nil, err end
  local found
  found, err = service.grid(group_of(request), month.first, month.last, request.user)
  if not found then return nil, err end
  local lessons, rows = grid_view(found)
  return respond.page(request, "journal/grid", {
    title = "Журнал " .. found.group.code, nav = "journal", group = found.group, lessons = lessons, rows = rows, month = month,
    scripts = { "journal.js" },
  })
end

-- The grid without JavaScript: every open cell comes, only what differs is written.
local function save_grid(request)
  local typed, group_id = request:form(), group_of(request)
  local month, err = month_of(request)
  if not month then return nil, err end
  local found
  found, err = service.grid(group_id, month.first, month.last, request.user)
  if not found then return nil, err end
  local path = ("/cabinet/journal/%d?month=%s"):format(group_id, month.id)
  for name, value in pairs(typed) do
    local lesson_id, enrollment_id = name:match("^mark%[(%d+):(%d+)%]$")
    if lesson_id then
      local stored = found.cells[lesson_id .. ":" .. enrollment_id] or {}
      local mark, grade = fields.parse_cell(value)
      local input = fields.difference({ id = math.tointeger(enrollment_id), mark = stored.mark, grade = stored.grade }, mark, grade or "")
      local ok = true
      if value ~= fields.cell_text(stored) and input then ok, err = service.write(math.tointeger(lesson_id), input, request.user) end
      if not ok then return respond.redirect(path, { notice = err.text, tone = "bad" }) end
    end
  end
  return respond.redirect(path, { notice = "Отметки сохранены" })
end

local function hours(request)
  local month, err = month_of(request)
  if not month then return nil, err end
  local found
  found, err = service.hours(group_of(request), month.first, month.last, request.user)
  if not found then return nil, err end
  return respond.page(request, "journal/hours", {
    title = "Посещаемость " .. found.group.code, nav = "journal", group = found.group, rows = found.rows, month = month,
  })
end

local function own(request)
  return respond.page(request, "journal/own", {
    title = "Оценки и посещаемость", nav = "grades", rows = service.own(request.user), names = fields.MARK_NAMES,
  })
end

return {
  { "GET", "/cabinet/lessons/{id}", lesson, access = "user", summary = "Занятие: отметки, тема, подпись" },
  { "POST", "/cabinet/lessons/{id}/marks", save, access = "user", summary = "Отметки занятия" },
  { "POST", "/cabinet/lessons/{id}/page", save_page, access = "user", body = fields.PAGE, summary = "Тема и задание" },
  { "POST", "/cabinet/journal/{group}", save_grid, access = "user", summary = "Отметки сетки" },
  { "GET", "/cabinet/journal/{group}", grid, access = "user", query = fields.MONTH, summary = "Журнал группы за месяц" },
  { "GET", "/cabinet/journal/{group}/hours", hours, access = "user", query = fields.MONTH, summary = "Посещаемость за месяц в академических часах" },
  { "GET", "/cabinet/grades", own, access = "user", summary = "Свои отметки" },
}
