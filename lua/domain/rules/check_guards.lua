--- What can be told of guards from their texts and by trying them: fields that nobody gives them, two that never agree.
local Set = require("kit.pack.set")
local uses = require("kit.pack.uses")
local check_guards = {}

local CONTEXT = { object = true, facts = true, user = true, data = true, reason = true, action = true, from = true, to = true, today = true, now = true,
  preview = true }
local GATHERED = { object = true, facts = true, data = true } -- what a machine's `reads` name
local USER = { id = true, person_id = true, is_system = true, grant = true }
local MOST_TRIES = 1500

-- Guards as they act: those of the highest layer that has them, with what they use.
local function guards_of(look)
  local by_name, order = {}, {}
  for _, layer in ipairs({ "organization", "published", "region", "product" }) do
    for _, chunk in ipairs(look.set.chunks) do
      local place = Set.place(chunk.name)
      if place and place.layer == layer and place.part == "guards/" .. look.name then
        for _, guard in ipairs(uses.of(chunk.text)) do
          if not by_name[guard.name] then
            guard.place, by_name[guard.name] = place, guard
            order[#order + 1] = guard
          end
        end
      end
    end
  end
  return by_name, order
end

local function is_known(data, path)
  local root, field = path:match("^([%w_]+)%.?(.*)$")
  if not CONTEXT[root] then return false end
  if field == "" then return true end
  if GATHERED[root] then return ((data.reads or {})[root] or {})[field] ~= nil end
  return root ~= "user" or USER[field] == true
end

local function check_fields(look, guard)
  for path, line in pairs(guard.fields) do
    if not is_known(look.set.data, path) then
      look.findings[#look.findings + 1] = { severity = "error", code = "unknown_field", layer = guard.place.layer, part = guard.place.part,
        file = guard.place.file, line = line, path = "guards." .. guard.name,
        text = ("Условие «%s» смотрит на ctx.%s, а этого ему не дают: поля называют в reads."):format(guard.name, path) }
    end
  end
end

-- What the platform gives for sure is what the layers below name.
local function check_reads(look, say)
  local below = look.below and look.below.data.reads or {}
  for root in pairs(GATHERED) do
    for field in pairs(look.below and (look.set.data.reads or {})[root] or {}) do
      if not (below[root] or {})[field] then
        say("warning", "new_field", "reads." .. root .. "." .. field,
          ("Поле %s.%s платформа может не давать: нижние слои его не называют. Без значения оно пустое (nil)."):format(root, field))
      end
    end
  end
end

-- ---- two that never agree

local function shared_fields(a, b)
  for path in pairs(a.fields) do
    if b.fields[path] and path:find("%.") and not path:find("^user") then return true end
  end
  return false
end

local function add_value(list, value)
  for _, known in ipairs(list) do
    if known == value then return end
  end
  list[#list + 1] = value
end

-- Values worth trying for a field; false stands for "not there".
local function values_for(path, a, b)
  local list = { false, true, 0, 1 }
  if path:find("_on$") or path:find("_at$") or path:find("today") then list = { false, "2026-01-10", "2026-02-10", "2026-03-10" } end
  for _, guard in ipairs({ a, b }) do
    for _, constant in ipairs(guard.constants) do
      if type(constant) == "number" then
        add_value(list, constant)
        add_value(list, constant + 1)
        add_value(list, constant - 1)
      elseif #constant <= 30 and constant:find("^[%w_%-]+$") then add_value(list, constant) end
    end
  end
  add_value(list, "")
  return list
end

local function field_list(a, b)
  local seen, list = {}, {}
  for _, guard in ipairs({ a, b }) do
    for path in pairs(guard.fields) do
      if GATHERED[path:match("^[%w_]+")] and path:find("%.") and not seen[path] then
        seen[path] = true
        list[#list + 1] = { path = path, values = values_for(path, a, b) }
      end
    end
  end
  table.sort(list, function(x, y) return x.path < y.path end)
  return list
end

local function context_with()
  return { object = {}, facts = {}, data = {}, user = { id = 1, grant = { role = "staff", sets = { director = true } } }, reason = "есть",
    action = "act", from = "a", to = "b", today = "2026-02-10", now = "2026-02-10T12:00:00", preview = false }
end

-- All combinations, or as many of them as are tried, evenly spread.
local function contexts(fields)
  local total = 1
  for _, field in ipairs(fields) do total = math.min(total * #field.values, 1 << 40) end
  local step, list = math.max(1, total // MOST_TRIES), {}
  if step > 1 then step = step | 1 end -- odd: otherwise some fields would never change
  for number = 0, total - 1, step do
    local ctx, rest = context_with(), number
    for _, field in ipairs(fields) do
      local root, name = field.path:match("^([%w_]+)%.(.+)$")
      ctx[root][name] = field.values[rest % #field.values + 1]
      rest = rest // #field.values
      if ctx[root][name] == false and not field.path:find("is_") then ctx[root][name] = nil end
    end
    list[#list + 1] = ctx
  end
  return list, step == 1
end

local function holds(result) return result.error == nil and result[1] ~= nil and result[1] ~= false end

-- Is each of two guards satisfied by something, but both by nothing that was tried?
local function never_agree(look, a, b)
  local list = contexts(field_list(a, b))
  local left = look.set:map("guards/" .. look.name, a.name, list)
  local right = look.set:map("guards/" .. look.name, b.name, list)
  local has_left, has_right = false, false
  for index = 1, #list do
    local is_left, is_right = holds(left[index]), holds(right[index])
    if is_left and is_right then return false end
    has_left, has_right = has_left or is_left, has_right or is_right
  end
  return has_left and has_right, #list
end

local function check_pairs(look, by_name, transition, key, say)
  local names = transition.guards or {}
  for i = 1, #names do
    for j = i + 1, #names do
      local a, b = by_name[names[i]], by_name[names[j]]
      local is_odd, tries
      if a and b and shared_fields(a, b) then is_odd, tries = never_agree(look, a, b) end
      if is_odd then
        say("warning", "never_agree", "transitions." .. key .. ".guards",
          ("Переход «%s» невозможен: условия «%s» и «%s» не выполняются вместе (проверено сочетаний: %d)."):format(transition.label, a.name, b.name, tries))
      end
    end
  end
end

--- Finds fields that nobody gives, and guards of one transition that never agree.
---@param look table of statics
---@param keys string[] names of the transitions
---@param say fun(severity: string, code: string, path: string, text: string)
function check_guards.run(look, keys, say)
  local by_name, order = guards_of(look)
  for _, guard in ipairs(order) do check_fields(look, guard) end
  check_reads(look, say)
  for index, transition in ipairs(look.set.data.transitions) do check_pairs(look, by_name, transition, keys[index], say) end
end

return check_guards
