--- Compiles a template to Lua source. Escape by default; what could break out of its place is refused at compile time.
---
---   <%= e %>  escaped · <%- e %>  markup made by us (part, icon, chip … or raw(e)) · <% code %> · <%# comment %>
---   <%@ layout public %> on the first line
---
--- The produced Lua keeps the lines of the template, so that faults name file and line. It is a function
--- (b, it, ctx): b core.buffer, it the data, ctx the request.
local Scanner = require("kit.html_scanner")
local template = {}

local MAX_ARGUMENTS = 100 -- Lua allows about 250 registers in a call

-- What may be written with <%- %>: helpers whose result is markup.
local MARKUP = {
  part = true, kept = true, icon = true, chip = true, csrf_field = true, content = true, attr = true, hx = true, raw = true,
  lines = true,
}
local URL_ATTRIBUTES = {
  href = true, src = true, action = true, formaction = true, poster = true, data = true, cite = true, ping = true,
  ["xlink:href"] = true, ["hx-get"] = true, ["hx-post"] = true, ["hx-put"] = true, ["hx-delete"] = true, ["hx-patch"] = true,
  ["data-href"] = true,
}

---@class kit.Template
---@field source string Lua
---@field layout string?

local function fail(name, line, text)
  error({ code = "template", file = name, line = line, text = text }, 0)
end

local function count_lines(text)
  local _, n = text:gsub("\n", "")
  return n
end

-- A string constant on one line.
local function quote(text)
  return (("%q"):format(text):gsub("\\\n", "\\n"):gsub("\r", "\\r"):gsub("\0", "\\0"))
end

-- ---- cutting into pieces: {kind = "text"|"="|"-"|"%"|"@", text, line}

local function close_of(source, at, name, line)
  local stop = source:find("%>", at, true)
  if not stop then fail(name, line, "<% without %>") end
  return stop
end

-- A statement or comment alone on its line takes the line with it.
local function trim_line(source, from, to)
  local before = from - 1
  while before >= 1 and source:find("^[ \t]", before) do before = before - 1 end
  local after = to + 1
  while source:find("^[ \t\r]", after) do after = after + 1 end
  local is_alone = (before == 0 or source:sub(before, before) == "\n") and (source:sub(after, after) == "\n")
  if is_alone then return before + 1, after end
  return from, to
end

local KINDS = { ["="] = true, ["-"] = true, ["#"] = true, ["@"] = true }

