--- Named places on pages where plugins add a section. The page asks for them in its handler and gives them to the part "plugin_slots":
---
---   data.slots = slots.fill("group.page.sections", { group_id = group.id }, request)
---
--- A section that fails is left out; who manages plugins sees a note instead.
local access = require("kit.access")
local csrf = require("kit.csrf")
local health = require("kit.plugin.health")
local host = require("kit.plugin.host")
local markup = require("kit.plugin.markup")
local slots = {}

local MANAGE = "plugin.manage"

local by_name = {}

--- At load.
---@param plugin kit.Plugin
function slots.add(plugin)
  for _, slot in ipairs(plugin.manifest.slots) do
    local list = by_name[slot.name] or {}
    by_name[slot.name] = list
    list[#list + 1] = { plugin = plugin, slot = slot }
    table.sort(list, function(a, b)
      if a.slot.order ~= b.slot.order then return a.slot.order < b.slot.order end
      return a.plugin.id < b.plugin.id
    end)
  end
end

function slots.reset() by_name = {} end

local function is_shown(entry, user)
  if health.is_off(entry.plugin.id) then return false end
  local perm = entry.slot.perm
  if perm == "user" then return not user.is_guest end
  return not user.is_guest and (access.can(user, perm))
end

local function render(entry, args, request)
  local plugin, slot = entry.plugin, entry.slot
  local value, err = host.call(plugin, { point = slot.name, fn = slot.fn, input = args, view = slot.view, user = request.user })
  if err then return nil end
  if value == nil or value == false then return false end -- nothing to show here
  local html, reason = markup.check(value.html or "", {
    id = plugin.id, csrf = ('<input type="hidden" name="_csrf" value="%s">'):format(csrf.token(request) or ""),
  })
  if not html then host.blame(plugin, { point = slot.name }, "markup", reason) end
  return html
end

--- The sections of a place for this person.
---@param name string
---@param args table
---@param request kit.Request
---@return {title: string, plugin: string, slot_html: string?, has_failed: boolean?}[]
function slots.fill(name, args, request)
  local list = {}
  for _, entry in ipairs(by_name[name] or {}) do
    if is_shown(entry, request.user) then
      local html = render(entry, args, request)
      if html then
        list[#list + 1] = { title = entry.slot.title, plugin = entry.plugin.manifest.title, id = entry.plugin.id, slot_html = html }
      elseif html == nil and access.can(request.user, MANAGE) then
        list[#list + 1] = { title = entry.slot.title, plugin = entry.plugin.manifest.title, id = entry.plugin.id, has_failed = true }
      end
    end
  end
  return list
end

return slots
