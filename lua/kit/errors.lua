--- The one shape of an expected failure: what a service returns as its second result, what a page shows and what
--- the API sends as problem+json.
---
---   return nil, errors.conflict("wrong_state", "Заявка уже рассмотрена.")
---   return nil, errors.invalid("snils", "checksum", "Контрольная сумма СНИЛС не сходится")
---   return nil, errors.invalid({ { field = "a", code = "required", message = "…" }, … })
---
--- A kit.Error may also be raised with error(err): the top of the request answers it in the same way.
local locale = require("kit.locale")
local errors = {}

---@class kit.FieldError
---@field field string
---@field code string
---@field message string

---@class kit.Error
---@field code string stable, for programs
---@field status integer of the answer
---@field text string Russian, for people
---@field field string? what was wrong, when it is one field
---@field fields kit.FieldError[]? all wrong fields of a form
---@field by_field table<string, string>? the same by name: by_field.snils = message
---@field rule string? name of the guard that refused
---@field extra table? more members of the problem+json
---@field constraint string? of a violated constraint (errors that came from PostgreSQL)
---@field retry_after integer? seconds
---@field location string? pages are led there instead: what has to be done first
---@field page (fun(request: kit.Request): kit.Response)? pages are answered by this instead

local Error = {}
Error.__index = Error
Error.__name = "kit.Error"
function Error.__tostring(err)
  return ("%s: %s"):format(err.code, err.text)
end

--- Any failure: for kinds that have no constructor of their own.
---@param status integer
---@param code string
---@param text string
---@param more table? further members
---@return kit.Error
function errors.new(status, code, text, more)
  local err = more or {}
  err.status, err.code, err.text = status, code, text
  return setmetatable(err, Error)
end

---@return boolean
function errors.is(value)
  return getmetatable(value) == Error
end

--- 404. Also the answer for what exists but must not be known to exist.
---@param entity string? name of the entity; its sentence stands in lua/locale under not_found.<entity>
---@param id any? for the log only
---@return kit.Error
function errors.not_found(entity, id)
  local text = entity and locale.find("not_found." .. entity) or locale.text("not_found.page")
  return errors.new(404, "not_found", text, { entity = entity, id = id })
end

--- 404 that leads on: pages answer 301 to where the thing lies now.
---@param entity string
---@param id any
---@param path string of this site
---@return kit.Error
function errors.moved(entity, id, path)
  local err = errors.not_found(entity, id)
  err.page = function() return { status = 301, headers = { location = path } } end
  return err
end

--- 410: it was here and is no more.
---@param text string
---@return kit.Error
function errors.gone(text)
  return errors.new(410, "gone", text)
end

--- 403.
---@param text string?
---@param code string? default "forbidden"
---@return kit.Error
function errors.forbidden(text, code)
  return errors.new(403, code or "forbidden", text or locale.text("errors.forbidden"))
end

--- 403 of everything that would change something while an administrator looks through other eyes (kit.preview).
---@return kit.Error
function errors.in_preview()
  return errors.forbidden(locale.text("errors.in_preview"), "preview")
end

--- 401.
---@param code string? default "unauthorized"
---@param text string?
---@return kit.Error
function errors.unauthorized(code, text)
  return errors.new(401, code or "unauthorized", text or locale.text("errors.unauthorized"))
end

--- 409.
---@param code string
---@param text string
---@param extra table? members added to the problem+json: the current version, the conflicts …
---@return kit.Error
function errors.conflict(code, text, extra)
  return errors.new(409, code, text, { extra = extra })
end

local function by_field(list)
  local map = {}
  for _, item in ipairs(list) do
    map[item.field] = map[item.field] or item.message
  end
  return map
end

--- 422. Either one field, or a list of all wrong fields at once.
---@param fields string|kit.FieldError[]
---@param code string? with one field: its stable code
---@param message string? with one field: the sentence beside it
---@return kit.Error
function errors.invalid(fields, code, message)
  if type(fields) == "string" then
    local list = { { field = fields, code = code, message = message } }
    return errors.new(422, code or "invalid", message, { field = fields, fields = list, by_field = by_field(list) })
  end
  local text = #fields == 1 and fields[1].message or locale.text("errors.invalid")
  return errors.new(422, "invalid", text, {
    fields = fields, by_field = by_field(fields), field = #fields == 1 and fields[1].field or nil,
  })
end

--- 422 of a rule: says which one.
---@param code string
---@param text string
---@param rule string
---@param field string?
---@return kit.Error
function errors.rule(code, text, rule, field)
  local list = field and { { field = field, code = code, message = text } } or nil
  return errors.new(422, code, text, { rule = rule, field = field, fields = list, by_field = list and by_field(list) })
end

--- 429.
---@param retry_after integer? seconds
---@param text string?
---@return kit.Error
function errors.limit(retry_after, text)
  return errors.new(429, "too_many_requests", text or locale.text("errors.limit"), { retry_after = retry_after or 60 })
end

--- 503.
---@param text string?
---@return kit.Error
function errors.unavailable(text)
  return errors.new(503, "unavailable", text or locale.text("errors.unavailable"), { retry_after = 5 })
end

--- 400: the request itself cannot be read.
---@param code string
---@param text string
---@return kit.Error
function errors.malformed(code, text)
  return errors.new(400, code, text)
end

--- 413.
---@return kit.Error
function errors.too_large()
  return errors.new(413, "too_large", locale.text("errors.too_large"))
end

--- 415.
---@return kit.Error
function errors.media_type()
  return errors.new(415, "unsupported_media_type", locale.text("errors.media_type"))
end

local FROM_CORE = {
  unavailable = errors.unavailable,
  overloaded = errors.unavailable,
  timeout = errors.unavailable,
  retry = errors.unavailable,
  limit = errors.too_large,
}

local function from_constraint(err)
  local code = err.hint and err.hint:match("^[a-z][a-z0-9_]*$") or "conflict"
  local text = locale.find("constraint." .. (err.constraint or code)) or locale.find("constraint." .. code)
    or locale.text("errors.constraint")
  return errors.new(409, code, text, {
    constraint = err.constraint, sqlstate = err.sqlstate, table = err.table, column = err.column, hint = err.hint,
    detail = err.detail, cause = err.text,
  })
end

--- Makes a kit.Error of a failure of the core ({code, text, …}); those of ours pass unchanged.
---@param err any
---@return kit.Error? err nil for what is no expected failure: a bug of ours
function errors.from(err)
  if errors.is(err) then return err end
  if type(err) ~= "table" or not err.code then return nil end
  if err.code == "constraint" then return from_constraint(err) end
  local make = FROM_CORE[err.code]
  if not make then return nil end
  local made = make()
  made.cause = err.text
  return made
end

--- Members of application/problem+json (RFC 9457).
---@param err kit.Error
---@param request_id string?
---@return table
function errors.problem(err, request_id)
  local problem = {
    type = "about:blank",
    title = locale.find("status." .. err.status) or tostring(err.status),
    status = err.status,
    code = err.code,
    detail = err.text,
    rule = err.rule,
    request_id = request_id,
    errors = err.fields,
  }
  for key, value in pairs(err.extra or {}) do
    if problem[key] == nil then problem[key] = value end
  end
  return problem
end

return errors
