--- Follows HTML text so that the view compiler knows where an interpolation stands. States:
---   text · tag (between attributes) · value (inside quotes) · unquoted (after "name=") · raw (inside script or style) · comment
--- Feed literal pieces in order; interpolations leave the state as it is.
local Scanner = {}
Scanner.__index = Scanner

local RAW = { script = true, style = true }

--- `state`: where the file begins, "text" or "tag" (a file of attributes).
function Scanner.new(state)
  return setmetatable({ state = state or "text", tag = nil, attribute = nil, quote = nil, value = "" }, Scanner)
end

local steps = {}

function steps.text(scanner, html, at)
  local open = html:find("<", at, true)
  if not open then return #html + 1 end
  if html:sub(open, open + 3) == "<!--" then
    scanner.state = "comment"
    return open + 4
  end
  local _, stop, name = html:find("^<(/?[%a][%w%-]*)", open)
  if not name then
    local bang = html:match("^<!%a", open)
    if bang then
      scanner.state, scanner.tag = "tag", "!"
      return open + 2
    end
    return open + 1
  end
  scanner.state, scanner.tag = "tag", name:lower()
  return stop + 1
end

function steps.comment(scanner, html, at)
  local _, stop = html:find("-->", at, true)
  if not stop then return #html + 1 end
  scanner.state = "text"
  return stop + 1
end

function steps.raw(scanner, html, at)
  local start = html:lower():find("</" .. scanner.tag, at, true)
  if not start then return #html + 1 end
  scanner.state = "text"
  return start
end

function steps.tag(scanner, html, at)
  local _, stop = html:find("^%s+", at)
  if stop then return stop + 1 end
  if html:find("^/?>", at) then
    local is_raw = RAW[scanner.tag] and html:byte(at) == 62
    scanner.state = is_raw and "raw" or "text"
    return html:find(">", at, true) + 1
  end
  local name
  _, stop, name = html:find("^([^%s=>/\"']+)", at)
  if not name then return at + 1 end
  scanner.attribute = name:lower()
  local _, equals = html:find("^%s*=", stop + 1)
  if not equals then return stop + 1 end
  scanner.state, scanner.value = "unquoted", ""
  return equals + 1
end

function steps.unquoted(scanner, html, at)
  local quote = html:match("^%s*([\"'])", at)
  if quote and scanner.value == "" then
    scanner.state, scanner.quote = "value", quote
    return html:find(quote, at, true) + 1
  end
  local stop = html:find("[%s>]", at) or #html + 1
  scanner.value = scanner.value .. html:sub(at, stop - 1)
  if stop <= #html then scanner.state = "tag" end
  return stop
end

function steps.value(scanner, html, at)
  local close = html:find(scanner.quote, at, true)
  scanner.value = scanner.value .. html:sub(at, (close or #html + 1) - 1)
  if not close then return #html + 1 end
  scanner.state = "tag"
  return close + 1
end

--- Moves over a literal piece. `on_attribute(name, tag)` is called for each attribute that begins.
---@param html string
---@param on_attribute fun(name: string, tag: string)?
function Scanner:feed(html, on_attribute)
  local at = 1
  while at <= #html do
    local before = self.attribute
    self.attribute = self.state == "tag" and nil or before
    at = steps[self.state](self, html, at)
    if self.attribute and self.attribute ~= before and on_attribute then on_attribute(self.attribute, self.tag) end
    if not self.attribute and (self.state == "value" or self.state == "unquoted") then self.attribute = before end
  end
end

--- An interpolation stands here: what follows is not the beginning of the value any more.
function Scanner:mark_value()
  if self.state == "value" or self.state == "unquoted" then self.value = self.value .. "\0" end
end

return Scanner
