--- Fields of a profile that its owner may not change any more, and why: Госуслуги or a clerk has checked them, or orders and papers
--- of a training carry them already. What is empty may be filled in.
local locks = {}

--- Fields that say who somebody is.
locks.FIELDS = { "last_name", "first_name", "middle_name", "birth_date", "gender", "citizenship", "snils" }

local WORDS = { esia = "подтверждено Госуслугами", staff = "проверено сотрудником по документу", training = "стоит в документах об обучении" }

local function is_empty(profile, field)
  if field == "middle_name" and profile.has_middle_name == false then return false end
  return profile[field] == nil or profile[field] == ""
end

--- Why each locked field is locked.
---@param profile table of store.profile
---@return table<string, string> field → words
function locks.of(profile)
  local found = {}
  for _, field in ipairs(locks.FIELDS) do
    local source = profile.verified[field] or profile.is_enrolled and "training"
    if source and not is_empty(profile, field) then found[field] = WORDS[source] end
  end
  return found
end

--- Adds a fault for each locked field that would change.
---@param faults kit.FieldError[]
---@param profile table with locks
---@param wanted table the profile as it would be
function locks.check(faults, profile, wanted)
  for field, why in pairs(profile.locks) do
    local is_changed = wanted[field] ~= profile[field] or field == "middle_name" and wanted.has_middle_name ~= profile.has_middle_name
    if is_changed then
      faults[#faults + 1] = { field = field, code = "locked",
        message = ("Изменить нельзя: %s. Попросите исправить на странице «Мои данные» и приложите документ."):format(why) }
    end
  end
end

--- The schema of a form without what is locked; a locked field that somebody sends all the same stays, and save() refuses it.
---@param schema kit.Field[]
---@param held table<string, string> profile.locks
---@param typed table
---@return kit.Field[]
function locks.open_fields(schema, held, typed)
  local open = {}
  for _, field in ipairs(schema) do
    local name = field.name == "no_middle_name" and "middle_name" or field.name
    if not held[name] or typed[field.name] ~= nil then open[#open + 1] = field end
  end
  return open
end

return locks
