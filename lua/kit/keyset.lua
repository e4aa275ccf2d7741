--- Lists that page by key, never by offset. A definition is data with whole pieces of SQL; filters and orders are
--- whitelisted by it, values always travel as parameters.
---
---   local LIST = query.list({
---     select = "a.id, a.number, a.state",
---     from = "application a JOIN person p ON p.id = a.person_id",
---     key = "a.id",                                        -- unique, bigint
---     filters = { state = "a.state = ANY (?::text[])", mine = "a.responsible_id = ?::bigint" },
---     sorts = { newest = { "a.id", type = "bigint", desc = true },
---               name = { "p.last_name", type = "text", collate = "ru" } },
---     default = "newest",
---   })
---   local rows, next_cursor = LIST:page({ filters = { state = db.array(states) }, sort = "name", cursor = input.cursor, limit = 50 })
---
--- A sort expression must never be NULL: write coalesce(…). Each combination of filters is one prepared statement.
local errors = require("kit.errors")
local query = require("kit.query")
local Keyset = {}
Keyset.__index = Keyset

---@class kit.KeysetDefinition
---@field select string
---@field from string
---@field key string
---@field where string? always holds
---@field filters table<string, string>?
---@field sorts table<string, {[1]: string, type: string, desc: boolean?, collate: string?}>
---@field default string

---@class kit.KeysetQuery
---@field filters table<string, any>? false and nil are left out
---@field sort string? name of a sort, "-name" for the other direction
---@field cursor string?
---@field limit integer?

local DEFAULT_LIMIT = 50
local COUNT_CAP = 1000

local CHECKS = {
  bigint = function(value) return value:find("^%-?%d+$") and math.tointeger(tonumber(value)) end,
  numeric = function(value) return value:find("^%-?%d+%.?%d*$") end,
  date = function(value) return value:find("^%d%d%d%d%-%d%d%-%d%d$") end,
  timestamptz = function(value) return value:find("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d%.%d+Z$") end,
  text = function(value) return #value <= 1000 end,
}

---@param definition kit.KeysetDefinition
---@return kit.Keyset
function Keyset.new(definition)
  for name, sort in pairs(definition.sorts) do
    if not CHECKS[sort.type] then error(("sort %s: no type %s"):format(name, tostring(sort.type)), 2) end
  end
  return setmetatable({ definition = definition, statements = {} }, Keyset)
end

local function bad_cursor()
  return errors.invalid("cursor", "bad_cursor", "Ссылка на продолжение списка не подходит. Откройте список сначала.")
end

-- "value~id", as the statement wrote it.
local function read_cursor(cursor, sort)
  if not cursor then return nil end
  local value, id = cursor:match("^(.*)~(%d+)$")
  id = id and #id <= 19 and math.tointeger(tonumber(id))
  if not id or not CHECKS[sort.type](value) then return nil, bad_cursor() end
  return { value = value, id = id }
end

local function sort_of(list, name)
  name = name or list.definition.default
  local is_reversed = name:sub(1, 1) == "-"
  local bare = is_reversed and name:sub(2) or name
  local sort = list.definition.sorts[bare]
  if not sort then return nil, errors.invalid("sort", "unknown_sort", "Такого порядка нет.") end
  local is_descending = sort.desc or false
  if is_reversed then is_descending = not is_descending end
  return sort, nil, is_descending, name
end

-- Filters in order of their names: the same set gives the same statement.
local function chosen_filters(list, filters)
  local names = {}
  for name, value in pairs(filters or {}) do
    if value ~= nil and value ~= false then
      if not (list.definition.filters or {})[name] then error("no filter named " .. name, 3) end
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return names
end

