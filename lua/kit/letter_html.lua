--- The HTML of a letter, made from its text: paragraphs, lists and links to this site. There is one text to keep, and nothing
--- that people have typed can bring markup or a link of its own.
local text = require("core.text")
local letter_html = {}

local STYLE = [[
body{margin:0;background:#f3f5f9;color:#10182b;font:16px/1.55 "Golos Text","Segoe UI",Roboto,Arial,sans-serif}
.sheet{max-width:600px;margin:0 auto;padding:24px 16px}
.head{font-weight:700;padding:0 8px 16px}
.body{background:#fff;border:1px solid #d9dfea;border-radius:12px;padding:24px}
h1{font-size:20px;line-height:1.3;margin:0 0 16px}
p,ul{margin:0 0 16px}
p:last-child,ul:last-child{margin-bottom:0}
a{color:#1a4fb4;overflow-wrap:anywhere}
.foot{color:#566075;font-size:14px;padding:16px 8px 0}
]]

-- A label before an address becomes the words of the link: «Расписание: https://…».
local MAX_LABEL = 40

local function links(line, site)
  local out, at = {}, 1
  while true do
    local from = line:find(site, at, true)
    if not from then break end
    local address = line:sub(from):match("^[^%s<>\"]+"):gsub("[%.,;:%)»]+$", "")
    out[#out + 1] = text.escape(line:sub(at, from - 1))
    out[#out + 1] = ('<a href="%s">%s</a>'):format(text.escape(address), text.escape(address))
    at = from + #address
  end
  out[#out + 1] = text.escape(line:sub(at))
  return table.concat(out)
end

local function line_html(line, site)
  local label, address = line:match("^([^.:!?]+):%s+(%S+)$")
  if label and address:sub(1, #site) == site and text.len(label) <= MAX_LABEL then
    return ('<a href="%s">%s</a>'):format(text.escape(address), text.escape(label))
  end
  return links(line, site)
end

local function bullet_of(line) return line:match("^%s*%-%s+(.*)$") or line:match("^%s*–%s+(.*)$") or line:match("^%s*—%s+(.*)$") end

local function close(out, state)
  if state.list then out[#out + 1] = "<ul><li>" .. table.concat(state.list, "</li><li>") .. "</li></ul>" end
  if state.lines then out[#out + 1] = "<p>" .. table.concat(state.lines, "<br>") .. "</p>" end
  state.list, state.lines = nil, nil
end

-- An indented line below a bullet belongs to it.
local function take_line(out, state, line, site)
  local bullet = bullet_of(line)
  if bullet then
    if not state.list then close(out, state) end
    state.list = state.list or {}
    table.insert(state.list, line_html(bullet, site))
  elseif state.list and line:find("^%s+%S") then
    state.list[#state.list] = state.list[#state.list] .. "<br>" .. line_html(text.trim(line), site)
  else
    if state.list then close(out, state) end
    state.lines = state.lines or {}
    table.insert(state.lines, line_html(line, site))
  end
end

local function blocks(body, site)
  local out, state = {}, {}
  for line in (body .. "\n"):gmatch("(.-)\n") do
    if line:find("%S") then
      take_line(out, state, line, site)
    else
      close(out, state)
    end
  end
  close(out, state)
  return table.concat(out, "\n")
end

--- The whole document.
---@param subject string
---@param body string plain text; what stands below "-- " on a line of its own is the foot
---@param options {base_url: string, sender: string?}
---@return string
function letter_html.document(subject, body, options)
  local site = options.base_url .. "/" -- with the slash: example.org.evil.net is not example.org
  local main, foot = body:match("^(.-)\n%-%- \n(.*)$")
  return table.concat({
    '<!DOCTYPE html>\n<html lang="ru"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>',
    text.escape(subject), "</title>\n<style>\n", STYLE, '</style></head>\n<body><div class="sheet"><div class="head">',
    text.escape(options.sender or ""), '</div>\n<div class="body"><h1>', text.escape(subject), "</h1>\n", blocks(main or body, site), "</div>",
    foot and '\n<div class="foot">' .. blocks(foot, site) .. "</div>" or "", "</div></body></html>\n",
  })
end

--- The same for a frame of our pages, whose policy lets only the styles in that carry its nonce.
---@param document string
---@param nonce string
---@return string
function letter_html.framed(document, nonce)
  return (document:gsub("<style>", ('<style nonce="%s">'):format(nonce), 1))
end

return letter_html
