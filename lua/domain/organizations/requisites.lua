--- Do ИНН, КПП and ОГРН fit each other? Each number alone was checked by kit.checks. Pure.
local checks = require("kit.checks")
local requisites = {}

local function fault(list, field, code, message)
  list[#list + 1] = { field = field, code = code, message = message }
end

local function check_company(list, o)
  if not o.kpp then fault(list, "kpp", "required", "У организации есть КПП: он стоит рядом с ИНН, 9 знаков") end
  if o.ogrn and #o.ogrn ~= 13 then fault(list, "ogrn", "kind_mismatch", "У организации ОГРН из 13 цифр, здесь " .. #o.ogrn) end
end

local function check_sole_trader(list, o)
  if o.kpp then fault(list, "kpp", "not_allowed", "У предпринимателя КПП нет: оставьте поле пустым") end
  if o.ogrn and #o.ogrn ~= 15 then fault(list, "ogrn", "kind_mismatch", "У предпринимателя ОГРНИП из 15 цифр, здесь " .. #o.ogrn) end
end

--- Faults of the numbers together.
---@param o {inn: string?, kpp: string?, ogrn: string?}
---@return kit.FieldError[] faults empty when all is well
function requisites.mismatches(o)
  local list = {}
  if not o.inn then return list end
  if #o.inn == 12 then check_sole_trader(list, o) else check_company(list, o) end
  return list
end

--- All faults, of each number and of all together: for a row that may be old.
---@return kit.FieldError[]
function requisites.faults(o)
  local list = {}
  for _, name in ipairs({ "inn", "kpp", "ogrn" }) do
    if o[name] then
      local value, code, message = checks[name](o[name])
      if not value then fault(list, name, code, message) end
    elseif name ~= "kpp" then
      fault(list, name, "required", "Не указан " .. (name == "inn" and "ИНН" or "ОГРН"))
    end
  end
  if #list > 0 then return list end
  return requisites.mismatches(o)
end

return requisites
