--- Pages of the draft of changes and of what was made at once.
local changes = require("domain.lessons.changes")
local changes_store = require("domain.lessons.store_changes")
local draft = require("domain.lessons.draft")
local fields = require("domain.lessons.fields")
local form = require("kit.form")
local present = require("domain.lessons.present")
local respond = require("kit.respond")
local russian = require("kit.russian")
local urls = require("kit.urls")

local BASE = "/cabinet/schedule"
local DRAFT = BASE .. "/draft"
local COMMITS = 30

local function id_of(request) return math.tointeger(tonumber(request.params.id)) or 0 end

local function draft_page(request, items, input, err, status)
  local list = present.changes(items)
  return respond.page(request, "lessons/draft", {
    title = "Черновик изменений", nav = "schedule", changes = list, counts = present.counts(list), input = input or {}, fault = err, styles = { "board.css" },
    can_override = require("kit.access").can(request.user, "lesson.override"),
  }, status)
end

local function show(request)
  local items, err = draft.items(request.user)
  if not items then return nil, err end
  return draft_page(request, items)
end

local function apply(request)
  local input, err = form.parse(fields.REASONS, present.typed(request))
  local run
  if input then run, err = draft.apply(request.user, input) end
  if run then
    return respond.redirect(BASE .. "/changes", { notice = "Готово: " .. russian.plural(run.done, "%s изменение", "%s изменения", "%s изменений") })
  end
  if err.status ~= 409 and err.status ~= 422 then return nil, err end
  local items, fault = err.run and err.run.items, nil
  if not items then items, fault = draft.items(request.user) end
  if not items then return nil, fault end
  return draft_page(request, items, input or present.typed(request), err, err.status)
end

local function drop(request)
  draft.drop(math.tointeger(tonumber(request:form().id or "")), request.user)
  return respond.redirect(DRAFT, { notice = "Убрано из черновика" })
end

local function commits(request)
  local before = math.tointeger(tonumber(request.query.cursor or ""))
  local rows = changes_store.commits(request.user.id, before, COMMITS + 1)
  local more = #rows > COMMITS and rows[COMMITS].id
  rows[COMMITS + 1] = nil
  for _, row in ipairs(rows) do
    row.count = russian.plural(row.lessons, "%s занятие", "%s занятия", "%s занятий")
    row.why = row.undone_at and "отменено" or row.has_cancel and "отмену занятия не вернуть" or row.is_touched and "занятия уже изменились" or nil
  end
  return respond.page(request, "lessons/commits", { title = "Последние изменения", nav = "schedule", rows = rows,
    next_page = more and urls.with(BASE .. "/changes", { cursor = more }) or nil })
end

local function undo(request)
  local run, err = changes.undo(id_of(request), request.user)
  if not run and err.status ~= 409 and err.status ~= 422 then return nil, err end
  return respond.redirect(BASE .. "/changes", run and { notice = "Изменение отменено" } or { notice = err.text, tone = "bad" })
end

local PLAN = { "lesson.plan" }

return {
  { "GET", DRAFT, show, access = PLAN, summary = "Черновик изменений расписания" },
  { "POST", DRAFT .. "/apply", apply, access = PLAN, body = fields.REASONS, summary = "Применить черновик изменений" },
  { "POST", DRAFT .. "/drop", drop, access = PLAN, summary = "Убрать из черновика одно изменение или все" },
  { "GET", BASE .. "/changes", commits, access = PLAN, summary = "Последние изменения расписания" },
  { "POST", BASE .. "/changes/{id}/undo", undo, access = PLAN, summary = "Отменить последнее изменение расписания" },
}
