--- The record of a decision: which rules, which version of them, what each said, where it said so, and what it was given. Stored
--- with the workflow_event; the answer to «Почему?», and what a dry run replays.
local json = require("core.json")
local decision = {}

---@param machine table of kit.workflow
---@param action string
function decision.new(machine, action)
  return { rules = "workflow/" .. machine.name, version = machine.version, action = action, guards = {} }
end

---@param record table
---@param guard string
---@param ok boolean
---@param verdict {code: string, text: string}?
---@param said {chunk: string?, line: integer?, us: integer?}?
function decision.add(record, guard, ok, verdict, said)
  said = said or {}
  record.guards[#record.guards + 1] = {
    rule = guard, ok = ok and true or false, code = not ok and verdict and verdict.code or nil,
    text = not ok and verdict and verdict.text or nil, chunk = said.chunk, line = said.line, us = said.us,
  }
end

---@return string JSON
function decision.encode(record)
  return json.encode({
    rules = record.rules, version = record.version, action = record.action, guards = json.array(record.guards), inputs = record.inputs,
  })
end

--- The record for people: what was asked, in order; nil when nothing was.
---@param stored string|table?
---@return {version: string, lines: {rule: string, ok: boolean, text: string?, place: string?}[]}?
function decision.words(stored)
  local record = type(stored) == "string" and json.decode(stored) or stored
  if type(record) ~= "table" or not record.guards or #record.guards == 0 then return nil end
  local lines = {}
  for index, guard in ipairs(record.guards) do
    lines[index] = { rule = guard.rule, ok = guard.ok, text = guard.text,
      place = guard.chunk and ("%s:%d"):format(guard.chunk, guard.line or 0) or nil }
  end
  return { version = tostring(record.version):sub(1, 12), lines = lines }
end

return decision
