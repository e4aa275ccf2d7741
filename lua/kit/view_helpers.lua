--- What templates may call. Everything that returns markup escapes its own arguments.
local clock = require("core.clock")
local csrf = require("kit.csrf")
local locale = require("kit.locale")
local log = require("core.log")
local russian = require("kit.russian")
local text = require("core.text")
local urls = require("kit.urls")
local why = require("kit.why")
local helpers = {}

local escape = text.escape

-- ---- words

--- A text of lua/locale. Histories ask for "audit.<machine>.<action>": the label of the transition stands in for it.
--- What nobody has worded shows its key, and the log says so.
function helpers.t(key, values)
  if locale.find(key) then return locale.text(key, values) end
  local machine, action = key:match("^audit%.([%w_]+)%.([%w_]+)$")
  local label = machine and require("kit.workflow").label(machine, action)
  if label then return label end
  log.warn("no text", { key = key })
  return key
end


--- A date in words; without a style «23 ноября», and the year when it is not the present one.
function helpers.date(value, style)
  if not style and value then style = value:sub(1, 4) == clock.date():sub(1, 4) and "day" or "long" end
  return russian.date(value, style)
end

helpers.time = russian.time
helpers.datetime = russian.datetime
helpers.number = russian.number
helpers.plural = russian.plural
helpers.money = russian.money
helpers.size = russian.size
helpers.minutes = russian.minutes
helpers.period = russian.period
helpers.weekday = russian.weekday_name
helpers.initials = russian.initials
helpers.full_name = russian.full_name
helpers.snils = russian.snils
helpers.phone = russian.phone

local function now()
  return clock.local_time(clock.now())
end

--- «5 минут назад».
function helpers.ago(moment)
  return moment and russian.ago(moment, now()) or ""
end

--- «осталось 4 дня», tone.
function helpers.left(due)
  if not due then return "", "" end
  return russian.left(due, now())
end

--- Why a button may not be pressed: the right that it needs and who has it.
helpers.why = why.sentence

-- ---- addresses

helpers.url = urls.with

local assets, icons = {}, {}

--- Names of the built files: {"app.css": "app.3f2a….css"}. At load.
---@param manifest table<string, string>
function helpers.__use_assets(manifest)
  assets, icons = {}, {}
  for name, hashed in pairs(manifest) do assets[name] = "/a/" .. hashed end
end

--- All names and addresses as one text, the same for the same set: compiled templates hold addresses.
---@return string
function helpers.__assets_text()
  local lines = {}
  for name, address in pairs(assets) do lines[#lines + 1] = name .. " " .. address end
  table.sort(lines)
  return table.concat(lines, "\n")
end

--- Address of a built file.
---@param name string
---@return string
function helpers.asset(name)
  return assets[name] or "/a/" .. name
end

-- ---- markup

--- An icon of the sprite. Decorative: the word stands beside it.
---@param name string
---@return string
function helpers.icon(name)
  if not name then return "" end
  local made = icons[name]
  if not made then
    made = ('<svg class="i" aria-hidden="true"><use href="%s#%s"/></svg>'):format(helpers.asset("icons.svg"), escape(name))
    icons[name] = made
  end
  return made
end

--- The chip of a state: colour, icon, word.
---@param machine string
---@param state string
---@return string
function helpers.chip(machine, state)
  local found = require("kit.workflow").state(machine, state)
  return found.chip or helpers.chip_markup(found)
end

---@param state {label: string, tone: string, icon: string?}
---@return string
function helpers.chip_markup(state)
  return ('<span class="chip %s%s">%s%s</span>'):format(escape(state.tone or "neu"), state.icon and "" or " plain",
    helpers.icon(state.icon), escape(state.label))
end

local PLAIN, ADDRESS = 1, 2
local attribute_kinds = {} -- names are few and come from our own templates

local function attribute_kind(name)
  if not name:find("^[%a_][%w_:%.%-]*$") or name:find("^[oO][nN]") or name:lower() == "style" then
    error("attribute " .. tostring(name) .. " is not for views", 3)
  end
  local kind = urls.is_address(name) and ADDRESS or PLAIN
  attribute_kinds[name] = kind
  return kind
end

local function attribute(name, value)
  local kind = attribute_kinds[name] or attribute_kind(name)
  if kind == ADDRESS then value = urls.safe(value) end
  if value == true then return " " .. name end
  return " " .. name .. '="' .. escape(tostring(value)) .. '"'
end

--- Attributes, each with a space before: true → name alone, false and nil → nothing. Names in order of the alphabet.
---@param map table<string, any>
---@return string
function helpers.attr(map)
  local names, n = {}, 0
  for name, value in pairs(map) do
    if value ~= false and value ~= nil then
      n = n + 1
      names[n] = name
    end
  end
  if n == 0 then return "" end
  if n > 1 then table.sort(names) end
  for i = 1, n do names[i] = attribute(names[i], map[names[i]]) end
  return n == 1 and names[1] or table.concat(names)
end

--- Text of several lines: escaped, line breaks kept.
---@param value string?
---@return string
function helpers.lines(value)
  return value and (escape(value):gsub("\r?\n", "<br>")) or ""
end

--- Markup made by us, not by people: stands out in a search.
function helpers.raw(value)
  return value or ""
end

-- ---- what compiled templates call

function helpers.__csrf_field(ctx)
  local token = ctx.id and csrf.token(ctx)
  return token and '<input type="hidden" name="_csrf" value="' .. token .. '">' or ""
end

function helpers.__hx(ctx)
  return ' hx-nonce="' .. ctx.nonce .. '"'
end

helpers.__link = urls.safe

return helpers
