--- What can be told from a set without running a case. Each check says what it found with a path; here the path gets its file and line.
local check_guards = require("domain.rules.check_guards")
local check_machine = require("domain.rules.check_machine")
local check_shape = require("domain.rules.check_shape")
local packs = require("kit.packs")
local places = require("domain.rules.places")
local Set = require("kit.pack.set")
local source = require("kit.pack.source")
local statics = {}

local SENTENCES = {
  new = "Нельзя добавить «%s»: нижний слой этого не разрешает (overridable).",
  changed = "Нельзя изменить «%s»: нижний слой не отметил это как overridable.",
}

local function check_trespass(look, say)
  for _, fault in ipairs(look.set.faults) do
    say("error", "not_overridable", fault.path, (fault.is_new and SENTENCES.new or SENTENCES.changed):format(fault.path), fault.layer)
  end
end

local kinds = {}

function kinds.workflow(look, say)
  if not check_shape.run(look, say) then return end
  local keys = check_shape.keys(look.set.data.transitions)
  check_machine.run(look, keys, say)
  check_guards.run(look, keys, say)
end

--- Adds findings.
---@param look {id: string, kind: string, organization_id: integer, set: kit.PackSet, findings: table[], has_own: boolean?}
---   has_own: is there a layer above others whose law it must keep; layers_below: {kit.PackLayer}? instead of all that are in force
function statics.run(look)
  local find, below = places.of(look.set), look.layers_below or packs.below(look.id, look.organization_id)
  look.name = look.id:match("/(.+)$")
  if #below > 0 and look.has_own ~= false then look.below = Set.build(look.id, below) end
  local function say(severity, code, path, text, layer)
    local finding = find(path, layer) or {}
    finding.severity, finding.code, finding.path, finding.text = severity, code, path, text
    look.findings[#look.findings + 1] = finding
  end
  check_trespass(look, say)
  if kinds[look.kind] then kinds[look.kind](look, say) end
  if look.below then look.below:close() end
end

--- The first error of what the region's directory makes of a pack; nil when there is none, or no such files. It asks no database: a
--- tree is refused at load for what publishing would refuse.
---@param id string
---@return {text: string, file: string?, line: integer?}? finding
function statics.of_region(id)
  local list = source.layers(id)
  if #list < 2 then return nil end
  local set = Set.build(id, list) -- of its own: the one that cases run in has more in its data by now
  local look = { id = id, kind = id:match("^[^/]+"), organization_id = 0, set = set, findings = {}, layers_below = { list[1] } }
  statics.run(look)
  set:close()
  for _, finding in ipairs(look.findings) do
    if finding.severity == "error" then return finding end
  end
  return nil
end

return statics
