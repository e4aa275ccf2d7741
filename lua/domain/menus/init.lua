--- Menus around every public page.
local service = require("domain.menus.service")
local menus = {}

-- Which item leads to the page on show: the longest address that the path begins with.
local function is_under(path, href)
  return href and href ~= "/" and (path == href or path:sub(1, #href + 1) == href .. "/")
end

local function shown(items, path)
  local list, best, best_length = {}, nil, 0
  for index, item in ipairs(items) do
    local copy = { id = index, label = item.label, href = item.href, items = #(item.items or {}) > 0 and item.items or nil }
    for _, target in ipairs({ item, table.unpack(item.items or {}) }) do
      if is_under(path, target.href) and #target.href > best_length then best, best_length = copy, #target.href end
    end
    list[index] = copy
  end
  if best then best.current = true end
  return list
end

local function frame(request, data)
  data.public_menu = shown(service.get("header"), request.path)
  data.foot = service.get("footer")
end

menus.page_data = { { layout = "public", fn = frame } }

return menus
