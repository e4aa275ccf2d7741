--- Search over everything public.
local content = require("domain.content")
local errors = require("kit.errors")
local fields = require("domain.search.fields")
local programs = require("domain.programs")
local russian = require("kit.russian")
local store = require("domain.search.store")
local text = require("core.text")
local service = {}

local FIRST, PAGE = 4, 20
local MARKS = { ["\u{E000}"] = "<mark>", ["\u{E001}"] = "</mark>" }
local SHORTEST = 2

-- Escaped text with its highlights as elements.
local function marked(value)
  return (text.escape(value or ""):gsub("\u{E000}", MARKS["\u{E000}"]):gsub("\u{E001}", MARKS["\u{E001}"]))
end
local function plain(value) return ((value or ""):gsub("\u{E000}", ""):gsub("\u{E001}", "")) end

local subs = {}
function subs.programs(row)
  return table.concat({ programs.KINDS[row.kind] or row.kind, russian.plural(row.hours_total, "%s час", "%s часа", "%s часов"), row.organization }, " · ")
end
function subs.pages(row) return row.dated_on and russian.date(row.dated_on, "long") or nil end

local function present(kind, row)
  local href = row.href or content.path_of(row)
  return { id = row.id, kind = kind, title_html = marked(row.title), title = plain(row.title), excerpt_html = marked(text.trim(row.excerpt or "")),
    excerpt = plain(text.trim(row.excerpt or "")), href = href, sub = subs[kind] and subs[kind](row) or row.sub, cursor = row.rank .. "~" .. row.id }
end

local function page(kind, words, rank, id, limit)
  local rows = store.find(kind, words, rank, id, limit)
  local more = #rows > limit
  rows[limit + 1] = nil
  local items = {}
  for index, row in ipairs(rows) do items[index] = present(kind, row) end
  return items, more
end

local function cursor_of(cursor)
  if not cursor then return nil, nil end
  local rank, id = cursor:match("^(%d+)~(%d+)$")
  rank, id = rank and #rank <= 9 and math.tointeger(tonumber(rank)), id and #id <= 18 and math.tointeger(tonumber(id))
  if not rank or not id then
    return nil, nil, errors.invalid("cursor", "bad_cursor", "Ссылка на продолжение списка не подходит. Откройте поиск сначала.")
  end
  return rank, id
end

--- Without `in`: the first rows of every kind; with it: a page of that kind.
---@param input table values of fields.SEARCH
---@return table? found {groups = { {id, label, icon, items, more} }, next_cursor, is_short}
---@return kit.Error? err
function service.find(input)
  local words = text.trim(input.q or "")
  if text.len(words) < SHORTEST then return { groups = {}, is_short = words ~= "" } end
  local rank, id, err = cursor_of(input.cursor)
  if err then return nil, err end
  local groups, next_cursor = {}, nil
  for _, kind in ipairs(fields.KINDS) do
    if not input["in"] or input["in"] == kind.id then
      local items, more = page(kind.id, words, input["in"] and rank, input["in"] and id, input["in"] and (input.limit or PAGE) or FIRST)
      if input["in"] and more then next_cursor = items[#items].cursor end
      if #items > 0 then groups[#groups + 1] = { id = kind.id, label = kind.label, icon = kind.icon, items = items, more = more } end
    end
  end
  return { groups = groups, next_cursor = next_cursor }
end

return service
