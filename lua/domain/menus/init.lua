--- Menus around every public page.
local service = require("domain.menus.service")
local site = require("domain.site")
local menus = {}

local NOWHERE = 0

-- Kept beside the items of a header, which are one table until an administrator changes the menu.
local places = setmetatable({}, { __mode = "k" }) -- address → number of its item
local frames = setmetatable({}, { __mode = "k" }) -- "guest 2" → frame

local function note(by_href, href, index)
  if href and href ~= "/" and not by_href[href] then by_href[href] = index end
end

local function places_of(items)
  local by_href = places[items]
  if by_href then return by_href end
  by_href = {}
  for index, item in ipairs(items) do
    note(by_href, item.href, index)
    for _, child in ipairs(item.items or {}) do note(by_href, child.href, index) end
  end
  places[items] = by_href
  return by_href
end

-- Which item leads to the page on show: the longest address that the path begins with.
local function current_of(items, path)
  local by_href = places_of(items)
  while path and path ~= "" do
    if by_href[path] then return by_href[path] end
    path = path:match("^(.*)/[^/]*$")
  end
  return NOWHERE
end

local function shown(items, current)
  local list = {}
  for index, item in ipairs(items) do
    list[index] = { id = index, label = item.label, href = item.href, items = #(item.items or {}) > 0 and item.items or nil,
      current = index == current or nil }
  end
  return list
end

-- Header and foot are the same for all who are at the same item: one table, so that their markup is made once (kit.view, kept).
local function frame_of(header, footer, region, current, is_guest)
  local made = frames[header] or {}
  frames[header] = made
  local key = (is_guest and "guest " or "user ") .. current
  local frame = made[key]
  if not frame or frame.foot ~= footer or frame.region ~= region then
    frame = { menu = shown(header, current), foot = footer, region = region, guest = is_guest }
    made[key] = frame
  end
  return frame
end

local function frame(request, data)
  local header = service.get("header")
  data.site_frame = frame_of(header, (service.get("footer")), site.region() or data.region, current_of(header, request.path),
    request.user.is_guest)
end

menus.page_data = { { layout = "public", fn = frame } }

return menus
