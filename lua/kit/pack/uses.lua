--- What each guard of a file looks at: fields of its context, and the constants it compares with. Read from the text, so that what a
--- guard asks can be known without running it.
---
---   uses.of(text)  -- { {name = "age_suits", line = 21, fields = {["facts.min_age"] = 24, …}, constants = {"x", 5}}, … }
local lexer = require("kit.pack.lexer")
local uses = {}

local OPENS = { ["function"] = true, ["do"] = true, ["then"] = true, ["repeat"] = true }
local CLOSES = { ["end"] = true, ["until"] = true, ["elseif"] = true }

local function is(word, text) return word ~= nil and word.kind ~= "string" and word.text == text end

-- The last word of a function that begins at `at`.
local function end_of(words, at)
  local depth, i = 0, at
  while words[i] do
    local text = words[i].kind ~= "string" and words[i].text or ""
    if OPENS[text] then depth = depth + 1 elseif CLOSES[text] then depth = depth - 1 end
    if depth == 0 then return i end
    i = i + 1
  end
  return #words
end

-- The last word of `shared.needs("fact", …)`.
local function end_of_call(words, at)
  local depth, i = 0, at
  while words[i] do
    if is(words[i], "(") then depth = depth + 1 elseif is(words[i], ")") then
      depth = depth - 1
      if depth == 0 then return i end
    end
    i = i + 1
  end
  return #words
end

-- A name with dots at `at`: its parts, and the place after it.
local function dotted(words, at)
  local parts = { words[at].text }
  while is(words[at + 1], ".") and words[at + 2] and words[at + 2].kind == "name" do
    parts[#parts + 1], at = words[at + 2].text, at + 2
  end
  return parts, at + 1
end

local function note_path(guard, parts, line)
  local path = parts[2] and (parts[3] and parts[2] .. "." .. parts[3] or parts[2]) or nil
  if path then guard.fields[path] = guard.fields[path] or line end
end

-- `local f, o = ctx.facts, ctx.object`: other names of parts of the context.
local function note_aliases(words, at, ctx, aliases)
  local names, i = {}, at + 1
  while words[i] and words[i].kind == "name" do
    names[#names + 1], i = words[i].text, i + 1
    if is(words[i], ",") then i = i + 1 end
  end
  if not is(words[i], "=") then return end
  i = i + 1
  for _, name in ipairs(names) do
    if not words[i] or words[i].kind ~= "name" then return end
    local parts
    parts, i = dotted(words, i)
    if parts[1] == ctx and #parts == 2 and not is(words[i], "(") then aliases[name] = parts[2] end
    if not is(words[i], ",") then return end
    i = i + 1
  end
end

local function read_body(words, from, to, guard)
  local open = from
  while not is(words[open], "(") do open = open + 1 end
  local ctx, aliases, i = words[open + 1] and words[open + 1].text, {}, open + 1
  while i <= to do
    local word, after = words[i], i + 1
    if word.kind == "string" then guard.constants[#guard.constants + 1] = word.text
    elseif word.kind == "number" then guard.constants[#guard.constants + 1] = tonumber(word.text)
    elseif is(word, "local") then note_aliases(words, i, ctx, aliases)
    elseif word.kind == "name" and not is(words[i - 1], ".") then
      local parts
      parts, after = dotted(words, i)
      if aliases[parts[1]] then note_path(guard, { ctx, aliases[parts[1]], parts[2] }, word.line)
      elseif parts[1] == ctx then note_path(guard, parts, word.line) end
    end
    i = math.max(after, i + 1)
  end
end

local function read_needs(words, from, to, guard)
  for i = from, to do
    if is(words[i], "needs") and words[i + 2] and words[i + 2].kind == "string" then
      guard.fields["facts." .. words[i + 2].text] = words[i].line
    end
  end
end

-- A guard that begins at `at`: `function guards.name(ctx) …`, `guards.name = function(ctx) …`, `guards.name = shared.needs(…)`,
-- `name = function(ctx) …` inside of a table.
local function guard_at(words, at)
  local word = words[at]
  if is(word, "function") and is(words[at + 2], ".") and is(words[at + 4], "(") then
    return { name = words[at + 3].text, line = word.line }, at, end_of(words, at)
  end
  if word.kind ~= "name" or not is(words[at + 1], "=") then return nil end
  if is(words[at + 2], "function") then return { name = word.text, line = word.line }, at + 2, end_of(words, at + 2) end
  if words[at + 2] and words[at + 2].kind == "name" and is(words[at + 3], ".") and is(words[at + 5], "(") then
    return { name = word.text, line = word.line, is_call = true }, at + 2, end_of_call(words, at + 5)
  end
  return nil
end

---@param text string of a file of guards
---@return {name: string, line: integer, last_line: integer, fields: table<string, integer>, constants: any[]}[]
function uses.of(text)
  local words, list, i = lexer.words(text), {}, 1
  while words[i] do
    local guard, from, to = guard_at(words, i)
    if guard then
      guard.fields, guard.constants, guard.last_line = {}, {}, words[to].line;
      (guard.is_call and read_needs or read_body)(words, from, to, guard)
      list[#list + 1] = guard
      i = to
    end
    i = i + 1
  end
  return list
end

return uses
