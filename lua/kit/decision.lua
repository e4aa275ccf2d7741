--- The record of a decision: which rules, which version of them, what each said, where it said so, and what it was given. Stored
--- with the workflow_event; the answer to «Почему?» (kit.because), and what a dry run replays.
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

---@return string JSON without the inputs
function decision.encode(record)
  return json.encode({ rules = record.rules, version = record.version, action = record.action, guards = json.array(record.guards) })
end

--- What the guards were given; nil when none was asked.
---@return string? JSON
function decision.inputs(record) return record.inputs and json.encode(record.inputs) or nil end

return decision
