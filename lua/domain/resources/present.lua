--- Words and shapes of resources for views and JSON.
local json = require("core.json")
local kinds = require("domain.resources.kinds")
local fields = require("domain.resources.fields")
local russian = require("kit.russian")
local workflow = require("kit.workflow")
local present = {}

present.PURPOSES = { lesson = "Занятие", event = "Мероприятие", exam = "Экзамен", maintenance = "Обслуживание", absence = "Отсутствие" }

local function option_label(field, value)
  for _, option in ipairs(field.options or {}) do
    if option.value == value then return option.label end
  end
  return value
end

-- 12.500 → «12,5».
local function decimal(value)
  local text = tostring(value):gsub("(%.%d-)0+$", "%1"):gsub("%.$", "")
  local whole, part = text:match("^(-?%d+)%.?(%d*)$")
  if not whole then return text end
  return russian.number(math.tointeger(tonumber(whole)) or 0) .. (part ~= "" and "," .. part or "")
end
present.decimal = decimal

--- A value as people read it; nil when there is none.
function present.value(kind, name, row)
  local value, field = row[name], kind.by_name[name]
  if value == nil or value == "" then return nil end
  if not field then return type(value) == "number" and decimal(value) or name == "on_hand" and decimal(value) or value end
  if field.type == "enum" then return option_label(field, value) end
  if field.type == "boolean" then return value and "да" or "нет" end
  if field.type == "date" then return russian.date(value, "numeric") end
  if field.type == "decimal" then return decimal(value) end
  return value
end

local function is_past(date, today) return date ~= nil and date < today end

local function cell(kind, column, row, today)
  local shown = { text = present.value(kind, column.key, row) or "—", sub = column.sub and present.value(kind, column.sub, row) or nil }
  if column.due and is_past(row[column.key], today) then shown.chip_tone, shown.tone = "bad", "bad" end
  if column.short and row[column.short] then shown.tone = "bad" end
  return shown
end

