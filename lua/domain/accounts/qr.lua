--- QR codes as SVG: one path of dark squares, drawn by the server, so that a key never leaves the page.
local core_qr = require("core.qr")
local qr = {}

local QUIET = 4 -- squares of white around, as the standard wants

--- Runs of dark squares of a row as pieces of a path.
local function add_row(path, squares, side, row)
  local from = 1
  while from <= side do
    local first, last = squares:find("1+", row * side + from)
    if not first or first > (row + 1) * side then return end
    last = math.min(last, (row + 1) * side)
    path[#path + 1] = ("M%d %dh%dv1h-%dz"):format(first - row * side - 1 + QUIET, row + QUIET, last - first + 1, last - first + 1)
    from = last - row * side + 1
  end
end

--- Markup of the picture.
---@param text string
---@return string svg
function qr.svg(text)
  local side, squares = core_qr.squares(text)
  if not side then error(squares.text, 2) end
  local path = {}
  for row = 0, side - 1 do add_row(path, squares, side, row) end
  local size = side + 2 * QUIET
  return ('<svg class="qr" viewBox="0 0 %d %d" role="img" aria-label="QR-код для приложения с одноразовыми кодами">'
    .. '<path fill="#fff" d="M0 0h%dv%dH0z"/><path fill="#000" d="%s"/></svg>'):format(size, size, size, size, table.concat(path))
end

return qr
