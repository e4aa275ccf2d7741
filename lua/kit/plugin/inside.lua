--- The host's side of a plugin's own state: loaded there beside the plugin's files, never required by the product. A function of a
--- plugin runs as a coroutine; what it asks of the platform (rows, a request to the net) it yields, and the host answers with the
--- next call. So the author writes straight code:
---
---   local rules = {}
---   function rules.on_move(ctx, event)
---     local row = ctx.db.row("owner_of", event.id)
---     ctx.jobs.enqueue("send", { id = row.id })
---   end
---   return rules
local create, resume, yield, status = coroutine.create, coroutine.resume, coroutine.yield, coroutine.status
local format, gsub, concat = string.format, string.gsub, table.concat
local inside = {}

local threads, count = {}, 0

-- ---- what a plugin may ask

-- Failures of the outside world come back as nil, {code, text}, as everywhere in the platform.
local function ask(request)
  local answer = yield(request)
  if answer.error then return nil, answer.error end
  return answer.value
end

local function asker(op)
  return function(name, ...)
    return ask({ op = op, name = name, args = { ... }, n = select("#", ...) })
  end
end

local db = { rows = asker("rows"), row = asker("row"), exec = asker("exec") }
local http = { fetch = function(request) return ask({ op = "fetch", request = request }) end }
local jobs = { enqueue = function(name, payload, options) return ask({ op = "enqueue", name = name, payload = payload, options = options }) end }
local outbox = { emit = function(topic, key, payload) return ask({ op = "emit", name = topic, key = key, payload = payload }) end }
local function log(text, fields) return ask({ op = "log", name = tostring(text), payload = fields }) end

local function make_ctx(given)
  local rights = given.rights or {}
  given.db, given.http, given.jobs, given.outbox, given.log = db, http, jobs, outbox, log
  function given.may(name) return rights[name] == true end
  return given
end

-- ---- views: the text of the page is made here, too, under the same limits

local MARKUP = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }
local function escape(value) return (gsub(tostring(value), "[&<>\"']", MARKUP)) end

local Buffer = {}
Buffer.__index = Buffer
-- Literals and values in turn, as compiled templates have them.
function Buffer:w(...)
  for i = 1, select("#", ...) do
    local value = (select(i, ...))
    if value ~= nil then self[#self + 1] = i % 2 == 1 and tostring(value) or escape(value) end
  end
end

local MONTHS = { "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря" }

--- What templates of plugins may call, beside what Lua itself offers.
local helpers = { ipairs = ipairs, pairs = pairs, tostring = tostring, tonumber = tonumber, type = type, math = math }
function helpers.date(value)
  local year, month, day = tostring(value or ""):match("^(%d%d%d%d)%-(%d%d)%-(%d%d)")
  return year and format("%d %s %s", tonumber(day), MONTHS[tonumber(month)] or month, year) or ""
end
function helpers.number(value)
  local text = format("%.10g", tonumber(value) or 0)
  return (gsub(text, "%.", ","))
end
function helpers.plural(n, one, few, many)
  local tens, units = n % 100, n % 10
  local form = many
  if units == 1 and tens ~= 11 then form = one
  elseif units >= 2 and units <= 4 and (tens < 12 or tens > 14) then form = few end
  return (gsub(form, "%%s", tostring(n)))
end
local TONES = { ok = true, info = true, warn = true, bad = true, neu = true }
function helpers.chip(text, tone) return format('<span class="chip plain %s">%s</span>', TONES[tone] and tone or "neu", escape(text)) end
function helpers.__link(value) return tostring(value) end
function helpers.attr(map)
  local parts = {}
  for name, value in pairs(map) do
    if value == true then parts[#parts + 1] = " " .. name
    elseif value then parts[#parts + 1] = format(' %s="%s"', name, escape(value)) end
  end
  table.sort(parts)
  return concat(parts)
end

local function render(view, it)
  local buffer = setmetatable({}, Buffer)
  require((gsub(view, "/", ".")))(helpers)(buffer, it or {})
  return concat(buffer)
end

-- ---- running

local function find(name)
  local module, fn = name:match("^(.*)%.([^.]+)$")
  local loaded = require(module)
  return type(loaded) == "table" and loaded[fn] or nil
end

local function step(id, answer)
  local thread = threads[id]
  if not thread then error("this call has ended") end
  local ok, value, err = resume(thread, answer)
  if status(thread) ~= "dead" then return { id = id, ask = value } end
  threads[id], count = nil, count - 1
  if not ok then error(value, 0) end
  return { done = true, value = value, err = err }
end

--- Begins a call: {fn, ctx, input, view}. Returns {done, value, err}, or {id, ask}: to be answered by go_on().
function inside.start(call)
  local fn = find(call.fn)
  if type(fn) ~= "function" then error(format("нет функции %s", call.fn), 0) end
  local ctx = make_ctx(call.ctx)
  local id = call.id
  threads[id], count = create(function()
    local value, err = fn(ctx, call.input)
    if call.view and not err and type(value) == "table" then value = { html = render(call.view, value) } end
    return value, err
  end), count + 1
  return step(id)
end

function inside.go_on(call) return step(call.id, call.answer) end

--- Whoever waited has gone.
function inside.forget(call)
  if threads[call.id] then threads[call.id], count = nil, count - 1 end
  return count
end

--- Which of these functions are not there.
function inside.missing(call)
  local missing = {}
  for _, name in ipairs(call.names) do
    if type(find(name)) ~= "function" then missing[#missing + 1] = name end
  end
  return missing
end

return inside
