--- One table of routes for pages and API. Static paths are one hash look-up; paths with {parts} go through a trie of
--- segments, where a literal segment goes before a {part}.
---
---   local router = Router.new(routes)
---   local route, params = router:find("GET", "/programs/svarka")
---   -- nil, "not_found" | nil, "method", "GET, POST" | nil, "redirect", "/programs"
---
--- A segment is a literal, {name}, or {name} with literal ends: {token}.ics
local Router = {}
Router.__index = Router

---@class kit.Route
---@field [1] string method
---@field [2] string path
---@field [3] function handler
---@field access "public"|"user"|string[]
---@field summary string
---@field query table? schema
---@field body table? schema
---@field returns string|table|nil
---@field multipart table? {max_bytes=, max_files=}
---@field max_body integer?
---@field session boolean? false: the session is not even looked up (user stays a guest)
---@field private boolean? belongs to the account itself: no preview shows it (kit.preview)
---@field preview boolean? harmless: also written in a preview
---@field before_otp boolean? open to whoever still has to set up the second factor
---@field proof boolean? a dangerous act: wants a fresh proof of identity (kit.reauth)
---@field source string? file it came from, for messages

local function new_node()
  return { children = {}, params = {} }
end

local function parse_segment(segment)
  local before, name, after = segment:match("^([^{}]*){([%a_][%w_]*)}([^{}]*)$")
  if name then return { before = before, name = name, after = after } end
  return nil
end

local function param_child(node, part)
  for _, child in ipairs(node.params) do
    if child.before == part.before and child.after == part.after then return child.node end
  end
  local child = { before = part.before, after = part.after, node = new_node() }
  table.insert(node.params, child)
  -- The more literal text, the earlier it is tried.
  table.sort(node.params, function(a, b) return #a.before + #a.after > #b.before + #b.after end)
  return child.node
end

local function insert(router, route)
  local method, path = route[1], route[2]
  local names, node = {}, router.root
  local is_static = not path:find("{", 1, true)
  if is_static then
    node = router.static[path] or { methods = {} }
    router.static[path] = node
  else
    for segment in path:gmatch("[^/]+") do
      local part = parse_segment(segment)
      if part then
        names[#names + 1] = part.name
        node = param_child(node, part)
      else
        node.children[segment] = node.children[segment] or new_node()
        node = node.children[segment]
      end
    end
    node.methods = node.methods or {}
  end
  if node.methods[method] then
    error(("route %s %s is defined twice"):format(method, path), 0)
  end
  node.methods[method] = { route = route, names = names }
end

--- Builds the router. Raises with a sentence when two routes are the same.
---@param routes kit.Route[]
function Router.new(routes)
  local router = setmetatable({ static = {}, root = new_node() }, Router)
  for _, route in ipairs(routes) do insert(router, route) end
  return router
end

local function captured(segment, param)
  local from, to = #param.before + 1, #segment - #param.after
  if to < from then return nil end
  if param.before ~= "" and segment:sub(1, #param.before) ~= param.before then return nil end
  if param.after ~= "" and segment:sub(to + 1) ~= param.after then return nil end
  return segment:sub(from, to)
end

-- Depth-first; values are collected in order of the path.
local function walk(node, path, position, values, depth)
  if position > #path then return node.methods and node or nil end
  local slash = path:find("/", position, true) or #path + 1
  local segment = path:sub(position, slash - 1)
  local child = node.children[segment]
  if child then
    local found = walk(child, path, slash + 1, values, depth)
    if found then return found end
  end
  for _, param in ipairs(node.params) do
    local value = captured(segment, param)
    if value then
      values[depth] = value
      local found = walk(param.node, path, slash + 1, values, depth + 1)
      if found then return found end
    end
  end
  return nil
end

local function allowed(methods)
  local list = { "OPTIONS" }
  for method in pairs(methods) do list[#list + 1] = method end
  if methods.GET and not methods.HEAD then list[#list + 1] = "HEAD" end
  table.sort(list)
  return table.concat(list, ", ")
end

local function locate(router, path)
  local node = router.static[path]
  if node then return node end
  if path:byte(-1) == 47 then return nil end -- a slash at the end: let the redirect see it
  local values = {}
  return walk(router.root, path, 2, values, 1), values
end

local NO_PARAMS = setmetatable({}, { __newindex = function() error("params are read only", 2) end })

--- The route of a request. HEAD is answered by GET.
---@param method string
---@param path string decoded, normalised
---@return kit.Route? route
---@return table|string params_or_fault params, or "not_found" | "method" | "redirect"
---@return string? detail Allow header, or the path to go to
function Router:find(method, path)
  local node, values = locate(self, path)
  if not node then
    if #path > 1 and path:byte(-1) == 47 then
      local bare = path:sub(1, -2)
      if locate(self, bare) then return nil, "redirect", bare end
    end
    return nil, "not_found"
  end
  local entry = node.methods[method] or (method == "HEAD" and node.methods.GET)
  if not entry then return nil, "method", allowed(node.methods) end
  if #entry.names == 0 then return entry.route, NO_PARAMS end
  local params = {}
  for i, name in ipairs(entry.names) do params[name] = values[i] end
  return entry.route, params
end

return Router