local function cut(source, name)
  local pieces, at, line = {}, 1, 1
  local function add(kind, text)
    if text ~= "" or kind ~= "text" then pieces[#pieces + 1] = { kind = kind, text = text, line = line } end
  end
  while true do
    local open = source:find("<%", at, true)
    if not open then break end
    local sign = source:sub(open + 2, open + 2)
    local kind = KINDS[sign] and sign or "%"
    local stop = close_of(source, open, name, line + count_lines(source:sub(at, open - 1)))
    local from, to = open, stop + 1
    if kind ~= "=" and kind ~= "-" then
      from, to = trim_line(source, open, stop + 1)
      if from < at then from = open end
    end
    add("text", source:sub(at, from - 1))
    line = line + count_lines(source:sub(at, from - 1))
    local body = source:sub(open + (kind == "%" and 2 or 3), stop - 1)
    -- Lines are kept by writing the removed line breaks into the Lua text.
    add(kind, body)
    pieces[#pieces].lines = count_lines(source:sub(from, to))
    pieces[#pieces].body_lines = count_lines(body)
    line = line + pieces[#pieces].lines
    at = to + 1
  end
  add("text", source:sub(at))
  return pieces
end

-- ---- writing Lua

local Writer = {}
Writer.__index = Writer

-- parts/…_attrs.html stand inside a tag.
local function new_writer(name, constants)
  local state = name:find("_attrs%.html$") and "tag" or "text"
  return setmetatable({
    name = name, out = {}, arguments = {}, count = 0, pending_lines = 0, state = state, constants = constants or {},
    scanner = Scanner.new(state),
  }, Writer)
end

function Writer:emit(text)
  self.out[#self.out + 1] = text
end

-- Arguments of __w, the buffer's w, come in pairs: literal, value. Constant text gathers until something else comes; markup made at run time
-- counts as literal.
function Writer:close_text()
  if not self.pending then return end
  local text = quote(self.pending) .. ("\n"):rep(self.pending_lines)
  self.pending, self.pending_lines = nil, 0
  self:push(text, true)
end

function Writer:push(text, is_literal)
  if self.count >= MAX_ARGUMENTS then self:emit_call() end
  if (self.count % 2 == 0) ~= is_literal then
    self.count = self.count + 1
    self.arguments[self.count] = '""'
  end
  self.count = self.count + 1
  self.arguments[self.count] = text
end

function Writer:emit_call()
  if self.count == 0 then return end
  self:emit(" __w(b," .. table.concat(self.arguments, ",") .. ");")
  self.arguments, self.count = {}, 0
end

function Writer:flush()
  self:close_text()
  self:emit_call()
end

function Writer:argument(text, is_literal)
  self:close_text()
  self:push(text, is_literal)
end

function Writer:constant(text)
  self.pending = (self.pending or "") .. text
end

function Writer:lines(n)
  if n == 0 then return end
  if self.pending then
    self.pending_lines = self.pending_lines + n
  elseif self.count > 0 then
    self.arguments[self.count] = self.arguments[self.count] .. ("\n"):rep(n)
  else
    self:emit(("\n"):rep(n))
  end
end

local function check_attribute(writer, line)
  return function(attribute)
    if attribute:find("^on%a") then fail(writer.name, line, "no " .. attribute .. "= in views: use a script of ours") end
    if attribute == "style" then fail(writer.name, line, "no style= in views: use a class") end
  end
end

function Writer:text(piece)
  self.scanner:feed(piece.text, check_attribute(self, piece.line))
  self:constant(piece.text)
  self:lines(count_lines(piece.text))
end

local function trim(text)
  return text:match("^%s*(.-)%s*$")
end

local function must_be_expression(writer, expression, line)
  if expression == "" then fail(writer.name, line, "empty <%= %>") end
  local ok, message = load("return " .. expression .. "\n", "=e", "t", {})
  if not ok then fail(writer.name, line, message:gsub("^e:%d+: ", "")) end
end

local function refuse_raw_place(writer, line)
  local state = writer.scanner.state
  if state == "raw" then fail(writer.name, line, "no interpolation inside <" .. writer.scanner.tag .. ">: use data attributes") end
  if state == "unquoted" then
    fail(writer.name, line, "put quotes around the value of " .. tostring(writer.scanner.attribute))
  end
end

-- icon("x") and asset("x") with a constant name are constants: made now, not on every page.
local function constant_of(writer, expression)
  local helper, name = expression:match('^([%a_]+)%s*%(%s*"([^"\\]*)"%s*%)$')
  local make = helper and writer.constants[helper]
  return make and make(name) or nil
end

function Writer:escaped(piece)
  local expression = trim(piece.text)
  must_be_expression(self, expression, piece.line)
  local constant = constant_of(self, expression)
  local value = "(" .. piece.text .. ")"
  refuse_raw_place(self, piece.line)
  local scanner = self.scanner
  if scanner.state == "tag" then fail(self.name, piece.line, "an escaped value cannot stand between attributes: use attr{}") end
  if scanner.state == "value" and URL_ATTRIBUTES[scanner.attribute] and scanner.value == "" then
    value = "__link" .. value
  end
  scanner:mark_value()
  if constant then return self:constant(constant) end
  self:argument(value, false)
end

-- part("x", {…}) alone goes straight into the buffer; so does the content of a layout.
local function direct_call(expression)
  if expression == "content" then return "__content(b, it, ctx);" end
  local inner = expression:match("^part%s*(%b())$")
  if inner then return "__part(b, ctx, " .. inner:sub(2) .. ";" end
  return nil
end

-- it.html, item.state_html: markup made by a part or a helper before.
local function is_markup_field(expression)
  return expression:find("^[%a_][%w_%.]*$") ~= nil and (expression:find("html$") or expression:find("%.chip$")) ~= nil
end

function Writer:markup(piece)
  local expression = trim(piece.text)
  must_be_expression(self, expression, piece.line)
  local helper = expression:match("^([%a_][%w_]*)%s*[({\"']") or expression:match("^([%a_][%w_]*)$")
  if not MARKUP[helper] and not is_markup_field(expression) then
    fail(self.name, piece.line, "<%- %> takes part, kept, icon, chip, attr, csrf_field …, fields named …html; raw(…) for other markup of ours")
  end
  refuse_raw_place(self, piece.line)
  local state = self.scanner.state
  if state == "value" then fail(self.name, piece.line, "no raw markup inside an attribute") end
  if helper ~= "part" and (state == "tag") ~= (helper == "attr" or helper == "hx") then
    fail(self.name, piece.line, "attr{} and hx stand between attributes, other markup in the text")
  end
  local direct = direct_call(expression)
  if direct then
    self:flush()
    self:emit(" " .. direct .. ("\n"):rep(piece.lines))
    piece.lines = 0
    return
  end
  local constant = constant_of(self, expression)
  if constant then return self:constant(constant) end
  self:argument("(" .. piece.text .. ")", true)
end

function Writer:code(piece)
  self:flush()
  self:emit(" " .. piece.text .. " ")
  piece.lines = piece.lines - piece.body_lines
end

local function read_layout(piece, name)
  local layout = trim(piece.text):match("^layout%s+([%w_/%-]+)$")
  if not layout then fail(name, piece.line, "<%@ layout NAME %> expected") end
  return layout
end

function Writer:piece(piece)
  if piece.kind == "text" then return self:text(piece) end
  if piece.kind == "=" then
    self:escaped(piece)
    piece.lines = piece.lines - piece.body_lines
  elseif piece.kind == "-" then
    local before = piece.lines
    self:markup(piece)
    if piece.lines == before then piece.lines = piece.lines - piece.body_lines end
  elseif piece.kind == "%" then
    self:code(piece)
  elseif piece.kind == "@" then
    self.layout = read_layout(piece, self.name)
  end
  self:lines(piece.lines)
end

-- Values of the request that a template names become locals; the others cost nothing.
local LOCALS = {
  { "user", "ctx.user" }, { "nonce", "ctx.nonce" }, { "q", "ctx.query" }, { "hx", "__hx(ctx)" },
  { "csrf_field", "function() return __csrf_field(ctx) end" }, { "part", "function(...) return __part_string(ctx, ...) end" },
}

local function head(source)
  local names, values = {}, {}
  for _, pair in ipairs(LOCALS) do
    if source:find("%f[%w_]" .. pair[1] .. "%f[^%w_]") then
      names[#names + 1], values[#values + 1] = pair[1], pair[2]
    end
  end
  if #names == 0 then return "" end
  return "local " .. table.concat(names, ",") .. " = " .. table.concat(values, ",") .. "; "
end

--- Compiles a template.
---@param source string
---@param name string file name for messages: views/programs/list.html
---@param options {constants: table<string, function>?}? constants: helpers whose call with a constant name may be made
--- at compile time (their results are put in as they are)
---@return kit.Template? compiled
---@return table? err {code = "template", file, line, text}
function template.compile(source, name, options)
  local writer = new_writer(name, options and options.constants)
  local ok, err = pcall(function()
    for _, piece in ipairs(cut(source, name)) do writer:piece(piece) end
    local state = writer.scanner.state
    if state ~= writer.state then
      fail(name, count_lines(source) + 1, "the file ends inside a " .. (writer.scanner.tag or state) .. ": a tag or quote is not closed")
    end
    writer:flush()
  end)
  if not ok then
    if type(err) == "table" and err.code == "template" then return nil, err end
    error(err, 0)
  end
  local body = table.concat(writer.out)
  local lua = "local b, it, ctx, __content = ...; local __w = b.w; " .. head(body) .. body
  return { source = lua, layout = writer.layout }
end

--- The layout that a template asks for; nil when it has none.
---@param source string
---@return string?
function template.layout(source)
  return source:match("<%%@%s*layout%s+([%w_/%-]+)%s*%%>")
end

return template
