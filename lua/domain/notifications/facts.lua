--- What events are about, in words for titles and texts, and whom they concern. Keyed by the first word of the topic; each gives
--- nil when the object is gone.
local accounts = require("domain.accounts")
local applications = require("domain.applications")
local bookings = require("domain.bookings")
local db = require("core.db")
local resources = require("domain.resources")
local russian = require("kit.russian")
local store = require("domain.notifications.store")
local facts = {}

local function day(date) return date and russian.date(date, "day") or "" end

local function ids(rows)
  local list = {}
  for index, row in ipairs(rows) do list[index] = row.id end
  return list
end

local function one(id) return id and { id } or {} end

---@class domain.notifications.Facts
---@field words table<string, any> what {…} in texts stand for
---@field letter table? data of letters
---@field email string? of whoever has no account
---@field who table<string, fun(): integer[]> the names that rules use under `to`

function facts.application(payload)
  local data = applications.letter_data(payload.id or payload.application_id)
  if not data or payload.is_internal then return nil end
  local a = data.application
  return {
    words = { number = a.number, public_id = a.public_id, program = a.program, sla = day(a.sla_due_at), docs = day(a.docs_due_on),
      starts = day(a.starts_on), reason = a.reason or "", note = data.text or "" },
    letter = data, email = a.person_email,
    who = {
      applicant = function() return one((store.user_of_person(a.person_id) or {}).id) end,
      responsible = function() return one(a.responsible_id) end,
      partners = function() return ids(store.partners(a.organization_id)) end,
    },
  }
end

function facts.order(payload)
  local order = store.order(payload.id)
  if not order then return nil end
  return {
    words = { public_id = order.public_id, title = order.title, effective = day(order.effective_on), reason = order.reason or "" },
    who = { signers = function() return ids(store.signers()) end, author = function() return one(order.created_by) end },
  }
end

function facts.lesson(payload)
  local lesson = store.lesson(payload.id or payload.lesson_id)
  if not lesson then return nil end
  return {
    words = { id = lesson.id, title = lesson.title, group = lesson.group_code, day = day(lesson.held_on), starts = lesson.starts,
      was = payload.held_on and ("Было %s, %s. "):format(day(payload.held_on), payload.starts) or "" },
    who = { participants = function() return ids(store.participants(lesson.id, payload.teacher_ids)) end },
  }
end

-- «10 декабря, 09:00 → 12 декабря, 10:40; …», the first few.
local MOVES_NAMED = 3
local function moves(rows)
  local list = {}
  for i = 1, math.min(#rows, MOVES_NAMED) do
    local r = rows[i]
    list[i] = ("%s, %s → %s, %s"):format(day(r.was_on), r.was_at, day(r.held_on), r.starts)
  end
  return table.concat(list, "; ") .. (#rows > MOVES_NAMED and "…" or "")
end

local function lessons_of(count) return russian.plural(count, "%s занятие", "%s занятия", "%s занятий") end

-- Several lessons of a group that were changed or published at once: its people are told once.
function facts.timetable(payload)
  local rows = payload.commit_id and store.changed_lessons(payload.commit_id, payload.group_id)
    or store.published_lessons(payload.group_id, payload.from, payload.to)
  if #rows == 0 then return nil end
  local from, to, lessons = rows[1].held_on, rows[1].held_on, {}
  for i, row in ipairs(rows) do
    lessons[i] = row.id
    if row.held_on < from then from = row.held_on end
    if row.held_on > to then to = row.held_on end
  end
  return {
    words = { group = rows[1].group_code, lessons = lessons_of(payload.count or #rows), days = russian.period(from, to), from = from,
      changes = payload.commit_id and moves(rows) or "" },
    who = { concerned = function() return ids(store.people_of_lessons(db.array(lessons), payload.commit_id)) end },
  }
end

local PURPOSES = { event = "Мероприятие", exam = "Экзамен", maintenance = "Обслуживание", lesson = "Занятие" }

function facts.booking(payload)
  local b = payload.id and bookings.find(payload.id)
  if not b then return nil end
  return {
    words = { room = b.room, asker = b.asker or "", when = ("%s, %s–%s"):format(day(b.held_on), b.starts, b.ends), reason = b.reason or "",
      what = b.group_code and "Группа " .. b.group_code or PURPOSES[b.purpose] .. (b.note ~= "" and ": " .. b.note or "") },
    who = {
      owners = function() return ids(store.members(b.owner_id)) end,
      askers = function() return b.requested_by and { b.requested_by } or ids(store.members(b.organization_ids[2])) end,
    },
  }
end

function facts.organization(payload)
  local organization = payload.id and store.organization(payload.id)
  if not organization then return nil end
  return { words = { name = organization.short_name }, who = { members = function() return ids(store.members(organization.id)) end } }
end

function facts.plugin(payload)
  return {
    words = { plugin = payload.plugin, title = payload.title, reason = payload.reason or "" },
    who = { managers = function() return ids(store.holders_of_role("admin")) end },
  }
end

function facts.resource(payload)
  local news = resources.hold_news(payload)
  if not news then return nil end
  return {
    words = { name = news.name, reason = news.reason, path = news.path, lessons = russian.plural(news.count, "%s занятие", "%s занятия", "%s занятий") },
    who = { concerned = function() return news.user_ids end },
  }
end

function facts.user(payload)
  local role = accounts.ROLES[payload.role] or payload.role or ""
  return { words = { role = role }, who = { user = function() return one(math.tointeger(tonumber(payload.user_id))) end } }
end

return facts