local function conditions(list, names)
  local parts = list.definition.where and { "(" .. list.definition.where .. ")" } or {}
  for i, name in ipairs(names) do
    local sql = list.definition.filters[name]:gsub("%?", "$" .. i)
    parts[#parts + 1] = "(" .. sql .. ")"
  end
  return parts
end

-- A moment in the cursor has neither "+" nor space: it survives a client that does not encode it.
local function cursor_text(sort)
  if sort.type == "timestamptz" then
    return ([[to_char((%s) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')]]):format(sort[1])
  end
  return ("(%s)::text"):format(sort[1])
end

local function compose(list, names, sort, is_descending, has_cursor)
  local n = #names
  local expression = sort.collate and ("(%s) COLLATE %s"):format(sort[1], sort.collate) or sort[1]
  local direction, comparison = "ASC", ">"
  if is_descending then direction, comparison = "DESC", "<" end
  local parts = conditions(list, names)
  if has_cursor then
    local typed = ("$%d::%s"):format(n + 2, sort.type)
    if sort.collate then typed = typed .. " COLLATE " .. sort.collate end
    parts[#parts + 1] = ("(%s, %s) %s (%s, $%d::bigint)"):format(expression, list.definition.key, comparison, typed, n + 3)
  end
  local where = #parts > 0 and " WHERE " .. table.concat(parts, " AND ") or ""
  return ("SELECT %s, %s || '~' || %s AS cursor FROM %s%s ORDER BY %s %s, %s %s LIMIT $%d::int"):format(
    list.definition.select, cursor_text(sort), list.definition.key, list.definition.from, where, expression, direction,
    list.definition.key, direction, n + 1)
end

local function statement(list, names, sort, is_descending, sort_name, has_cursor)
  local id = table.concat(names, ",") .. "|" .. sort_name .. "|" .. tostring(has_cursor)
  local sql = list.statements[id]
  if not sql then
    sql = compose(list, names, sort, is_descending, has_cursor)
    list.statements[id] = sql
  end
  return sql
end

local function prepare(list, asked)
  local sort, err, is_descending, sort_name = sort_of(list, asked.sort)
  if not sort then return nil, err end
  local cursor
  cursor, err = read_cursor(asked.cursor, sort)
  if err then return nil, err end
  local names = chosen_filters(list, asked.filters)
  local values = {}
  for i, name in ipairs(names) do values[i] = asked.filters[name] end
  local limit, n = asked.limit or DEFAULT_LIMIT, #names
  values[n + 1] = limit + 1
  if cursor then
    values[n + 2], values[n + 3] = cursor.value, cursor.id
    n = n + 2
  end
  return statement(list, names, sort, is_descending, sort_name, cursor ~= nil), nil, values, n + 1, limit
end

--- One page.
---@param asked kit.KeysetQuery
---@return table[]? rows each with its `cursor`
---@return string|kit.Error|nil next_cursor or the error
function Keyset:page(asked)
  local sql, err, values, n, limit = prepare(self, asked)
  if not sql then return nil, err end
  local rows = query.rows(sql, table.unpack(values, 1, n))
  if #rows <= limit then return rows, nil end
  rows[#rows] = nil
  return rows, rows[#rows].cursor
end

--- One page as JSON bytes.
---@param asked kit.KeysetQuery
---@return string? bytes
---@return string|kit.Error|nil next_cursor or the error
function Keyset:json(asked)
  local sql, err, values, n, limit = prepare(self, asked)
  if not sql then return nil, err end
  local bytes, _, next_cursor = query.json({ limit = limit, cursor = "cursor" }, sql, table.unpack(values, 1, n))
  return bytes, next_cursor
end

--- How many rows there are, at most `cap`: counting more would cost more than it tells.
---@param filters table<string, any>?
---@param cap integer? default 1000
---@return integer count
---@return boolean is_capped there are more
function Keyset:count(filters, cap)
  cap = cap or COUNT_CAP
  local names = chosen_filters(self, filters)
  local values = {}
  for i, name in ipairs(names) do values[i] = filters[name] end
  local parts = conditions(self, names)
  local where = #parts > 0 and " WHERE " .. table.concat(parts, " AND ") or ""
  local sql = ("SELECT count(*) AS n FROM (SELECT 1 FROM %s%s LIMIT $%d::int) AS counted"):format(
    self.definition.from, where, #names + 1)
  values[#names + 1] = cap + 1
  local row = query.row(sql, table.unpack(values, 1, #names + 1))
  return math.min(row.n, cap), row.n > cap
end

--- All rows page by page: fn(row) for each, in order. For exports.
---@param asked kit.KeysetQuery
---@param fn fun(row: table): boolean? false stops
---@return integer? count
---@return kit.Error? err
function Keyset:each(asked, fn)
  local part = { filters = asked.filters, sort = asked.sort, limit = 500, cursor = asked.cursor }
  local count = 0
  repeat
    local rows, cursor = self:page(part)
    if not rows then return nil, cursor end
    for _, row in ipairs(rows) do
      count = count + 1
      if fn(row) == false then return count end
    end
    part.cursor = cursor
  until not cursor
  return count
end

return Keyset
