--- Puts the frame of cabinets together: menu with counters, who is working in which role.
local accounts = require("domain.accounts")
local applications = require("domain.applications")
local clock = require("core.clock")
local fields = require("domain.cabinet.fields")
local lessons = require("domain.lessons")
local people = require("domain.people")
local policy = require("domain.cabinet.policy")
local russian = require("kit.russian")
local store = require("domain.cabinet.store")
local service = {}

local function shown_count(name, user)
  local n = store.counters[name](user)
  if n == 0 then return nil end
  return n >= store.COUNT_LIMIT and russian.number(store.COUNT_LIMIT) .. "+" or russian.number(n)
end

--- The menu of a role, with its counters, and the first items for the phone's bar.
---@return table groups, table bottom
function service.menu(user)
  local groups, bottom = {}, {}
  for index, group in ipairs(fields.MENUS[policy.role(user)]) do
    local items = {}
    for position, item in ipairs(group.items) do
      local shown = { id = item.id, label = item.label, href = item.href, icon = item.icon, hot = item.hot,
        count = item.count and shown_count(item.count, user) or nil }
      items[position] = shown
      if #bottom < fields.BOTTOM_ITEMS then
        bottom[#bottom + 1] = { id = item.id, label = item.short or item.label, href = item.href, icon = item.icon }
      end
    end
    groups[index] = { title = group.title, items = items }
  end
  return groups, bottom
end

-- Two letters of «Сидорова А. П.».
local function initials(name)
  local last, first = (name or ""):gsub("\u{00A0}", " "):match("^(%S*)%s*(.*)$")
  return russian.avatar(last, first)
end

--- Who works here: for the panel of the account.
function service.who(user)
  local role = policy.role(user)
  return { name = user.name, initials = initials(user.name), role = accounts.ROLES[role],
    organization = user.grant and user.grant.organization_name, tone = fields.TONES[role] }
end

--- Roles to switch to.
function service.grants(user)
  local list = {}
  for index, grant in ipairs(user.grants) do
    list[index] = { id = grant.id, label = accounts.ROLES[grant.role], organization = grant.organization_name,
      current = user.grant ~= nil and grant.id == user.grant.id }
  end
  return list
end

local CURRENT = { submitted = true, in_review = true, docs_required = true, docs_review = true, approved = true, waitlisted = true,
  enrolled = true }

-- The application that needs the applicant most: documents first, then the newest in the works, then a draft.
local function current_application(own)
  local best
  for _, application in ipairs(own) do
    if application.state == "docs_required" then return application end
    if CURRENT[application.state] and not best then best = application end
  end
  if best then return best end
  for _, application in ipairs(own) do
    if application.state == "draft" then return application end
  end
end

--- What a learner finds on coming in: his application, his week, what he has to do.
---@return table home
function service.learner_home(user)
  local own = applications.own(user)
  local profile = user.person_id and people.get(user.person_id)
  local today = clock.date()
  local monday = russian.add_days(today, 1 - russian.weekday(today))
  local week = user.grant and lessons.week(monday, russian.add_days(monday, 6), {}, user)
  return { own = own, current = current_application(own), profile = profile, monday = monday, lessons = week or {} }
end

--- The day of a teacher: lessons of today, journals to sign.
function service.teacher_home(user)
  local today = clock.date()
  return { today = today, lessons = lessons.week(today, today, {}, user) or {},
    unsigned = user.person_id and store.unsigned(user.person_id, 50) or {} }
end

return service
