--- The catalogue: finding a programme, and its page. Public: nothing here depends on who asks.
local clock = require("core.clock")
local db = require("core.db")
local errors = require("kit.errors")
local fields = require("domain.programs.fields")
local store = require("domain.programs.store")
local service = {}

local PAGE_SIZE = 24
local BIGINT_MAX = 9223372036854775807

local function list_of(values, labels)
  if not values or #values == 0 then return nil end
  local known = {}
  for _, value in ipairs(values) do
    if not labels or labels[value] then known[#known + 1] = value end
  end
  return db.array(known)
end

-- Positions are those of the parameters $1…$8 of the store.
local function filter_of(input)
  local text = input.q
  if text == "" then text = nil end
  return {
    text,
    list_of(input.competence),
    list_of(input.kind, fields.KINDS),
    list_of(input.form, fields.FORMS),
    list_of(input.price, fields.PRICES),
    list_of(input.shift, fields.SHIFTS),
    list_of(input.length, fields.LENGTHS),
    list_of(input.organization),
  }
end

local function cursor_of(input)
  if not input.cursor then return nil, nil end
  local key, id = input.cursor:match("^(.*)~(%d+)$")
  id = math.tointeger(tonumber(id))
  if not id or id > BIGINT_MAX then
    return nil, nil, errors.invalid("cursor", "bad_cursor", "Ссылка на продолжение списка не подходит. Откройте список сначала.")
  end
  return key, id
end

local function facet_groups(rows)
  local found = {}
  for _, row in ipairs(rows) do
    found[row.facet] = found[row.facet] or {}
    table.insert(found[row.facet], row)
  end
  return found, found.total and found.total[1].n or 0
end

-- Counts of facets read every offer of the region, and all who come to the catalogue see the same: they may be a few seconds
-- old. Sets of filters are kept without a text only, since texts have no end.
local FACETS_KEPT_S, FACETS_KEPT = 5, 200
local kept, kept_count = {}, 0

local function keep(key, facets, total)
  if kept_count >= FACETS_KEPT then kept, kept_count = {}, 0 end
  if not kept[key] then kept_count = kept_count + 1 end
  kept[key] = { facets = facets, total = total, until_s = clock.now() + FACETS_KEPT_S }
end

local function facets_of(filter)
  if filter[1] then return facet_groups(store.facets(filter)) end
  local parts = {}
  for i = 2, 8 do parts[i - 1] = filter[i] or "" end
  local key = table.concat(parts, ";")
  local found = kept[key]
  local now = clock.now()
  if found and found.until_s > now then return found.facets, found.total end
  if found then found.until_s = now + FACETS_KEPT_S end -- one request counts anew, the others take what there is
  local facets, total = facet_groups(store.facets(filter))
  keep(key, facets, total)
  return facets, total
end

--- One page of the catalogue with its facets.
---@param input table values of fields.LIST
---@return table? result {total, facets = {[id] = rows}, cards, next_cursor}
---@return kit.Error? err
function service.find(input)
  local key, id, err = cursor_of(input)
  if err then return nil, err end
  local filter = filter_of(input)
  local facets, total = facets_of(filter)
  local limit = input.limit or PAGE_SIZE
  local cards = store.cards(filter, input.sort or "start", key, id, limit)
  local next_cursor
  if #cards > limit then
    cards[#cards] = nil
    next_cursor = cards[#cards].cursor
  end
  return { total = total, facets = facets, cards = cards, next_cursor = next_cursor }
end

--- Cards alone, without counting facets: for other pages.
---@param input table values of fields.LIST
---@param limit integer
function service.cards(input, limit)
  local cards = store.cards(filter_of(input), "start", nil, nil, limit)
  cards[limit + 1] = nil
  return cards
end

--- The same list for the API.
---@return string? bytes JSON array
---@return string|kit.Error|nil next_cursor or the error
function service.find_json(input)
  local key, id, err = cursor_of(input)
  if err then return nil, err end
  local bytes, _, next_cursor = store.cards_json(filter_of(input), input.sort or "start", key, id, input.limit or PAGE_SIZE)
  return bytes, next_cursor
end

--- A published programme with its modules and the intakes open today.
---@param slug string? its address …
---@param id integer? … or its key
---@return table? program
---@return kit.Error? err
function service.get(slug, id)
  local program = store.find(slug, id)
  if not program then
    if store.is_withdrawn(slug, id) then return nil, errors.gone("Эта программа больше не предлагается. Посмотрите похожие в каталоге.") end
    local moved = slug and store.moved_to(slug)
    if moved then return nil, errors.moved("program", slug, "/programs/" .. moved) end
    return nil, errors.not_found("program", slug or id)
  end
  program.modules = program.current_version_id and store.modules(program.current_version_id) or {}
  program.intakes = store.open_intakes(program.id)
  return program
end

local SIMILAR = 3

--- Programmes of the same competences.
function service.similar(program)
  if #program.competences == 0 then return {} end
  return store.similar(program, SIMILAR)
end

return service
