--- Tables on cards: units, moves, ways, training. A part reads its rows, adds one, changes or removes one.
local audit = require("kit.audit")
local errors = require("kit.errors")
local fields = require("domain.resources.fields")
local policy = require("domain.resources.policy")
local store = require("domain.resources.store")
local store_parts = require("domain.resources.store_parts")
local transaction = require("kit.transaction")
local parts = {}

--- Tables of a card: {name, title, rows, schema, choices, can_delete, can_change}.
function parts.read(kind, card)
  local list = {}
  for i, name in ipairs(kind.parts or {}) do
    local part = store_parts[name]
    local rows, choices = part.rows(card.id)
    list[i] = { name = name, title = fields.PART_TITLES[name], rows = rows, schema = fields.PARTS[name], choices = choices,
      can_delete = part.delete ~= nil, can_change = part.change ~= nil }
  end
  return list
end

local function part_of(kind, name)
  for _, known in ipairs(kind.parts or {}) do
    if known == name then return store_parts[name] end
  end
end

local REFUSALS = {
  consumable_on_hand = { "qty", "short", "Столько нет в наличии. Проверьте количество или сначала внесите приход." },
  equipment_unit_equipment_id_inventory_no_key = { "inventory_no", "taken", "Единица с таким инвентарным номером уже есть." },
  slot_use_capacity = { "state", "in_use", "Столько единиц уже занято в расписании. Сначала перенесите занятия." },
  site_travel_check = { "site_id", "same", "Это та же площадка." },
}

local function explain(refused)
  local known = refused and REFUSALS[refused.constraint]
  if known then return errors.invalid(table.unpack(known)) end
  if refused and refused.constraint and refused.constraint:find("_fkey$") then return errors.invalid("site_id", "unknown", "Такой площадки нет.") end
  return refused
end

local function write(user, kind, id, name, action, fn)
  local part, card = part_of(kind, name), id and store.find(kind, id)
  if not part or not card then return nil, errors.not_found(kind.table, id) end
  local ok, err = policy.need_manage(user, kind, card)
  if not ok then return nil, err end
  return transaction.run(function()
    local row, refused = transaction.attempt(function()
      local made, fault = fn(part)
      if made and part.count then
        local counted, short = part.count(id)
        if not counted then return nil, short end
      end
      return made, fault
    end)
    if not row then return nil, explain(refused) or errors.not_found(name, id) end
    audit.write(("%s.%s_%s"):format(kind.table, name, action), kind.table, id, { row = { "", tostring(row.id) } })
    return row
  end)
end

---@param input table values of fields.PARTS[name]
function parts.add(user, kind, id, name, input)
  return write(user, kind, id, name, "add", function(part) return part.insert(id, input, user.id) end)
end

function parts.remove(user, kind, id, name, row_id)
  if not (store_parts[name] and store_parts[name].delete) then return nil, errors.not_found(name, row_id) end
  return write(user, kind, id, name, "remove", function(part) return part.delete(id, row_id) end)
end

--- Changes the state of a unit.
function parts.change(user, kind, id, name, row_id, state)
  if not (store_parts[name] and store_parts[name].change) then return nil, errors.not_found(name, row_id) end
  if state ~= "works" and state ~= "repair" and state ~= "gone" then return nil, errors.invalid("state", "unknown_option", "Выберите состояние из списка.") end
  return write(user, kind, id, name, "change", function(part) return part.change(id, row_id, state) end)
end

return parts
