--- The record of a decision: which rule set, which version of it, what each guard said. Stored with the workflow_event;
--- the answer to «Почему?».
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
function decision.add(record, guard, ok, verdict)
  record.guards[#record.guards + 1] = {
    rule = guard, ok = ok and true or false, code = not ok and verdict and verdict.code or nil,
    text = not ok and verdict and verdict.text or nil,
  }
end

---@return string JSON
function decision.encode(record)
  return json.encode({
    rules = record.rules, version = record.version, action = record.action, guards = json.array(record.guards),
  })
end

return decision
