--- Rich text of people, cleaned by an allow-list. Nothing of the input is copied to the output: tags are written anew from
--- a short list, texts are decoded and escaped again, so whatever a browser makes of odd input, it never sees it.
---
---   html_clean.clean('<p onclick=x>Да<script>…')   -- '<p>Да</p>'
---   html_clean.text('<p>Да</p><p>нет</p>')         -- 'Да нет'
---
--- Elements: p br h2 h3 h4 ul ol li blockquote strong em a[href]. The output is balanced; clean(clean(x)) = clean(x).
local text = require("core.text")
local urls = require("kit.urls")
local html_clean = {}

local MAX_DEPTH = 16

-- kind by element; aliases of what editors and other programs paste.
local KINDS = {
  p = "paragraph", h2 = "paragraph", h3 = "paragraph", h4 = "paragraph", blockquote = "container", ul = "list", ol = "list",
  li = "item", strong = "inline", em = "inline", a = "inline", br = "break",
}
local ALIASES = { b = "strong", i = "em", h1 = "h2", h5 = "h4", h6 = "h4", div = "p" }
-- Their content is no text for people.
local DROPPED = {
  script = true, style = true, iframe = true, object = true, embed = true, svg = true, math = true, template = true, noscript = true,
  textarea = true, title = true, xmp = true, select = true, noembed = true, noframes = true, head = true, audio = true, video = true,
  canvas = true, frameset = true,
}
local ENTITIES = {
  amp = "&", lt = "<", gt = ">", quot = '"', apos = "'", nbsp = "\u{A0}", laquo = "«", raquo = "»", mdash = "—", ndash = "–",
  hellip = "…", shy = "\u{AD}", bdquo = "„", ldquo = "“", rdquo = "”", colon = ":", tab = "\t", newline = "\n", sol = "/",
}

local function character(code)
  if not code or code == 0 or code > 0x10FFFF or (code >= 0xD800 and code <= 0xDFFF) then return "\u{FFFD}" end
  return utf8.char(code)
end