--- Rows for parts/table.
function present.rows(kind, rows, today)
  local list = {}
  for i, row in ipairs(rows) do
    local href, cells = ("/cabinet/resources/%s/%d"):format(kind.code, row.id), {}
    for k, column in ipairs(kind.columns) do cells[k] = cell(kind, column, row, today) end
    cells[1].href = href
    cells[#cells + 1] = { chip = { "resource", row.state } }
    list[i] = { href = href, cells = cells, label = row.label }
  end
  return list
end

--- Heads for parts/table, with the links that sort.
function present.heads(kind, found)
  local heads, sorted = {}, {}
  for _, head in ipairs(found.columns) do sorted[head.key] = head end
  for i, column in ipairs(kind.columns) do
    local head = column.sort and sorted[column.key] or {}
    heads[i] = { label = column.label, num = column.num, nowrap = column.nowrap, lead = column.lead, wide = column.lead, sort = head.sort, dir = head.dir }
  end
  heads[#heads + 1] = { label = "Состояние" }
  return heads
end

--- Columns of the export: what the list shows, what else is exported, organisation and state.
function present.columns(kind)
  local columns, seen = {}, {}
  local function add(name, label, sort)
    if not name or seen[name] then return end
    seen[name] = true
    columns[#columns + 1] = { key = name, label = label or kinds.label(kind, name), sort = sort, value = function(row) return present.value(kind, name, row) end }
  end
  for _, column in ipairs(kind.columns) do
    add(column.key, column.label, column.sort)
    add(column.sub)
  end
  for _, name in ipairs(kind.exports or {}) do add(name) end
  add("organization", "Организация")
  columns[#columns + 1] = { key = "state", label = "Состояние", value = function(row) return workflow.state("resource", row.state).label end }
  return columns
end

--- What a card tells, for parts/dl.
function present.facts(kind, card)
  local items = {}
  for _, name in ipairs(kind.facts) do
    local value = present.value(kind, name, card)
    if value ~= nil then items[#items + 1] = { label = kinds.label(kind, name), value = value, href = name == "url" and value or nil } end
  end
  return items
end

--- Bookings to come: title, when, whose. Of others nothing but that it is busy, to those who may not read their groups.
function present.bookings(card, own_organization)
  local list = {}
  for i, b in ipairs(card.bookings) do
    local is_open = not own_organization or b.organization == nil or b.organization == card.organization
    list[i] = { day = russian.date(b.day, "weekday"), time = b.time, qty = b.qty,
      title = b.group_code and is_open and ("Группа " .. b.group_code) or b.group_code and "Занято" or present.PURPOSES[b.purpose],
      text = b.organization or (b.note ~= "" and b.note or nil), href = b.lesson_id and is_open and ("/cabinet/lessons/" .. b.lesson_id) or nil,
      asked = b.state == "requested" }
  end
  return list
end

--- Weeks of load: hours against what there is.
function present.load(card)
  if not card.load then return nil end
  local full = card.hours_a_week or 60
  if card.capacity then full = full * card.capacity end
  local weeks = {}
  for i, w in ipairs(card.load) do
    weeks[i] = { label = russian.date(w.week, "short"), hours = decimal(("%.1f"):format(w.hours)), percent = math.min(100, math.floor(w.hours * 100 / full + 0.5)) }
  end
  return weeks
end

--- The way through the states, newest first.
function present.history(events)
  local items = {}
  for index = #events, 1, -1 do
    local event = events[index]
    items[#items + 1] = { title = event.label, at = russian.datetime(event.at), who = event.who, text = event.reason, state = "on",
      because = event.because }
  end
  return items
end

-- ---- tables on cards

local tables = {}
local function option_of(part, name, value)
  for _, field in ipairs(fields.PARTS[part]) do
    if field.name == name then return option_label(field, value) end
  end
end

function tables.units(row) return { row.inventory_no, row.serial_no or "—", { text = option_of("units", "state", row.state),
  tone = row.state == "works" and "ok" or "bad" } } end
function tables.moves(row)
  return { russian.date(row.moved_on, "numeric"), option_of("moves", "kind", row.kind), (row.kind == "in" and "+" or "−") .. decimal(row.qty),
    row.note or "—", row.who or "—" }
end
function tables.travel(row) return { { text = row.name, sub = row.organization, href = "/cabinet/resources/sites/" .. row.id }, row.address,
  russian.minutes(row.minutes) } end
function tables.qualifications(row)
  return { { text = row.title, sub = row.number }, row.hours and tostring(row.hours) or "—", russian.date(row.issued_on, "numeric"),
    { text = row.valid_to and russian.date(row.valid_to, "numeric") or "три года", tone = row.is_over and "bad" or nil } }
end

local HEADS = {
  units = { { label = "Инвентарный номер", lead = true }, { label = "Заводской номер" }, { label = "Состояние" } },
  moves = { { label = "Дата", nowrap = true }, { label = "Движение" }, { label = "Количество", num = true }, { label = "Основание", wide = true },
    { label = "Кто" } },
  travel = { { label = "Площадка", lead = true, wide = true }, { label = "Адрес" }, { label = "В пути", nowrap = true } },
  qualifications = { { label = "Программа", lead = true, wide = true }, { label = "Часов", num = true }, { label = "Выдано", nowrap = true },
    { label = "Действует", nowrap = true } },
}

--- A table of the card for its view: heads, rows with keys.
function present.part(part)
  local rows = {}
  for i, row in ipairs(part.rows) do rows[i] = { id = row.id, state = row.state, cells = tables[part.name](row) } end
  return { name = part.name, title = part.title, heads = HEADS[part.name], rows = rows, can_delete = part.can_delete, can_change = part.can_change,
    states = fields.PARTS[part.name], choices = part.choices }
end

-- ---- JSON

local function null(value)
  if value == nil then return json.null end
  return value
end

--- A card as JSON shows it: keys are strings.
function present.json(kind, card)
  local out = { id = tostring(card.id), organization_id = tostring(card.organization_id), organization = card.organization, label = null(card.label),
    state = card.state, reason = null(card.reason), held_until = null(card.held_until), version = card.version }
  for _, field in ipairs(kind.fields) do
    local value = card[field.name]
    if type(value) == "table" then
      local list = json.array({})
      for i, item in ipairs(value) do list[i] = tostring(item) end
      value = list
    elseif field.type == "id" and value then value = tostring(value) end
    out[field.name] = null(value)
  end
  if kind.table == "consumable" then out.on_hand = card.on_hand end
  return out
end

return present
