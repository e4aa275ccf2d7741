--- The person behind a new card of staff: known by СНИЛС, or new.
local errors = require("kit.errors")
local store = require("domain.resources.store")
local text = require("core.text")
local people = {}

-- A known person keeps his data; a card only points at him. The surname is the proof that the number is his.
local function known(input)
  local person = input.snils and store.person_of_snils(input.snils)
  if not person then return nil end
  if text.fold(person.last_name) ~= text.fold(input.last_name) then
    return nil, errors.invalid("snils", "other_person", "Этот СНИЛС записан за человеком с другой фамилией. Проверьте номер и фамилию.")
  end
  return person.id
end

--- The key of the person, made bookable.
---@return integer? person_id
---@return kit.Error? err
function people.of(organization_id, input, user)
  local id, err = known(input)
  if err then return nil, err end
  if id and store.staff_card(id, organization_id) then
    return nil, errors.invalid("snils", "taken", "Карточка этого человека в организации уже есть.")
  end
  if not id then id = store.insert_person(input, user.id).id end
  store.make_bookable(id)
  return id
end

return people
