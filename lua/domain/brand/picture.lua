--- Logos: an SVG is read and written anew from an allow-list, so that nothing that runs or loads can stay in it; a PNG is wrapped
--- into an SVG, because pages name logo.svg. Pure.
local text = require("core.text")
local picture = {}

local ELEMENTS = {}
for name in
  ("svg g path rect circle ellipse line polyline polygon defs linearGradient radialGradient stop title clipPath"):gmatch("%S+")
do
  ELEMENTS[name] = true
end
local ATTRIBUTES = {}
for name in
  ([[viewBox width height fill stroke stroke-width stroke-linecap stroke-linejoin stroke-miterlimit fill-rule clip-rule clip-path d x y x1 y1 x2 y2
  cx cy r rx ry points transform id offset stop-color stop-opacity opacity fill-opacity stroke-opacity gradientUnits gradientTransform fx fy
  preserveAspectRatio]]):gmatch("%S+")
do
  ATTRIBUTES[name] = true
end
local function is_harmless(value)
  if value:find('[<"]') then return false end
  local address = value:lower():match("url%s*%(%s*(.-)%s*%)")
  return not value:lower():find("javascript:", 1, true) and (not address or address:find("^['\"]?#[%w_-]+['\"]?$") ~= nil)
end

local function attributes_of(source)
  local kept = {}
  for name, _, value in source:gmatch("([%w:_-]+)%s*=%s*([\"'])(.-)%2") do
    if ATTRIBUTES[name] and is_harmless(value) then
      kept[#kept + 1] = (' %s="%s"'):format(name, text.escape(value:gsub("&%w+;", "")))
    end
  end
  return table.concat(kept)
end

local function fail(message) return nil, message end

-- Inside of an element that is left out with all that is in it.
local function stay_dropped(state, closing, name, is_empty)
  if name == state.dropped and not is_empty then state.nested = state.nested + (closing and -1 or 1) end
  if state.nested == 0 then state.dropped = nil end
end

-- One tag of the source; `state` = {out, depth, dropped}.
local function take_tag(state, closing, name, rest)
  local is_empty = rest:find("/%s*$") ~= nil
  if state.dropped then return stay_dropped(state, closing, name, is_empty) end
  if not ELEMENTS[name] then
    if not closing and not is_empty then
      state.dropped, state.nested = name, 1
    end
    return
  end
  if closing then
    state.depth = state.depth - 1
    state.out[#state.out + 1] = "</" .. name .. ">"
    return
  end
  local namespace = name == "svg" and state.depth == 0 and ' xmlns="http://www.w3.org/2000/svg"' or ""
  state.out[#state.out + 1] = ("<%s%s%s%s>"):format(name, namespace, attributes_of(rest), is_empty and "/" or "")
  if not is_empty then state.depth = state.depth + 1 end
end

local function has_shape(svg)
  for _, name in ipairs({ "path", "rect", "circle", "poly", "ellipse" }) do
    if svg:find("<" .. name, 1, true) then return true end
  end
  return false
end

--- The same picture from harmless parts only.
---@param source string
---@return string? svg
---@return string? message Russian
function picture.clean_svg(source)
  if not source:find("^[\xEF\xBB\xBF%s]*<") then return fail("Нужен рисунок SVG или PNG: другие виды картинок не подходят") end
  if not text.is_valid(source) then return fail("Файл записан не в UTF-8") end
  if source:find("<!ENTITY", 1, true) or source:find("<!DOCTYPE[^>]*%[") then
    return fail(
      "В файле есть определения сущностей: сохраните его как обычный SVG"
    )
  end
  local body = source:gsub("<!%-%-.-%-%->", ""):gsub("<%?.-%?>", ""):gsub("<!DOCTYPE[^>]*>", ""):gsub("<!%[CDATA%[.-%]%]>", "")
  local state = { out = {}, depth = 0 }
  for closing, name, rest in body:gmatch("<(/?)([%a][%w:_-]*)([^<>]*)>") do
    take_tag(state, closing == "/", name, rest)
  end
  local svg = table.concat(state.out)
  if not svg:find("^<svg ") or not svg:find("</svg>$") or state.depth ~= 0 then
    return fail("Это не SVG, или он повреждён")
  end
  if not has_shape(svg) then
    return fail(
      "В картинке не осталось ни одной фигуры: возможно, логотип сохранён как вставленный растр. Сохраните его контурами или загрузите PNG"
    )
  end
  return svg
end

local DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function base64(bytes)
  local out = {}
  for at = 1, #bytes, 3 do
    local a, b, c = bytes:byte(at, at + 2)
    local n = a << 16 | (b or 0) << 8 | (c or 0)
    for i = 3, 0, -1 do
      local digit = (n >> (6 * i)) & 63
      local is_pad = (i == 1 and not b) or (i == 0 and not c)
      out[#out + 1] = is_pad and "=" or DIGITS:sub(digit + 1, digit + 1)
    end
  end
  return table.concat(out)
end

--- A PNG as an SVG of its size.
---@return string? svg
---@return string? message
function picture.wrap_png(bytes)
  if bytes:sub(1, 8) ~= "\x89PNG\r\n\x1A\n" or bytes:sub(13, 16) ~= "IHDR" then return fail("Это не PNG") end
  local width, height = string.unpack(">I4I4", bytes, 17)
  if width < 16 or height < 16 or width > 4096 or height > 4096 then
    return fail("Сторона картинки — от 16 до 4096 точек")
  end
  return ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d"><image width="%d" height="%d" href="data:image/png;base64,%s"/></svg>'):format(
    width,
    height,
    width,
    height,
    base64(bytes)
  )
end

return picture
