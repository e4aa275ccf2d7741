--- Does a value fit a schema of kit.shape? The part of JSON Schema that those schemas use.
local shape_check = {}

local kinds = {
  string = function(value) return type(value) == "string" end,
  integer = function(value) return math.type(value) == "integer" end,
  number = function(value) return type(value) == "number" end,
  boolean = function(value) return type(value) == "boolean" end,
  object = function(value) return type(value) == "table" end,
  array = function(value) return type(value) == "table" and (next(value) == nil or value[1] ~= nil) end,
}

local function fits(value, kind)
  if type(kind) ~= "table" then return not kinds[kind] or kinds[kind](value) end
  for _, one in ipairs(kind) do
    if fits(value, one) then return true end
  end
  return false
end

--- What is wrong, in words; nil when it fits. Fields that the schema does not name are fine.
---@return string?
function shape_check.fault(value, schema, path)
  if schema.type and not fits(value, schema.type) then return ("%s: нужно %s"):format(path, tostring(schema.type)) end
  for _, name in ipairs(schema.required or {}) do
    if value[name] == nil then return ("%s: нет поля «%s»"):format(path, name) end
  end
  for name, inner in pairs(schema.properties or {}) do
    local reason = type(value) == "table" and value[name] ~= nil and shape_check.fault(value[name], inner, path .. "." .. name)
    if reason then return reason end
  end
  for i, item in ipairs(schema.items and value or {}) do
    local reason = shape_check.fault(item, schema.items, ("%s[%d]"):format(path, i))
    if reason then return reason end
  end
  return nil
end

return shape_check
