--- Plans for pages: words and rows.
local fields = require("domain.plans.fields")
local lessons = require("domain.lessons")
local russian = require("kit.russian")
local present = {}

local TONES = { queued = "info", solving = "info", ready = "ok", impossible = "bad", failed = "bad", published = "brand" }

local function lessons_word(n) return russian.plural(n, "%s занятие", "%s занятия", "%s занятий") end

function present.plans(rows, base)
  local shown = {}
  for i, plan in ipairs(rows) do
    local result = plan.result or {}
    shown[i] = { href = base .. "/" .. plan.id, cells = {
      { text = plan.title, sub = plan.author },
      fields.STATES[plan.state], plan.lessons > 0 and lessons_word(plan.lessons) or "—",
      result.cost and tostring(result.cost) or "—", russian.datetime(plan.created_at),
    } }
  end
  return shown
end

function present.group_options(groups)
  local options = {}
  for i, g in ipairs(groups) do
    options[i] = { value = g.id, label = ("%s — %s (%s), %s"):format(g.code, g.title, g.organization, russian.period(g.starts_on, g.ends_on)) }
  end
  return options
end

function present.teacher_options(teachers)
  local options = { { value = "0", label = "— без преподавателя —" } }
  for i, t in ipairs(teachers) do options[i + 1] = { value = t.id, label = t.name .. " — " .. t.organization } end
  return options
end

--- Courses as rows of the form; a long list is left to the defaults.
function present.courses(courses, group_of, most, typed)
  if #courses > most then return { is_long = true, count = #courses } end
  local rows = {}
  for i, c in ipairs(courses) do
    local name = ("teacher.%d.%d.%s"):format(c.group_id, c.module_id, c.kind)
    rows[i] = { name = name, group = group_of[c.group_id].code, title = c.title, kind = lessons.kind_word(c.kind), staff_id = typed[name] or c.staff_id or "0",
      pairs = russian.plural(c.lectures, "%s пара", "%s пары", "%s пар"), hours = c.hours }
  end
  return rows
end

local function bound(group_of, key, pick)
  local found
  for _, group in pairs(group_of or {}) do found = found and pick(found, group[key]) or group[key] end
  return found
end

function present.first_day(group_of, today)
  local first = bound(group_of, "starts_on", function(a, b) return a < b and a or b end) or today
  local tomorrow = russian.add_days(today, 1)
  return first > tomorrow and first or tomorrow
end

function present.last_day(group_of, today)
  local last = bound(group_of, "ends_on", function(a, b) return a > b and a or b end) or russian.add_days(today, 60)
  local most = russian.add_days(present.first_day(group_of, today), 365)
  return last < most and last or most
end

local function when(day, starts) return russian.date(day, "weekday") .. ", " .. starts end

--- Rows of the draft: new lessons, or moves with the place before.
function present.items(items, kind)
  local rows = {}
  for i, item in ipairs(items) do
    local place = { text = when(item.held_on, item.starts), sub = item.academic_hours .. " ак. ч" }
    local was = item.was_held_on and { text = when(item.was_held_on, item.was_starts), sub = item.was_room } or nil
    local module = { text = item.module or "Занятие", sub = lessons.kind_word(item.kind) }
    rows[i] = { cells = kind == "repair" and { item.group_code, module, was or "", place, item.room or "—", item.teacher or "—" }
      or { place, item.group_code, module, item.teacher or "—", item.room or "—" } }
  end
  return rows
end

function present.cursor_of(item) return ("%s_%s_%d"):format(item.held_on, item.starts, item.id) end

function present.cursor(text)
  local day, starts, id = text:match("^(%d%d%d%d%-%d%d%-%d%d)_(%d%d:%d%d)_(%d+)$")
  return day and { held_on = day, starts = starts, id = math.tointeger(tonumber(id)) } or nil
end

function present.plan(plan)
  plan.state_word, plan.tone = fields.STATES[plan.state], TONES[plan.state]
  plan.is_running = plan.state == "queued" or plan.state == "solving"
  plan.count = lessons_word(plan.lessons)
  for _, row in ipairs(plan.result.costs or {}) do row.value, row.label = row.cost, row.title end
  plan.share = plan.progress.share or 0
  if plan.progress.hard and plan.progress.hard >= 0 then
    plan.words = plan.progress.hard > 0 and ("осталось нарушений: %d"):format(plan.progress.hard) or ("без нарушений, цена %d"):format(plan.progress.soft)
  end
  return plan
end

return present
