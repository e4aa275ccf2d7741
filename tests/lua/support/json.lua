--- Stands in for core.json on stock Lua: the same contract, no speed.
local json = {}

json.null = setmetatable({}, { __tostring = function() return "null" end, __name = "json.null" })
local ARRAY, OBJECT, RAW = {}, {}, {}

function json.array(t) return setmetatable(t or {}, ARRAY) end
function json.object(t)
  if getmetatable(t) == ARRAY then return t end
  return setmetatable(t or {}, OBJECT)
end
function json.raw(bytes) return setmetatable({ bytes = bytes }, RAW) end

local encode

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }
local function encode_string(s)
  return '"' .. s:gsub('[%c"\\]', function(c) return ESCAPES[c] or ("\\u%04x"):format(c:byte()) end) .. '"'
end

local function encode_table(t)
  local mt = getmetatable(t)
  if mt == RAW then return t.bytes end
  local is_array = mt == ARRAY or (mt ~= OBJECT and #t > 0)
  local parts = {}
  if is_array then
    for i = 1, #t do parts[i] = encode(t[i]) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  local keys = {}
  for key in pairs(t) do
    if type(key) ~= "string" then error("integer keys of mixed tables") end
    keys[#keys + 1] = key
  end
  table.sort(keys)
  for i, key in ipairs(keys) do parts[i] = encode_string(key) .. ":" .. encode(t[key]) end
  return "{" .. table.concat(parts, ",") .. "}"
end

function encode(v)
  local kind = type(v)
  if v == json.null or v == nil then return "null" end
  if kind == "string" then return encode_string(v) end
  if kind == "boolean" then return tostring(v) end
  if kind == "number" then
    return math.type(v) == "integer" and ("%d"):format(v) or ("%.14g"):format(v)
  end
  if kind == "table" then return encode_table(v) end
  error("cannot encode a " .. kind)
end
json.encode = encode

local read

local function skip(s, at) return s:find("[^ \t\r\n]", at) or #s + 1 end

local function read_string(s, at)
  local parts, i = {}, at + 1
  while true do
    local stop = s:find('["\\]', i)
    if not stop then error("unfinished string", 0) end
    parts[#parts + 1] = s:sub(i, stop - 1)
    if s:sub(stop, stop) == '"' then return table.concat(parts), stop + 1 end
    local c = s:sub(stop + 1, stop + 1)
    local known = ({ n = "\n", r = "\r", t = "\t", b = "\b", f = "\f", ["/"] = "/", ["\\"] = "\\", ['"'] = '"' })[c]
    if known then
      parts[#parts + 1], i = known, stop + 2
    elseif c == "u" then
      parts[#parts + 1], i = utf8.char(tonumber(s:sub(stop + 2, stop + 5), 16)), stop + 6
    else
      error("bad escape", 0)
    end
  end
end

local function read_list(s, at, close, item)
  at = skip(s, at + 1)
  if s:sub(at, at) == close then return at + 1 end
  while true do
    at = skip(s, item(at))
    local c = s:sub(at, at)
    if c == close then return at + 1 end
    if c ~= "," then error("comma expected", 0) end
    at = skip(s, at + 1)
  end
end

function read(s, at)
  at = skip(s, at)
  local c = s:sub(at, at)
  if c == '"' then return read_string(s, at) end
  if c == "[" then
    local list = json.array({})
    local stop = read_list(s, at, "]", function(i)
      local value, after = read(s, i)
      list[#list + 1] = value
      return after
    end)
    return list, stop
  end
  if c == "{" then
    local map = {}
    local stop = read_list(s, at, "}", function(i)
      local key, after = read_string(s, i)
      after = skip(s, after)
      if s:sub(after, after) ~= ":" then error("colon expected", 0) end
      map[key], after = read(s, after + 1)
      return after
    end)
    return map, stop
  end
  for word, value in pairs({ ["true"] = true, ["false"] = false, null = json.null }) do
    if s:sub(at, at + #word - 1) == word then return value, at + #word end
  end
  local number = s:match("^-?%d+%.?%d*[eE]?[+-]?%d*", at)
  if not number then error("value expected", 0) end
  return math.tointeger(number) or tonumber(number), at + #number
end

function json.decode(s)
  local ok, value, stop = pcall(read, s, 1)
  if not ok or skip(s, stop) <= #s then return nil, { code = "invalid", text = tostring(value) } end
  return value
end

return json
