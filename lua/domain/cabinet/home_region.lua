--- First screen of the coordinator: indicators of the whole region, read only.
local chart = require("kit.chart")
local clock = require("core.clock")
local json = require("core.json")
local russian = require("kit.russian")
local store = require("domain.cabinet.store_indicators")
local workflow = require("kit.workflow")
local home = {}

local MONTHS = { "янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек" }
local SERIES = { "Поданы", "Зачислены" }
local STATES = { "submitted", "in_review", "docs_required", "docs_review", "approved", "waitlisted", "enrolled", "studying", "completed",
  "rejected", "withdrawn", "expelled", "expired" }
local GROUP_STATES = { "planned", "recruiting", "formed", "studying", "attestation", "completed", "closed", "cancelled" }

--- Counts the indicators anew: a timer.
function home.refresh()
  store.refresh()
  return true
end

-- Name → value, and when they were counted; a new platform counts at its first visit.
local function read()
  local rows = store.read()
  if #rows == 0 then
    store.refresh()
    rows = store.read()
  end
  local values = {}
  for _, row in ipairs(rows) do values[row.name] = json.decode(row.value) end
  return values, rows[1].counted_at
end

local function sum(map, names)
  local total = 0
  for _, name in ipairs(names) do total = total + (map[name] or 0) end
  return total
end

local function months(values)
  local groups, rows = {}, {}
  for index, month in ipairs(values.months) do
    local number = tonumber(month.month:sub(6))
    groups[index] = { label = MONTHS[number], values = { month.submitted, month.enrolled } }
    rows[index] = { cells = { russian.date(month.month .. "-01", "month"), russian.number(month.submitted), russian.number(month.enrolled) } }
  end
  return { id = "months", title = "Заявки и зачисления по месяцам", kind = "columns", series = SERIES, drawing = chart.columns(groups, russian.number),
    label = "Заявки и зачисления за двенадцать месяцев", columns = { { label = "Месяц", lead = true }, { label = SERIES[1], num = true },
      { label = SERIES[2], num = true } }, rows = rows }
end

-- Bars of a map state → number, in the order of the machine; states without anybody are left out.
local function bars(machine, map, states)
  local most, list = 1, {}
  for _, state in ipairs(states) do most = math.max(most, map[state] or 0) end
  for _, state in ipairs(states) do
    local n = map[state] or 0
    if n > 0 then
      list[#list + 1] = { label = workflow.state(machine, state).label, value = n, max = most, text = russian.number(n),
        href = ("/cabinet/%s?state=%s"):format(machine == "group" and "groups" or "applications", state) }
    end
  end
  return list
end

local function workshops(values)
  local list = {}
  for index, row in ipairs(values.workshops) do
    local share = row.share or 0
    list[index] = { label = row.name, value = math.min(share, 100), max = 100, tone = share >= 90 and "warn" or nil,
      text = ("%s %%"):format(russian.number(share)),
      sub = ("%s из %s, %s"):format(russian.plural(row.busy, "%s час", "%s часа", "%s часов"), russian.number(row.hours_open),
        russian.plural(row.rooms, "%s мастерская", "%s мастерские", "%s мастерских")) }
  end
  return { id = "workshops", title = "Загрузка мастерских на этой неделе", kind = "rows", rows = list,
    empty = { icon = "building-factory-2", title = "Мастерских пока нет", text = "Загрузка появится, когда организации внесут мастерские и лаборатории." } }
end

local PASSED_ON = { "approved", "waitlisted", "enrolled", "studying", "completed", "expelled" }

--- What the view cabinet/home takes.
---@return table data
function home.data()
  local values, counted_at = read()
  local applications, groups = values.applications, values.groups
  local submitted = sum(applications, STATES)
  local approved = sum(applications, PASSED_ON)
  local function kpi(value, label, icon, tone, href) return { value = russian.number(value), label = label, icon = icon, tone = tone, href = href } end
  return {
    title = "Мониторинг", nav = "home",
    sub = "Вся область · посчитано " .. russian.ago(counted_at, clock.local_time(clock.now())) .. " · обновляется каждые 5 минут",
    kpis = {
      kpi(submitted, "заявок за 12 месяцев", "inbox", nil, "/cabinet/applications"),
      kpi(values.learners.studying, "учатся сейчас", "school", "v", "/cabinet/groups?state=studying"),
      kpi(values.learners.trained, "обучены", "certificate", "ok"),
      kpi(sum(groups, { "recruiting", "formed", "studying", "attestation" }), "групп в работе", "users-group", "o", "/cabinet/groups"),
    },
    sections = { months(values), workshops(values) },
    side = {
      { id = "states", title = "Заявки по статусам", kind = "rows", rows = bars("application", applications, STATES),
        sub = submitted > 0 and ("Одобрены %s из %s"):format(russian.number(approved), russian.number(submitted)) or nil,
        empty = { icon = "inbox", title = "Заявок пока нет", text = "Статусы появятся с первой поданной заявкой." } },
      { id = "groups", title = "Группы", kind = "rows", rows = bars("group", groups, GROUP_STATES),
        empty = { icon = "users-group", title = "Групп пока нет", text = "Группы появятся, когда организации начнут набор." } },
    },
  }
end

return home
