--- OpenAPI 3.1 of the routes below /api/, made from the routes themselves. Deterministic: keys are sorted.
---
--- A list of routes may carry named answers: `schemas = { Program = { {name = "title", type = "text"}, … } }`, given as form
--- schemas or as JSON Schema (a table with `type` or `properties`). A name nobody describes is an open object; a name
--- that ends in List is a page of the name before it.
local form = require("kit.form")
local json = require("core.json")
local openapi = {}

local FORMATS = {
  text = { type = "string" }, name = { type = "string" }, email = { type = "string", format = "email" },
  snils = { type = "string", description = "11 цифр" }, inn = { type = "string" }, ogrn = { type = "string" },
  kpp = { type = "string" }, phone = { type = "string" }, uuid = { type = "string", format = "uuid" },
  integer = { type = "integer" }, decimal = { type = "string", description = "десятичное число" },
  boolean = { type = "boolean" }, date = { type = "string", format = "date" },
  time = { type = "string", pattern = "^\\d\\d:\\d\\d$" }, file = { type = "string", format = "binary" }, enum = { type = "string" },
}

local function copy(source)
  local made = {}
  for key, value in pairs(source) do made[key] = value end
  return made
end

local object_schema

local function id_schema()
  return { type = "string", pattern = "^\\d+$" }
end

local function list_schema(field)
  local items
  if field.fields then
    items = object_schema(field.fields)
  elseif field.items == "id" then
    items = id_schema()
  else
    items = copy(FORMATS[field.items or "text"])
  end
  return { type = "array", items = items, minItems = field.min, maxItems = field.max }
end

local function add_limits(schema, field)
  if schema.type == "integer" then
    schema.minimum, schema.maximum = field.min, field.max
  elseif schema.type == "string" and not schema.format and not schema.pattern then
    schema.minLength, schema.maxLength = field.min_length, field.max_length
  end
  if field.default ~= nil and type(field.default) ~= "table" then schema.default = field.default end
  return schema
end

--- JSON Schema of a field.
---@param field kit.Field
---@return table
function openapi.field(field)
  local schema
  if form.is_id(field) then
    schema = id_schema()
  elseif field.type == "list" then
    schema = list_schema(field)
  elseif field.type == "object" then
    schema = object_schema(field.fields or {})
  elseif field.type == "json" then
    schema = { type = json.array({ "object", "array", "string", "number", "boolean", "null" }) }
  else
    schema = add_limits(copy(FORMATS[field.type]), field)
  end
  if field.type == "enum" then schema.enum = json.array(form.values(field)) end
  schema.title = field.label
  if field.hint then schema.description = field.hint end
  return schema
end

