--- The search of the cabinets: one list of kinds, each asked only of those who may see it and within their organisation.
local access = require("kit.access")
local cabinet = require("domain.cabinet")
local clock = require("core.clock")
local db = require("core.db")
local fields = require("domain.finder.fields")
local russian = require("kit.russian")
local store = require("domain.finder.store")
local urls = require("kit.urls")
local words = require("domain.finder.words")
local workflow = require("kit.workflow")
local service = {}

local FIRST = 5

-- ---- how each kind is asked

-- The scope of a permission as an organisation to narrow to; false: nothing may be seen this way.
local function narrowing(user, permission)
  local scope = access.scope(user, permission)
  if scope == "all" then return nil end
  if scope == "organization" and user.grant.organization_id then return user.grant.organization_id end
  return false
end

local function prefixes(asked)
  local list = {}
  for index, reading in ipairs(asked.readings) do list[index] = reading:gsub("[\\%%_]", "\\%0") .. "%" end
  return db.array(list)
end

-- «2026-01861», «№ 01861», «1861»: the number itself, or of this year and the last.
local function numbers(asked)
  local typed = asked.readings[1]:gsub("^№%s*", "")
  if typed:find("^%d%d%d%d%-%d+$") then return { typed } end
  if not typed:find("^%d+$") or #typed > 9 then return nil end
  local year, number = tonumber(clock.date():sub(1, 4)), ("%05d"):format(tonumber(typed))
  return { year .. "-" .. number, (year - 1) .. "-" .. number }
end

local kinds = {}

function kinds.pages(user, asked)
  local found = {}
  for _, page in ipairs(cabinet.pages(user)) do
    if words.holds(page.label, asked) then found[#found + 1] = { title = page.label, href = page.href, icon = page.icon, sub = "Раздел кабинета" } end
  end
  for _, action in ipairs(fields.ACTIONS) do
    if cabinet.shows(user, action) and words.holds(action.label .. " " .. action.words, asked) then
      found[#found + 1] = { title = action.label, href = action.href, icon = action.icon, sub = "Действие" }
    end
  end
  return found
end

function kinds.applications(user, asked, limit)
  local list = numbers(asked)
  if not list then return {} end
  local organization_id = narrowing(user, "application.read")
  local person_id = organization_id == false and access.scope(user, "application.read") == "own" and user.person_id or nil
  if organization_id == false and not person_id then return {} end
  local found = {}
  for index, a in ipairs(store.applications(db.array(list), limit, organization_id or nil, person_id)) do
    local state = workflow.state("application", a.state).label
    found[index] = { title = "Заявка № " .. a.name, sub = state .. " · " .. a.program .. (access.can(user, "application.list") and " · " .. a.person_name or ""),
      href = "/cabinet/applications/" .. a.public_id, icon = "file-text" }
  end
  return found
end

function kinds.persons(user, asked, limit)
  local organization_id, has_card = narrowing(user, "person.read"), true
  if organization_id == false and access.can(user, "user.manage") then organization_id, has_card = nil, false end
  if organization_id == false or not asked.is_long then return {} end
  local found = {}
  for index, p in ipairs(store.names("persons", asked, limit, organization_id)) do
    found[index] = { title = p.name, icon = "user", href = has_card and "/cabinet/people/" .. p.public_id or urls.with("/admin/users", { q = p.name }),
      sub = (p.birth_date and russian.date(p.birth_date, "numeric") .. " · " or "") .. russian.plural(p.applications, "%s заявка", "%s заявки", "%s заявок") }
  end
  return found
end

function kinds.groups(user, asked, limit)
  local organization_id = narrowing(user, "group.read")
  if organization_id == false or access.scope(user, "group.read_learners") == nil then return {} end
  local found = {}
  for index, g in ipairs(store.groups(prefixes(asked), limit, organization_id)) do
    found[index] = { title = "Группа " .. g.name, sub = g.program .. " · " .. g.organization .. " · " .. workflow.state("group", g.state).label,
      href = "/cabinet/groups/" .. g.id, icon = "users-group" }
  end
  return found
end

function kinds.orders(user, asked, limit)
  local organization_id = narrowing(user, "order.read")
  if organization_id == false then return {} end
  local found = {}
  for index, d in ipairs(store.orders(prefixes(asked), limit, organization_id)) do
    found[index] = { title = "Приказ № " .. d.name, sub = d.title .. " · " .. workflow.state("order", d.state).label, href = "/cabinet/orders/" .. d.public_id,
      icon = "file-certificate" }
  end
  return found
end

function kinds.programs(_, asked, limit)
  if not asked.is_long then return {} end
  local found = {}
  for index, p in ipairs(store.names("programs", asked, limit)) do
    found[index] = { title = p.name, sub = russian.plural(p.hours_total, "%s час", "%s часа", "%s часов") .. " · " .. p.organization,
      href = "/programs/" .. p.slug, icon = "book" }
  end
  return found
end

function kinds.organizations(user, asked, limit)
  if not asked.is_long or not access.can(user, "organization.read") then return {} end
  local found = {}
  for index, o in ipairs(store.names("organizations", asked, limit)) do
    found[index] = { title = o.name, sub = (o.inn and "ИНН " .. o.inn .. " · " or "") .. o.full_name, icon = "building",
      href = access.can(user, "organization.moderate") and "/cabinet/organizations/" .. o.id
        or o.is_partner and o.state == "active" and "/partners/" .. o.id or nil }
  end
  return found
end

local ORDER = {
  { "pages", "Разделы и действия" }, { "applications", "Заявки" }, { "persons", "Люди" }, { "groups", "Группы" }, { "orders", "Приказы" },
  { "programs", "Программы" }, { "organizations", "Организации" },
}

--- Finds, by kind, what the user may open.
---@param user kit.User
---@param input {q: string?, limit: integer?}
---@return {groups: {id: string, label: string, items: table[]}[], count: integer, other: string?} other: the reading in the other layout, when it was used
function service.find(user, input)
  local asked = words.read(input.q)
  local found = { groups = {}, count = 0 }
  if not asked then return found end
  for _, kind in ipairs(ORDER) do
    local items = {}
    for _, item in ipairs(kinds[kind[1]](user, asked, input.limit or FIRST)) do
      if item.href then items[#items + 1] = item end
    end
    if #items > 0 then
      found.groups[#found.groups + 1] = { id = kind[1], label = kind[2], items = items }
      found.count = found.count + #items
    end
  end
  return found
end

return service
