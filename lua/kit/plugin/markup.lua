--- Markup that a plugin made, looked at before it joins a page of ours. Strict on purpose: what is not plainly harmless and well formed
--- is refused as a whole, and the place on the page stays empty. Forms lead to the plugin's own addresses and get our CSRF field.
---
---   local html, reason = markup.check(text, { id = "consumables", csrf = "<input …>" })
local text = require("core.text")
local markup = {}

local MAX_DEPTH = 24

local function set_of(words)
  local set = {}
  for word in words:gmatch("%S+") do set[word] = true end
  return set
end

local TAGS = set_of([[div span p h2 h3 h4 ul ol li strong em small br hr table thead tbody tfoot tr th td caption a form input select
  option button label textarea section dl dt dd time fieldset legend]])
local VOID = set_of("br hr input")
local ATTRIBUTES = set_of([[class id title role scope colspan rowspan href method action name value type min max step required
  placeholder for checked selected disabled rows cols maxlength inputmode datetime data-l data-form autocomplete]])
local INPUT_TYPES = set_of("text number date time checkbox radio search email hidden")
local BUTTON_TYPES = set_of("submit reset")

local function fail(reason, ...) error({ reason = reason:format(...) }, 0) end

local checks = {}

function checks.href(value) return text.link(value) == value and value ~= "" end
function checks.action(value, own)
  return value == own.page or value:sub(1, #own.page + 1) == own.page .. "/"
end
function checks.method(value) return value == "post" or value == "get" end
function checks.type(value, _, tag)
  if tag == "button" then return BUTTON_TYPES[value] end
  return tag == "input" and INPUT_TYPES[value]
end
-- Ids of a page are ours; those of a plugin carry its name. The same goes for what a form sends as ours.
function checks.id(value, own) return value:sub(1, #own.prefix) == own.prefix end
checks["for"] = checks.id
function checks.name(value) return value:sub(1, 1) ~= "_" end



local ENTITIES = { amp = "&", quot = '"', lt = "<", gt = ">", ["#39"] = "'" }

-- What the browser makes of a value; other entities than ours hide something.
local function plain(value)
  return (value:gsub("&([#%w]*);?", function(name) return ENTITIES[name] or fail("&%s; здесь не разрешено", name) end))
end

local function check_attribute(tag, name, value, own)
  if not (ATTRIBUTES[name] or name:find("^aria%-[a-z]+$")) then fail("атрибут %s у <%s> не разрешён", name, tag) end
  local check = checks[name]
  if check and not check(plain(value), own, tag) then fail("%s=\"%s\" у <%s> не разрешено", name, value:sub(1, 80), tag) end
end

local function read_attributes(body, tag, own)
  local at, seen = 1, {}
  while true do
    at = body:match("^%s*()", at)
    if at > #body then return seen end
    local name, stop = body:match("^([a-z][a-z%-]*)()", at)
    if not name then fail("не разобрать <%s %s>", tag, body:sub(at, at + 40)) end
    local value, after = body:match('^="([^"<>]*)"()', stop)
    if seen[name] then fail("атрибут %s у <%s> стоит дважды", name, tag) end
    check_attribute(tag, name, value or "", own)
    seen[name] = value or ""
    at = after or stop
  end
end

local function add_form(out, attributes, own)
  if attributes.method == "get" then return end
  if attributes.method ~= "post" or not attributes.action then fail("<form> нужны method и action") end
  out[#out + 1] = own.csrf or ""
end

local function open_tag(out, open, tag, body, own)
  if not TAGS[tag] then fail("элемент <%s> не разрешён", tag) end
  local attributes = read_attributes(body, tag, own)
  out[#out + 1] = "<" .. tag .. body .. ">"
  if tag == "form" then add_form(out, attributes, own) end
  if VOID[tag] then return end
  if #open == MAX_DEPTH then fail("слишком глубокая вложенность") end
  open[#open + 1] = tag
end

local function run(html, own)
  local out, open, at = {}, {}, 1
  while true do
    local start = html:find("<", at, true)
    out[#out + 1] = html:sub(at, (start or 0) - 1)
    if not start then break end
    local slash, tag, body, stop = html:match("^<(/?)([a-z][a-z0-9]*)([^<>]*)>()", start)
    if not tag then fail("не разобрать «%s»", html:sub(start, start + 40)) end
    if slash == "" then
      open_tag(out, open, tag, body, own)
    else
      if open[#open] ~= tag then fail("</%s> без своего <%s>", tag, tag) end
      open[#open] = nil
      out[#out + 1] = "</" .. tag .. ">"
    end
    at = stop
  end
  if #open > 0 then fail("<%s> не закрыт", open[#open]) end
  return table.concat(out)
end

--- The same markup, or nil and why it may not be shown.
---@param html string
---@param own {id: string, csrf: string?}
---@return string? html
---@return string? reason
function markup.check(html, own)
  if not text.is_valid(html) then return nil, "текст не в UTF-8" end
  local mine = { page = "/cabinet/x/" .. own.id, prefix = "x-" .. own.id, csrf = own.csrf }
  local ok, result = pcall(run, html, mine)
  if ok then return result end
  if type(result) == "table" and result.reason then return nil, result.reason end
  error(result, 0)
end

return markup
