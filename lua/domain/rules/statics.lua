--- What can be told from a set without running a case.
local packs = require("kit.packs")
local statics = {}

local SENTENCES = {
  new = "Нельзя добавить «%s»: нижний слой этого не разрешает (overridable).",
  changed = "Нельзя изменить «%s»: нижний слой не отметил это как overridable.",
}

local function check_trespass(look)
  for _, fault in ipairs(look.set.faults) do
    look.findings[#look.findings + 1] = { severity = "error", code = "not_overridable", layer = fault.layer, path = fault.path,
      text = (fault.is_new and SENTENCES.new or SENTENCES.changed):format(fault.path) }
  end
end

--- Adds findings.
---@param look {id: string, kind: string, organization_id: integer, files: table<string, string>, set: kit.PackSet, findings: table[]}
function statics.run(look)
  check_trespass(look)
end

statics.trespass = packs.trespass

return statics
