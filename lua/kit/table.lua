--- Lists for people: filters, order and page kept in the URL; export to CSV and XLSX. Works over a kit.keyset list.
---
---   local INBOX = list.new({
---     keyset = store.LIST, schema = fields.LIST,              -- filters of the schema named as those of the keyset
---     columns = { { key = "number", label = "Номер", sort = "newest" }, { key = "state", label = "Состояние",
---       value = function(row) return workflow.state("application", row.state).label end } },
---   })
---   local found, err = INBOX:read(request.query_all, { organization_id = 7 })
---   -- found: rows, next_cursor, count («1 000+»), columns with sort links, chosen filters, query
---   return INBOX:csv("Заявки", request.query_all, scope)
local core_db = require("core.db")
local csv = require("kit.csv")
local file = require("kit.file")
local files = require("core.files")
local form = require("kit.form")
local job = require("kit.job")
local respond = require("kit.respond")
local russian = require("kit.russian")
local sheet = require("core.sheet")
local urls = require("kit.urls")
local List = {}
List.__index = List

local MAX_DIRECT_ROWS = 5000 -- larger exports are jobs
local SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
local PAGING = { sort = true, limit = true, cursor = true }

---@class kit.Column
---@field key string
---@field label string
---@field sort string? name of the keyset's sort
---@field value (fun(row: table): any)? default: row[key]
---@field width number? of the XLSX column

---@param definition {keyset: kit.Keyset, schema: kit.Field[], columns: kit.Column[], path: string?}
function List.new(definition)
  return setmetatable(definition, List)
end

-- Lists become arrays of PostgreSQL; empty ones mean "any".
local function filter_value(value)
  if type(value) ~= "table" then return value end
  if #value == 0 then return nil end
  return core_db.array(value)
end

--- The keyset question of a query: checked values of the schema plus what the user's scope adds.
---@param query_all table
---@param scope table<string, any>? filters that the user cannot change
---@return table? asked {filters, sort, cursor, limit, input}
---@return kit.Error? err
function List:ask(query_all, scope)
  local input, err = form.parse(self.schema, query_all)
  if not input then return nil, err end
  local filters = {}
  for _, field in ipairs(self.schema) do
    if not PAGING[field.name] then filters[field.name] = filter_value(input[field.name]) end
  end
  for name, value in pairs(scope or {}) do filters[name] = value end
  return { filters = filters, sort = input.sort, cursor = input.cursor, limit = input.limit, input = input }
end

--- «1 000+».
---@param count integer
---@param is_capped boolean
---@return string
function List.count_words(count, is_capped)
  return russian.number(count) .. (is_capped and "+" or "")
end

-- Links of the column heads: a second click turns the order round.
local function heads(self, asked, query_all)
  local current = asked.sort or self.keyset.definition.default
  local bare, columns = current:gsub("^%-", ""), {}
  for i, column in ipairs(self.columns) do
    local head = { key = column.key, label = column.label }
    if column.sort then
      local is_current = column.sort == bare
      local is_descending = self.keyset.definition.sorts[column.sort].desc or false
      if is_current and current ~= bare then is_descending = not is_descending end
      head.dir = is_current and (is_descending and "desc" or "asc") or nil
      head.sort = urls.with(self.path or "", query_all,
        { sort = is_current and current == bare and "-" .. bare or column.sort, cursor = false })
    end
    columns[i] = head
  end
  return columns
end

local function label_of(field, value)
  for _, option in ipairs(field.options or {}) do
    if type(option) == "table" and option.value == value then return option.label end
  end
  return value
end

