--- CSV that Russian Excel opens well: BOM, semicolons, CRLF. Text that a spreadsheet would run as a formula is disarmed.
local csv = {}

csv.BOM = "\u{FEFF}"

-- "=1+1", "+…", "-…", "@…", tab: a spreadsheet evaluates it. Plain numbers and phones of our format stay.
local function disarm(value)
  if not value:find("^[=@\t\r+-]") then return value end
  if value:find("^[+-]%d+[.,]?%d*$") or value:find("^%+7\u{00A0}%d%d%d\u{00A0}%d%d%d%-%d%d%-%d%d$") then return value end
  return "'" .. value
end

--- One cell.
---@param value any
---@return string
function csv.cell(value)
  if value == nil then return "" end
  if type(value) == "boolean" then return value and "да" or "нет" end
  if type(value) == "number" then return (tostring(value):gsub("%.", ",")) end
  local text = disarm(tostring(value))
  if text:find('[;"\r\n]') or text:find("^%s") or text:find("%s$") then
    text = '"' .. text:gsub('"', '""') .. '"'
  end
  return text
end

--- One line with its end.
---@param values any[]
---@return string
function csv.line(values)
  local cells = {}
  for i = 1, #values do cells[i] = csv.cell(values[i]) end
  return table.concat(cells, ";") .. "\r\n"
end

return csv