local function decode(value)
  value = value:gsub("&#[xX](%x+);?", function(hex) return character(#hex <= 8 and tonumber(hex, 16) or nil) end)
  value = value:gsub("&#(%d+);?", function(digits) return character(#digits <= 9 and tonumber(digits) or nil) end)
  value = value:gsub("&(%a+);", function(name) return ENTITIES[name] or ENTITIES[name:lower()] end)
  return (value:gsub("[\0-\8\11\12\14-\31\127]", ""))
end

-- ---- reading

-- Attributes of a tag from `at`; returns the position after ">" (nil: the tag never ends).
local function read_attributes(html, at)
  local found = {}
  while true do
    at = html:find("[^%s/]", at)
    if not at then return nil end
    if html:sub(at, at) == ">" then return at + 1, found end
    local _, stop, name = html:find("^([^%s=>/]+)", at)
    if not stop then stop, name = at, "" end
    local _, equals = html:find("^%s*=%s*", stop + 1)
    local value = ""
    if equals then
      local quote = html:match("^[\"']", equals + 1)
      if quote then
        local close = html:find(quote, equals + 2, true)
        if not close then return nil end
        value, stop = html:sub(equals + 2, close - 1), close
      else
        _, stop, value = html:find("^([^%s>]*)", equals + 1)
      end
    end
    name = name:lower()
    if found[name] == nil then found[name] = value end
    at = stop + 1
  end
end

local function skip_content(html, name, at)
  local _, stop = html:lower():find("</" .. name .. "[^>]*>", at)
  return stop and stop + 1 or #html + 1
end

-- ---- writing

local Writer = {}
Writer.__index = Writer

local function new_writer() return setmetatable({ out = {}, open = {} }, Writer) end

function Writer:kind() return self.open[#self.open] and KINDS[self.open[#self.open]] end

function Writer:push(name, attributes)
  self.open[#self.open + 1] = name
  self.out[#self.out + 1] = "<" .. name .. (attributes or "") .. ">"
end

function Writer:pop()
  self.out[#self.out + 1] = "</" .. table.remove(self.open) .. ">"
end

-- Closes inline elements and the paragraph, up to what may hold blocks.
function Writer:end_paragraph()
  while self:kind() == "inline" or self:kind() == "paragraph" do self:pop() end
end

function Writer:end_inline()
  while self:kind() == "inline" do self:pop() end
end

-- Words stand in a paragraph or an item, never loose.
function Writer:need_text_place()
  local kind = self:kind()
  if kind == nil or kind == "container" then self:push("p") end
  if kind == "list" then self:push("li") end
end

function Writer:text(value)
  local kind = self:kind()
  if (kind == nil or kind == "container" or kind == "list") and not value:find("[^%s]") then return end
  self:need_text_place()
  self.out[#self.out + 1] = text.escape(value)
end

local openers = {}

function openers.paragraph(writer, name)
  writer:end_paragraph()
  local kind = writer:kind()
  if kind == "item" or kind == "list" then return end -- items hold words and lists
  writer:push(name)
end

function openers.container(writer, name)
  writer:end_paragraph()
  if writer:kind() == nil then writer:push(name) end
end

function openers.list(writer, name)
  writer:end_paragraph()
  if writer:kind() == "list" then writer:push("li") end
  writer:push(name)
end

function openers.item(writer, name)
  writer:end_paragraph()
  if writer:kind() == "item" then writer:pop() end
  if writer:kind() == "list" then writer:push(name) end
end

openers["break"] = function(writer)
  local kind = writer:kind()
  if kind == "paragraph" or kind == "item" or kind == "inline" then writer.out[#writer.out + 1] = "<br>" end
end

local function address(value)
  local clean = decode(value or ""):gsub("[%s%c]", "")
  if clean:find("^[%w%-]+%.[%w%-%.]+") and not clean:find("^[%w%-%.]+:") then clean = "https://" .. clean end
  if not (clean:find("^/") or clean:find("^#") or clean:find("^%a+:")) then return nil end
  local safe = urls.safe(clean)
  return safe ~= "#" and safe or nil
end

function openers.inline(writer, name, attributes)
  local extra
  if name == "a" then
    local href = address(attributes.href)
    if not href then return end
    extra = ' href="' .. text.escape(href) .. '"' .. (href:find("^https?:") and ' rel="noopener"' or "")
  end
  for index = #writer.open, 1, -1 do
    if KINDS[writer.open[index]] ~= "inline" then break end
    if writer.open[index] == name then return end -- twice bold is bold; a link holds no link
  end
  writer:need_text_place()
  writer:push(name, extra)
end

function Writer:start(name, attributes)
  if #self.open >= MAX_DEPTH then return end
  openers[KINDS[name]](self, name, attributes)
end

-- An inline element closes within its paragraph only.
function Writer:stop(name)
  local is_inline = KINDS[name] == "inline"
  for index = #self.open, 1, -1 do
    if self.open[index] == name then
      while #self.open >= index do self:pop() end
      return
    end
    if is_inline and KINDS[self.open[index]] ~= "inline" then return end
  end
end

-- Empty paragraphs and items are what editors leave behind.
local EMPTY = { "<strong></strong>", "<em></em>", '<a href="[^"]*"></a>', '<a href="[^"]*" rel="noopener"></a>', "<p></p>", "<p><br></p>",
  "<li></li>", "<h2></h2>", "<h3></h3>", "<h4></h4>", "<ul></ul>", "<ol></ol>", "<blockquote></blockquote>" }

local function without_empty(html)
  local changed
  repeat
    changed = 0
    for _, pattern in ipairs(EMPTY) do
      local n
      html, n = html:gsub(pattern, "")
      changed = changed + n
    end
  until changed == 0
  return html
end

-- One piece that begins with "<"; returns where to go on.
local function read_markup(writer, html, at)
  if html:sub(at, at + 3) == "<!--" then
    local _, stop = html:find("-->", at + 4, true)
    return stop and stop + 1 or #html + 1
  end
  if html:find("^<[!?]", at) then return (html:find(">", at, true) or #html) + 1 end
  local slash, name = html:match("^<(/?)(%a[%w%-:]*)", at)
  if not name then
    writer:text("<")
    return at + 1
  end
  local after, attributes = read_attributes(html, at + 1 + #slash + #name)
  if not after then return #html + 1 end
  name = name:lower()
  if slash == "" and DROPPED[name] then return skip_content(html, name, after) end
  name = ALIASES[name] or name
  if KINDS[name] then
    if slash == "" then writer:start(name, attributes) else writer:stop(name) end
  end
  return after
end

--- Markup that may be put into a page as it is.
---@param html string?
---@return string
function html_clean.clean(html)
  if not html or html == "" then return "" end
  local writer, at = new_writer(), 1
  while at <= #html do
    local open = html:find("<", at, true) or #html + 1
    if open > at then writer:text(decode(html:sub(at, open - 1))) end
    if open > #html then break end
    at = read_markup(writer, html, open)
  end
  while #writer.open > 0 do writer:pop() end
  return without_empty(table.concat(writer.out))
end

--- The words alone, one space between blocks: for search, feeds and descriptions. Takes cleaned markup.
---@param html string?
---@return string
function html_clean.text(html)
  local words = (html or ""):gsub("</?[phulb][^>]*>", " "):gsub("<[^>]*>", "")
  return text.trim((decode(words):gsub("%s+", " ")))
end

return html_clean
