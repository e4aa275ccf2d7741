--- Puts the frame of cabinets together: menu with counters, who is working in which role.
local counters = require("domain.cabinet.counters")
local fields = require("domain.cabinet.fields")
local policy = require("domain.cabinet.policy")
local roles = require("kit.roles")
local russian = require("kit.russian")
local service = {}

local function shown(request, item)
  return { id = item.id, label = item.label, href = item.href, icon = item.icon, hot = item.hot,
    count = item.count and counters.shown(request, item.count) or nil }
end

local function group_of(request, name)
  local items = {}
  for _, item in ipairs(fields.MENU) do
    if item.group == name and policy.shows(request.user, item) then items[#items + 1] = shown(request, item) end
  end
  return items
end

-- The first items again, for the phone's bar, with their short words.
local function bar_of(groups)
  local bar = {}
  for _, group in ipairs(groups) do
    for _, item in ipairs(group.items) do
      if #bar < fields.BOTTOM_ITEMS then
        bar[#bar + 1] = { id = item.id, label = fields.SHORT[item.label] or item.label, href = item.href, icon = item.icon, count = item.hot and item.count }
      end
    end
  end
  return bar
end

--- The menu of a role, with its counters, and the first items for the phone's bar.
---@return table groups, table bar
function service.menu(request)
  local groups = {}
  for _, name in ipairs(fields.ORDER_OF[policy.role(request.user)] or fields.ORDER) do
    local items = group_of(request, name)
    if #items > 0 then groups[#groups + 1] = { title = fields.GROUPS[name] or nil, items = items } end
  end
  return groups, bar_of(groups)
end

--- The pages of the menu as one list, for the search: {id, label, href, icon}.
function service.pages(user)
  local list = {}
  for _, item in ipairs(fields.MENU) do
    if policy.shows(user, item) then list[#list + 1] = item end
  end
  return list
end

-- Two letters of «Сидорова А. П.».
local function initials(name)
  local last, first = (name or ""):gsub("\u{00A0}", " "):match("^(%S*)%s*(.*)$")
  return russian.avatar(last, first)
end

--- Who works here: for the panel of the account.
function service.who(user)
  local role = policy.role(user)
  return { name = user.name, initials = initials(user.name), role = user.grant and user.grant.name or roles.name(role),
    organization = user.grant and user.grant.organization_name, tone = fields.TONES[role] }
end

--- Roles to switch to.
function service.grants(user)
  local list = {}
  for index, grant in ipairs(user.grants) do
    list[index] = { id = grant.id, label = grant.name, organization = grant.organization_name,
      current = user.grant ~= nil and grant.id == user.grant.id }
  end
  return list
end

return service
