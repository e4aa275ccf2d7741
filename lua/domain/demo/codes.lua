--- Numbers with checksums for made-up organisations: ИНН and ОГРН of a tax office that does not exist (5999). Pure.
local codes = {}

local INN_WEIGHTS = { 2, 4, 10, 3, 5, 9, 4, 6, 8 }

---@param index integer 1 … 99999
---@return string ten digits
function codes.inn(index)
  local body, sum = ("5999%05d"):format(index), 0
  for position, weight in ipairs(INN_WEIGHTS) do sum = sum + tonumber(body:sub(position, position)) * weight end
  return body .. sum % 11 % 10
end

function codes.kpp() return "599901001" end

---@return string thirteen digits
function codes.ogrn(index)
  local body = ("10%02d59%06d"):format(2 + index % 20, index)
  return body .. tonumber(body) % 11 % 10
end

return codes
