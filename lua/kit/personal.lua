--- Personal data, field by field: one way for page, API and export. A field of a module's schema that holds special data says how it
--- is masked: `{ name = "snils", type = "snils", label = "СНИЛС", special = "snils" }`. Then
---
---   personal.show(user, fields.PERSON, row, subject)              -- masks what is special, unless it is one's own
---   personal.reveal(user, fields.PERSON, row, subject, purpose)   -- shows it, when a right and a purpose are there; leaves a record
---
--- subject = { entity = "person", id = 17, object = application }: whose data it is, and the object whose reading gives the right.
--- Besides: names for coordinators only where the region says so, exports of many rows only with a reason.
local access = require("kit.access")
local audit = require("kit.audit")
local errors = require("kit.errors")
local setting = require("kit.setting")
local text = require("core.text")
local personal = {}

local RIGHT = "person.read_special"
local HIDDEN = "Имя скрыто"

--- Settings of the region, declared by boot under "personal".
personal.settings = {
  { key = "export_rows", type = "integer", default = 50, min = 0, max = 100000, label = "Сколько строк с персональными данными выгружают без причины",
    reason = "Большие выгрузки должны иметь причину: она остаётся в журнале действий" },
  { key = "coordinator_names", type = "boolean", default = false, label = "Координатор видит фамилии",
    reason = "Органу власти хватает сводных данных; фамилии показывают там, где это решено регионом" },
}

--- Body of what reveals special data.
personal.PURPOSE = {
  { name = "purpose", type = "text", label = "Для чего нужны данные", required = true, min_length = 5, max_length = 300,
    hint = "Останется в журнале действий; человек увидит, кто и зачем смотрел его данные" },
}

local masks = {}
function masks.snils(value) -- •••-•••-445 95
  local digits = value:gsub("%D", "")
  return #digits == 11 and ("•••-•••-%s %s"):format(digits:sub(7, 9), digits:sub(10, 11)) or "•••"
end
function masks.document(value) -- •••• ••••56
  return "•••• ••••" .. value:sub(-2)
end
function masks.hidden() return "скрыто" end

--- A masked value. nil stays nil.
---@param kind string "snils", "document" or "hidden"
---@param value string?
---@return string?
function personal.mask(kind, value)
  if value == nil or value == "" then return value end
  return masks[kind](tostring(value))
end

local function is_own(user, subject)
  return subject.entity == "person" and user.person_id ~= nil and subject.id == user.person_id and not user.preview
end

local function special_fields(schema)
  local list = {}
  for _, field in ipairs(schema) do
    if field.special then list[#list + 1] = field end
  end
  return list
end

--- May the user ask for the special data of this subject?
---@return boolean
---@return kit.Error? err
function personal.can_reveal(user, subject)
  return access.can(user, RIGHT, subject.object or { person_id = subject.id })
end

--- Masks the special fields of a row, in place, unless the person looks at himself.
---@param user kit.User
---@param schema kit.Field[]
---@param row table
---@param subject {entity: string, id: integer, object: table?}
---@return table row
function personal.show(user, schema, row, subject)
  if is_own(user, subject) then return row end
  for _, field in ipairs(special_fields(schema)) do row[field.name] = personal.mask(field.special, row[field.name]) end
  return row
end

--- Leaves the special fields of a row as they are, and a record of who looked and for what. Without the right, or without a purpose
--- worth reading, an error.
---@param purpose string?
---@return table? row
---@return kit.Error? err 403, or 422 on `purpose`
function personal.reveal(user, schema, row, subject, purpose)
  if is_own(user, subject) then return row end
  local ok, err = personal.can_reveal(user, subject)
  if not ok then return nil, err end
  if text.len(text.trim(purpose or "")) < personal.PURPOSE[1].min_length then
    return nil, errors.invalid("purpose", "required", "Напишите, для чего нужны данные: это останется в журнале действий.")
  end
  local seen = {}
  for _, field in ipairs(special_fields(schema)) do
    if row[field.name] ~= nil and row[field.name] ~= "" then seen[#seen + 1] = field.label end
  end
  audit.write("person.view_special", subject.entity, subject.id, { fields = { "", table.concat(seen, ", ") } }, text.trim(purpose))
  return row
end

--- The name as this user may read it: a coordinator gets no names unless the region lets him.
---@param user kit.User
---@param name string?
---@return string?
function personal.name(user, name)
  if name == nil or not (user.grant and user.grant.role == "coordinator") then return name end
  return setting.get("personal.coordinator_names") and name or HIDDEN
end

--- Are names hidden from this user? Lists then do not search by them either.
---@param user kit.User
---@return boolean
function personal.hides_names(user)
  return personal.name(user, "") ~= ""
end

--- Many rows of personal data leave the platform only with a reason.
---@param count integer rows of the export, or more than the limit
---@param reason string?
---@return true? ok
---@return kit.Error? err 422 on `reason`
function personal.need_reason(count, reason)
  local limit = setting.get("personal.export_rows")
  if count <= limit or text.trim(reason or "") ~= "" then return true end
  return nil, errors.invalid("reason", "reason_required",
    ("Строк больше %d. Напишите, зачем нужна выгрузка: это останется в журнале действий."):format(limit))
end

--- How many rows an export may have without a reason: lists count one more than that.
function personal.export_limit() return setting.get("personal.export_rows") end

return personal
