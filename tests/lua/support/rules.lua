--- Stand-in of core.rules on stock Lua: the same calls, without its walls. What the walls hold is tested in tests/core and tests/http.
local rules = {}

local Pack = {}
Pack.__index = Pack

local NAMES = { "ipairs", "pairs", "next", "tostring", "tonumber", "type", "select", "error", "assert", "setmetatable", "getmetatable", "rawget",
  "rawset", "pcall", "xpcall", "math", "string", "table", "utf8", "coroutine" }

local function place_of(fault)
  local chunk, line, text = tostring(fault):match("^([^:]+):(%d+): (.*)$")
  return { kind = "runtime", text = text or tostring(fault), chunk = chunk, line = tonumber(line) }
end

function rules.load(options)
  local pack, env = setmetatable({ exports = {} }, Pack), {}
  local compiled = {}
  for _, name in ipairs(NAMES) do env[name] = _G[name] end
  function env.require(name)
    if pack.exports[name] == nil then pack.exports[name] = (compiled[name] or error("module '" .. name .. "' is not a part of this pack"))() or true end
    return pack.exports[name]
  end
  for _, chunk in ipairs(options.chunks) do
    local run, message = load(chunk.text, "=" .. chunk.name, "t", env)
    if not run then
      local err = place_of(message)
      err.kind = "syntax"
      return nil, err
    end
    compiled[chunk.name:gsub("%.lua$", ""):gsub("/", ".")] = run
  end
  for name in pairs(compiled) do
    local ok, fault = pcall(env.require, name)
    if not ok then return nil, place_of(fault) end
  end
  return pack
end

local function copy(value)
  if type(value) == "function" then return "function" end
  if type(value) ~= "table" then return value end
  local made = {}
  for key, item in pairs(value) do made[key] = copy(item) end
  return made
end

function Pack:call(module, path, value)
  local results = table.pack(pcall(self.exports[module][path], copy(value)))
  if not results[1] then return nil, place_of(results[2]) end
  return copy({ n = results.n - 1, table.unpack(results, 2, results.n) }), { us = 1 }
end

function Pack:map(module, path, list)
  local results = {}
  for index, value in ipairs(list) do
    local result, err = self:call(module, path, value)
    results[index] = result or { error = err }
  end
  return results
end

function Pack.coverage() end

function Pack.lines() return {} end

function Pack:value(module) return copy(self.exports[module]) end

function Pack.close() end

return rules
