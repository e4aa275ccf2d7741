--- What all pages of one pack have in common: heading, tabs, the state of the draft and of what is in force.
local respond = require("kit.respond")
local russian = require("kit.russian")
local urls = require("kit.urls")
local frame = {}

frame.BASE = "/admin/rules"

frame.TABS = {
  { id = "map", label = "Схема", path = "", kind = "workflow" },
  { id = "code", label = "Код", path = "/code" },
  { id = "checks", label = "Проверка", path = "/checks", manage = true },
  { id = "diff", label = "Сравнение", path = "/diff" },
  { id = "runs", label = "Прогон", path = "/runs", manage = true, kind = "workflow" },
  { id = "versions", label = "Версии", path = "/versions" },
  { id = "effective", label = "Слои", path = "/effective" },
}

--- Kind and name of the address as the id of a pack, and the organisation whose layer is edited (nil: the region's).
---@return string id
---@return integer? organization_id
function frame.id_of(request)
  local organization = request.query.organization or request.query.organization_id
  return request.params.kind .. "/" .. request.params.name, organization and math.tointeger(tonumber(organization)) or nil
end

--- The address of a page of a pack.
---@param card table of service.get
---@param path string? "/versions"
---@param query table?
---@return string
function frame.link(card, path, query)
  local all = { organization = card.organization_id ~= 0 and card.organization_id or nil }
  for key, value in pairs(query or {}) do all[key] = value end
  return urls.with(("%s/%s%s"):format(frame.BASE, card.id, path or ""), all)
end

--- First letters of a hash, as people name a version.
function frame.short(hash) return hash and hash:sub(1, 8) or nil end

local function tabs_of(card, current)
  local tabs = {}
  for _, tab in ipairs(frame.TABS) do
    if (not tab.kind or tab.kind == card.kind) and (not tab.manage or card.can_manage) then
      tabs[#tabs + 1] = { label = tab.label, href = frame.link(card, tab.path), current = tab.id == current }
    end
  end
  return tabs
end

-- What works now, in a sentence.
local function in_force(card)
  local active = card.active
  if not active or not active.hash then
    return active and active.canary_hash and ("Поставка; на %d %% новых дел пробуют версию %s"):format(active.canary_share, frame.short(active.canary_hash))
      or "Работает поставка, изменений нет"
  end
  local text = ("Работает версия %s с %s"):format(frame.short(active.hash), russian.datetime(active.updated_at))
  if active.canary_hash then text = text .. (", на %d %% новых дел — %s"):format(active.canary_share, frame.short(active.canary_hash)) end
  return text
end

--- A page of a pack.
---@param card table of service.get
---@param tab string id of the current tab
---@param view string
---@param data table
---@param status integer?
function frame.page(request, card, tab, view, data, status)
  local title = card.title .. (card.organization and " — " .. card.organization or "")
  data.title, data.nav, data.card, data.base = data.title or title, "rules", card, frame.BASE .. "/" .. card.id
  data.link = function(path, query) return frame.link(card, path, query) end
  data.frame = { title = title, sub = in_force(card), tabs = tabs_of(card, tab), crumb = data.crumb,
    is_publishing = data.is_publishing,
    draft = card.can_manage and card.draft and { who = card.draft.who, at = russian.datetime(card.draft.updated_at), version = card.draft.version } or nil,
    is_behind = card.draft and card.active and card.draft.base_version < card.active.version or false, kind = card.kind_title }
  return respond.page(request, view, data, status)
end

return frame