function object_schema(fields)
  local properties, required = {}, {}
  for _, field in ipairs(fields) do
    properties[field.name] = openapi.field(field)
    if field.required then required[#required + 1] = field.name end
  end
  return {
    type = "object", properties = json.object(properties), required = #required > 0 and json.array(required) or nil,
    additionalProperties = false,
  }
end

local function is_fields(schema)
  return type(schema[1]) == "table" and schema[1].name ~= nil
end

local function ref(name)
  return { ["$ref"] = "#/components/schemas/" .. name }
end

-- ---- answers

local function list_of(name)
  return {
    type = "object", required = json.array({ "items", "next_cursor" }),
    properties = {
      items = { type = "array", items = name and ref(name) or { type = "object" } },
      next_cursor = { type = json.array({ "string", "null" }), description = "Передайте в cursor, чтобы получить продолжение" },
    },
  }
end

local function component(name, schemas)
  local described = schemas[name]
  if described then
    if not is_fields(described) then return described end
    local schema = object_schema(described)
    schema.additionalProperties = nil -- answers may grow
    return schema
  end
  local item = name:match("^(.+)List$")
  if item then return list_of(item) end
  return { type = "object", description = name }
end

local function name_components(returns, schemas, into)
  if type(returns) ~= "string" or into[returns] then return end
  into[returns] = component(returns, schemas)
  local item = returns:match("^(.+)List$")
  if item and not schemas[returns] then name_components(item, schemas, into) end
end

local PROBLEM = {
  type = "object", required = json.array({ "status", "code", "title" }),
  properties = {
    type = { type = "string" }, title = { type = "string" }, status = { type = "integer" },
    code = { type = "string", description = "Постоянный код ошибки" }, detail = { type = "string" },
    rule = { type = "string", description = "Правило, которое отказало" }, request_id = { type = "string" },
    errors = {
      type = "array",
      items = {
        type = "object", required = json.array({ "field", "code", "message" }),
        properties = { field = { type = "string" }, code = { type = "string" }, message = { type = "string" } },
      },
    },
  },
}

local function problem_answer(description)
  return {
    description = description,
    content = { ["application/problem+json"] = { schema = ref("Problem") } },
  }
end

local ANSWERS = {
  BadRequest = "Запрос не разобран", Unauthorized = "Нужен вход", Forbidden = "Недостаточно прав", NotFound = "Не найдено",
  Conflict = "Состояние или версия изменились", Invalid = "Поля не прошли проверку или отказало правило",
  Limited = "Слишком много запросов; повторите через Retry-After секунд",
  Unavailable = "Временно недоступно; повторите через Retry-After секунд",
}

local function answer_ref(name)
  return { ["$ref"] = "#/components/responses/" .. name }
end

local function success(route)
  local content
  local returns = route.returns
  if type(returns) == "string" then
    content = { ["application/json"] = { schema = ref(returns) } }
  elseif type(returns) == "table" then
    content = { ["application/json"] = { schema = is_fields(returns) and object_schema(returns) or returns } }
  elseif route.produces then
    content = { [route.produces] = { schema = { type = "string" } } }
  end
  return { description = route.summary, content = content }
end

local function responses(route)
  local status = tostring(route.status or (route[1] == "POST" and not route[2]:find("/transitions$") and not route[2]:find("/check$")
    and "201" or "200"))
  local list = { [status] = success(route), ["400"] = answer_ref("BadRequest"), ["503"] = answer_ref("Unavailable") }
  if route.access ~= "public" then
    list["401"], list["403"] = answer_ref("Unauthorized"), answer_ref("Forbidden")
  end
  if route[2]:find("{", 1, true) then list["404"] = answer_ref("NotFound") end
  if route.query or route.body then list["422"] = answer_ref("Invalid") end
  if route[1] ~= "GET" then list["409"], list["429"] = answer_ref("Conflict"), answer_ref("Limited") end
  return list
end

-- ---- operations

local function parameters(route)
  local list = {}
  for name in route[2]:gmatch("{([%w_]+)}") do
    list[#list + 1] = { name = name, ["in"] = "path", required = true, schema = { type = "string" } }
  end
  for _, field in ipairs(route.query or {}) do
    list[#list + 1] = {
      name = field.name, ["in"] = "query", required = field.required or nil, description = field.label, schema = openapi.field(field),
    }
  end
  if route[1] ~= "GET" and route.access ~= "public" and route.idempotent ~= false then
    list[#list + 1] = { ["$ref"] = "#/components/parameters/IdempotencyKey" }
  end
  return #list > 0 and json.array(list) or nil
end

local function request_body(route)
  if route.multipart then
    local schema = route.body and object_schema(route.body) or { type = "object" }
    return { required = true, content = { ["multipart/form-data"] = { schema = schema } } }
  end
  if not route.body then return nil end
  return { required = true, content = { ["application/json"] = { schema = object_schema(route.body) } } }
end

-- "GET /api/v1/groups/{id}" → "get_groups_id".
local function operation_id(route)
  local path = route[2]:gsub("^/api/v%d+", ""):gsub("[{}]", ""):gsub("[^%w]+", "_"):gsub("_+$", "")
  return route[1]:lower() .. path
end

local function tag_of(route)
  return route.tag or route[2]:match("^/api/v%d+/([%w%-_]+)") or "system"
end

local function operation(route)
  return {
    operationId = operation_id(route), summary = route.summary, description = route.description, tags = json.array({ tag_of(route) }),
    parameters = parameters(route), requestBody = request_body(route), responses = responses(route),
    security = route.access == "public" and json.array({}) or nil,
  }
end

local function fixed_components(schemas)
  local answers = {}
  for name, description in pairs(ANSWERS) do answers[name] = problem_answer(description) end
  schemas.Problem = PROBLEM
  return {
    schemas = schemas, responses = answers,
    parameters = {
      IdempotencyKey = {
        name = "Idempotency-Key", ["in"] = "header", required = false, schema = { type = "string", maxLength = 200 },
        description = "Повтор с тем же ключом вернёт прежний ответ и ничего не сделает второй раз",
      },
    },
    securitySchemes = {
      bearer = { type = "http", scheme = "bearer", description = "Токен из POST /api/v1/auth/token" },
      cookie = { type = "apiKey", ["in"] = "cookie", name = "copp" },
    },
  }
end

local function tag_list(tags)
  local names = {}
  for name in pairs(tags) do names[#names + 1] = name end
  table.sort(names)
  local list = json.array({})
  for i, name in ipairs(names) do list[i] = { name = name, description = name } end
  return list
end

--- The document.
---@param routes kit.Route[]
---@param options {title: string?, version: string?, server: string?, schemas: table<string, table>?}?
---@return table
function openapi.document(routes, options)
  local given = options or {}
  local paths, tags, components = {}, {}, {}
  for _, route in ipairs(routes) do
    if route[2]:sub(1, 5) == "/api/" then
      paths[route[2]] = paths[route[2]] or {}
      paths[route[2]][route[1]:lower()] = operation(route)
      tags[tag_of(route)] = true
      name_components(route.returns, given.schemas or {}, components)
    end
  end
  return {
    openapi = "3.1.0",
    info = {
      title = given.title or "API", version = given.version or "1.0.0",
      description = "Идентификаторы — строки; моменты времени — в часовом поясе региона. Если параметр повторён, действует первый.",
      license = { name = "MIT", identifier = "MIT" },
    },
    servers = json.array({ { url = given.server or "/" } }),
    security = json.array({ { bearer = json.array({}) }, { cookie = json.array({}) } }),
    tags = tag_list(tags), paths = json.object(paths), components = fixed_components(components),
  }
end

-- ---- bytes: sorted keys, so that the document is the same in every worker and every build

local function write(value, out)
  if type(value) ~= "table" then
    out[#out + 1] = json.encode(value)
    return
  end
  if value[1] ~= nil or (next(value) == nil and json.encode(value) == "[]") then
    out[#out + 1] = "["
    for i, item in ipairs(value) do
      if i > 1 then out[#out + 1] = "," end
      write(item, out)
    end
    out[#out + 1] = "]"
    return
  end
  local keys = {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys)
  out[#out + 1] = "{"
  for i, key in ipairs(keys) do
    if i > 1 then out[#out + 1] = "," end
    out[#out + 1] = json.encode(key) .. ":"
    write(value[key], out)
  end
  out[#out + 1] = "}"
end

--- JSON bytes with sorted keys.
---@param document table
---@return string
function openapi.encode(document)
  local out = {}
  write(document, out)
  return table.concat(out)
end

return openapi
