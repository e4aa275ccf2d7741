--- What a change of a process means, in sentences for whoever does not read Lua.
local flow = require("domain.rules.flow")
local words = {}

local function quoted(list)
  if #list == 0 then return "ни из чего" end
  return "«" .. table.concat(list, "», «") .. "»"
end

local function joined(list) return #list > 0 and table.concat(list, ", ") or "никто" end

local function set_of(list)
  local set = {}
  for _, item in ipairs(list) do set[item] = true end
  return set
end

-- What is in the one list and not in the other.
local function missing(list, other)
  local known, found = set_of(other), {}
  for _, item in ipairs(list) do
    if not known[item] then found[#found + 1] = item end
  end
  return found
end

local function add(list, tone, text) list[#list + 1] = { tone = tone, text = text } end

local function state_changes(list, before, after)
  if before.label ~= after.label then add(list, "info", ("Состояние «%s» теперь называется «%s»."):format(before.label, after.label)) end
  if before.tone ~= after.tone or before.icon ~= after.icon then add(list, "info", ("Состояние «%s» иначе выглядит."):format(after.label)) end
  if before.is_final ~= after.is_final then
    add(list, "warn", after.is_final and ("Состояние «%s» стало конечным."):format(after.label) or ("Состояние «%s» больше не конечное."):format(after.label))
  end
end

local function conditions_of(one)
  local list = {}
  for index, condition in ipairs(one.conditions) do list[index] = condition.text end
  return list
end

local function list_change(list, one, before, after, came, went)
  local new, gone = missing(after, before), missing(before, after)
  if #new > 0 then add(list, "info", came:format(one.label, table.concat(new, ", "))) end
  if #gone > 0 then add(list, "warn", went:format(one.label, table.concat(gone, ", "))) end
end

local function transition_changes(list, before, after)
  if before.label ~= after.label then add(list, "info", ("Кнопка «%s» теперь называется «%s»."):format(before.label, after.label)) end
  if before.to ~= after.to then add(list, "warn", ("«%s» ведёт в «%s», раньше — в «%s»."):format(after.label, after.to_label, before.to_label)) end
  list_change(list, after, before.from_labels, after.from_labels, "«%s» теперь можно и из: %s.", "«%s» больше нельзя из: %s.")
  list_change(list, after, before.who, after.who, "«%s» теперь может и: %s.", "«%s» больше не может: %s.")
  list_change(list, after, conditions_of(before), conditions_of(after), "«%s»: новое условие — %s.", "«%s»: условие снято — %s.")
  if before.reason ~= after.reason then
    add(list, "info", after.reason and ("«%s» теперь спрашивает причину."):format(after.label) or ("«%s» больше не спрашивает причину."):format(after.label))
  end
  local asked, former = after.given.documents or {}, before.given.documents or {}
  if #missing(asked, former) + #missing(former, asked) > 0 then add(list, "info", ("«%s»: другой перечень документов."):format(after.label)) end
end

--- What is different after a change.
---@param before table of flow.of
---@param after table of flow.of
---@return {tone: string, text: string}[] sentences
function words.difference(before, after)
  local list = {}
  for _, state in ipairs(after.states) do
    local former = before.state[state.code]
    if not former then
      add(list, "ok", ("Новое состояние «%s»%s."):format(state.label, state.is_final and ", конечное" or ""))
    else
      state_changes(list, former, state)
    end
  end
  for _, state in ipairs(before.states) do
    if not after.state[state.code] then add(list, "bad", ("Состояния «%s» больше нет."):format(state.label)) end
  end
  for _, one in ipairs(after.transitions) do
    local former = before.transition[one.key]
    if not former then
      add(list, "ok", ("Новый переход «%s»: из %s в «%s»; может: %s."):format(one.label, quoted(one.from_labels), one.to_label or one.to, joined(one.who)))
    else
      transition_changes(list, former, one)
    end
  end
  for _, one in ipairs(before.transitions) do
    if not after.transition[one.key] then add(list, "bad", ("Перехода «%s» из %s больше нет."):format(one.label, quoted(one.from_labels))) end
  end
  return list
end

--- The same from two machines.
function words.of_machines(before, after) return words.difference(flow.of(before), flow.of(after)) end

return words
