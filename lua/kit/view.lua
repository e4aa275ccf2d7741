--- Views: templates of views/, compiled at load, rendered into a core.buffer.
---
---   view.load(sources)                               -- at load: {["programs/list"] = {source=, file=}, …}
---   view.render(out, "programs/list", data, request) -- with its layout around it
---
--- In scope of a template: it, user, t, part, kept, icon, chip, date, time, datetime, ago, number, money, plural, initials, csrf_field,
--- asset, url, nonce, hx, q, attr, lines, raw, and of Lua: ipairs, pairs, tostring, tonumber, type, #, math, string, table.concat.
local buffer = require("core.buffer")
local crypto = require("core.crypto")
local helpers = require("kit.view_helpers")
local page = require("kit.page")
local template = require("kit.template")
local tree = require("core.tree")
local view = {}

---@class kit.View
---@field name string
---@field file string
---@field layout string?
---@field run function

local views = {}
local parts, layouts = {}, {} -- the same by their short names
local kept = setmetatable({}, { __mode = "k" }) -- data → name of a part → its markup

local SAFE = {
  ipairs = ipairs, pairs = pairs, next = next, tostring = tostring, tonumber = tonumber, type = type, select = select,
  math = math, string = string, utf8 = utf8, table = { concat = table.concat, unpack = table.unpack },
}

local CONSTANTS = { icon = helpers.icon, asset = helpers.asset }

local environment

local function make_environment()
  local scope = {}
  for name, value in pairs(SAFE) do scope[name] = value end
  for name, value in pairs(helpers) do scope[name] = value end
  scope.kept = view.kept
  scope.__part = view.part
  scope.__part_string = view.part_string
  return setmetatable({}, {
    __index = function(_, name)
      local value = scope[name]
      if value == nil then error("views know no name " .. tostring(name), 2) end
      return value
    end,
    __newindex = function(_, name)
      error("a view may not set the global " .. tostring(name) .. ": write local", 2)
    end,
  }), scope
end

-- Look-ups of the environment are the hottest thing in a view: names are found in the table itself.
local function view_environment()
  if not environment then
    local guarded, scope = make_environment()
    for name, value in pairs(scope) do rawset(guarded, name, value) end
    environment = guarded
  end
  return environment
end

local compiler -- what the Lua text of a template depends on beside its own

local function compiler_id()
  if not compiler then
    local own = { helpers.__assets_text() }
    for _, name in ipairs({ "template", "html_scanner", "view" }) do own[#own + 1] = tree.read("lua/kit/" .. name .. ".lua") or "" end
    compiler = crypto.sha256(table.concat(own, "\0"))
  end
  return compiler
end

local function compile_anew(source, file, key)
  local made, err = template.compile(source, file, { constants = CONSTANTS })
  if not made then return nil, err end
  local run, message = tree.keep("@" .. file, key, view_environment(), made.source)
  if run then return run end
  local line, text = message:match(":(%d+): (.*)$")
  return nil, { code = "template", file = file, line = tonumber(line), text = text or message }
end

--- Compiles one template, or takes what an earlier build made of the same text.
---@param source string
---@param file string for messages
---@return kit.View? compiled
---@return table? err {file, line, text}
function view.compile(source, file)
  local key = compiler_id() .. source
  local run, err = tree.kept("@" .. file, key, view_environment()), nil
  if not run then run, err = compile_anew(source, file, key) end
  if not run then return nil, err end
  return { file = file, layout = template.layout(source), run = run }
end

local function use(compiled)
  views, parts, layouts = compiled, {}, {}
  kept = setmetatable({}, { __mode = "k" })
  for name, one in pairs(compiled) do
    local part, layout = name:match("^parts/(.*)$"), name:match("^layouts/(.*)$")
    if part then parts[part] = one end
    if layout then layouts[layout] = one end
  end
end

--- Compiles all templates of a generation; the old ones stay when one is wrong.
---@param sources table<string, {source: string, file: string}>
---@return true? ok
---@return table? err {file, line, text}
function view.load(sources)
  local compiled = {}
  compiler = nil
  for name, given in pairs(sources) do
    local one, err = view.compile(given.source, given.file)
    if not one then return nil, err end
    one.name = name
    compiled[name] = one
  end
  for _, one in pairs(compiled) do
    if one.layout and not compiled["layouts/" .. one.layout] then
      return nil, { code = "template", file = one.file, line = 1, text = "no layout " .. one.layout }
    end
  end
  use(compiled)
  return true
end

---@param name string
---@return boolean
function view.exists(name)
  return views[name] ~= nil
end

local function find(name)
  return views[name] or error("no view " .. name, 0)
end

--- Renders a view, with its layout around it, into out.
---@param out userdata core.buffer
---@param name string
---@param it table data
---@param ctx kit.Request
function view.render(out, name, it, ctx)
  local found = find(name)
  if not found.layout then return found.run(out, it, ctx) end
  page.run_extensions(ctx, it, found.layout)
  return layouts[found.layout].run(out, it, ctx, found.run)
end

local NOTHING = {}

--- A part into the buffer of its caller: what <%- part("status", {…}) %> compiles to.
function view.part(out, ctx, name, it)
  local found = parts[name] or error("no part " .. tostring(name), 0)
  return found.run(out, it or NOTHING, ctx)
end

--- A part as a string.
---@return string
function view.part_string(ctx, name, it)
  local out = buffer.new()
  view.part(out, ctx, name, it)
  return out:string()
end

--- A part that is the same for everybody with the same data, as a string made once: <%- kept("site_top", it.site_frame) %>. The data
--- is told by its identity: a table that others keep (kit.cached) and nobody changes. Such a part knows no request.
---@return string
function view.kept(name, it)
  local made = kept[it]
  if not made then
    made = {}
    kept[it] = made
  end
  if not made[name] then made[name] = view.part_string(NOTHING, name, it) end
  return made[name]
end

--- A view without its layout: for fragments that htmx asked for.
function view.bare(out, name, it, ctx)
  return find(name).run(out, it, ctx or NOTHING)
end

--- A view alone (no layout) as a string: what becomes a PDF.
---@param name string
---@param it table
---@param ctx table?
---@return string
function view.string(name, it, ctx)
  local out = buffer.new()
  view.bare(out, name, it, ctx)
  return out:string()
end

return view
