--- CSV with a header (RFC 4180) as rows keyed by the header. Pure.
local csv = {}

-- A field and what follows it; the quoted form may hold commas and line ends.
local function read_field(text, at)
  if text:byte(at) ~= 34 then -- "
    local stop = text:find("[,\n]", at) or #text + 1
    return text:sub(at, stop - 1), stop
  end
  local parts, from = {}, at + 1
  while true do
    local quote = assert(text:find('"', from, true), "csv: a quoted field does not end")
    parts[#parts + 1] = text:sub(from, quote - 1)
    if text:byte(quote + 1) ~= 34 then return table.concat(parts, '"'), quote + 1 end
    from = quote + 2
  end
end

local function read_record(text, at)
  local record = {}
  while true do
    record[#record + 1], at = read_field(text, at)
    if text:byte(at) ~= 44 then return record, at + 1 end -- not a comma: the line ends
    at = at + 1
  end
end

--- Rows in the order of the file.
---@param text string
---@return table rows each {column = value}, values are strings
function csv.parse(text)
  local header, at = read_record(text, 1)
  local rows = {}
  while at <= #text do
    local record
    record, at = read_record(text, at)
    local row = {}
    for index, name in ipairs(header) do
      row[name] = record[index]
    end
    rows[#rows + 1] = row
  end
  return rows
end

return csv
