--- Short words for JSON Schema of answers: `schemas` of api.lua files. What a form schema cannot say: null, nested answers.
---
---   Letter = shape.object({ id = shape.id, error = shape.maybe(shape.text), sent_at = shape.maybe(shape.moment) })
local json = require("core.json")
local shape = {}

shape.text = { type = "string" }
shape.id = { type = "string", pattern = "^\\d+$" }
shape.uuid = { type = "string", format = "uuid" }
shape.date = { type = "string", format = "date" }
shape.moment = { type = "string", description = "момент в часовом поясе региона: 2026-11-23 14:02:00+05" }
shape.integer = { type = "integer" }
shape.boolean = { type = "boolean" }
shape.any = { type = "object" }

--- The same, or null.
---@param schema table
---@return table
function shape.maybe(schema)
  local copy = {}
  for key, value in pairs(schema) do copy[key] = value end
  copy.type = json.array({ schema.type, "null" })
  return copy
end

---@param items table schema of each item
---@return table
function shape.list(items)
  return { type = "array", items = items }
end

---@param values string[]
---@return table
function shape.enum(values)
  return { type = "string", enum = json.array(values) }
end

--- All properties are always there but those of `optional`. Answers may grow.
---@param properties table<string, table>
---@param optional table<string, table>?
---@return table
function shape.object(properties, optional)
  local all, required = {}, {}
  for name, schema in pairs(properties) do
    all[name] = schema
    required[#required + 1] = name
  end
  for name, schema in pairs(optional or {}) do all[name] = schema end
  table.sort(required)
  return { type = "object", properties = json.object(all), required = json.array(required) }
end

return shape