local function without(query_all, name, value)
  local rest = {}
  for key, values in pairs(query_all) do
    local kept = {}
    for _, item in ipairs(values) do
      if not (key == name and item == value) and key ~= "cursor" then kept[#kept + 1] = item end
    end
    if #kept > 0 then rest[key] = kept end
  end
  return rest
end

-- Active filters as removable chips.
local function chips(self, query_all)
  local chosen = {}
  for _, field in ipairs(self.schema) do
    for _, value in ipairs(not PAGING[field.name] and query_all[field.name] or {}) do
      if value ~= "" then
        chosen[#chosen + 1] = { label = ("%s: %s"):format(field.label, label_of(field, value)),
          href = urls.with(self.path or "", without(query_all, field.name, value)) }
      end
    end
  end
  return chosen
end

--- A page of the list with all that its view shows.
---@param query_all table
---@param scope table<string, any>?
---@return table? found {rows, next_cursor, next, count, is_capped, total, columns, chosen, input, query}
---@return kit.Error? err
function List:read(query_all, scope)
  local asked, err = self:ask(query_all, scope)
  if not asked then return nil, err end
  local rows, next_cursor = self.keyset:page(asked)
  if not rows then return nil, next_cursor end
  local count, is_capped = self.keyset:count(asked.filters)
  return {
    rows = rows, next_cursor = next_cursor, count = count, is_capped = is_capped, total = List.count_words(count, is_capped),
    next = next_cursor and urls.with(self.path or "", query_all, { cursor = next_cursor }) or nil,
    columns = heads(self, asked, query_all), chosen = chips(self, query_all), input = asked.input, query = query_all,
  }
end

local function cells(columns, row)
  local values = {}
  for i, column in ipairs(columns) do
    local value
    if column.value then value = column.value(row) else value = row[column.key] end
    values[i] = value == nil and "" or value
  end
  return values
end

local function labels(columns)
  local list = {}
  for i, column in ipairs(columns) do list[i] = column.label end
  return list
end

--- The whole list as CSV for Excel, streamed: nothing is held but a page.
---@param title string file name without extension
---@param query_all table
---@param scope table<string, any>?
---@return kit.Response? response
---@return kit.Error? err
function List:csv(title, query_all, scope)
  local asked, err = self:ask(query_all, scope)
  if not asked then return nil, err end
  return self:csv_of(title, asked)
end

--- The same for a question that is made already.
---@param asked table of List:ask()
---@return kit.Response
function List:csv_of(title, asked)
  asked.cursor = nil
  local function write_all(write)
    write(csv.BOM .. csv.line(labels(self.columns)))
    self.keyset:each(asked, function(row)
      return (write(csv.line(cells(self.columns, row)))) and true or false
    end)
  end
  return respond.stream("text/csv; charset=utf-8", write_all, {
    ["content-disposition"] = respond.disposition(title .. ".csv"),
  })
end

--- Writes the list as XLSX and keeps it as a file. For jobs and for short lists.
---@param title string
---@param asked table of List:ask()
---@return table stored row of file_object
function List:write_xlsx(title, asked)
  local path = files.temp("export.xlsx")
  local columns = {}
  for i, column in ipairs(self.columns) do columns[i] = { title = column.label, width = column.width } end
  local writer = sheet.open(path, columns)
  local done = 0
  self.keyset:each({ filters = asked.filters, sort = asked.sort }, function(row)
    writer:row(cells(self.columns, row))
    done = done + 1
    if done % 500 == 0 then job.progress(done, math.max(done, asked.total or 0)) end
    return not job.is_stopping()
  end)
  writer:close()
  return file.keep(title .. ".xlsx", SHEET, path)
end

--- XLSX: at once when the list is short, otherwise by a job of kind `job_kind`, whose handler calls write_xlsx().
---@param title string
---@param query_all table
---@param scope table<string, any>?
---@param job_kind string
---@param user kit.User
---@return kit.Response? response the file, or 303 to the page of the job
---@return kit.Error? err
function List:xlsx(title, query_all, scope, job_kind, user)
  local asked, err = self:ask(query_all, scope)
  if not asked then return nil, err end
  return self:xlsx_of(title, asked, query_all, job_kind, user)
end

--- The same for a question that is made already; the job asks query_all anew.
---@param asked table of List:ask()
---@return kit.Response
function List:xlsx_of(title, asked, query_all, job_kind, user)
  local count, is_capped = self.keyset:count(asked.filters, MAX_DIRECT_ROWS)
  if not is_capped then
    asked.total = count
    return respond.file(self:write_xlsx(title, asked))
  end
  local id = job.enqueue(job_kind, {
    title = title, query = query_all, user_id = user.id, grant_id = user.grant and user.grant.id,
  }, { priority = 200, max_attempts = 2 })
  return respond.redirect("/cabinet/jobs/" .. id, { notice = "Файл готовится: список велик. Мы сообщим, когда он будет готов.", tone = "info" })
end

return List
