--- Layers of a pack around the one that is edited: that of the region (organization_id 0) or of an organisation.
local crypto = require("core.crypto")
local json = require("core.json")
local packs = require("kit.packs")
local Set = require("kit.pack.set")
local source = require("kit.pack.source")
local layers = {}

---@param organization_id integer
---@return "published"|"organization"
function layers.name(organization_id) return organization_id == 0 and "published" or "organization" end

--- Files of a row, whatever form they came in.
---@param files string|table|nil
---@return table<string, string>
function layers.files(files) return type(files) == "string" and json.decode(files) or files or {} end

--- The layers in force below, with the given files as the own layer over them.
---@param id string
---@param organization_id integer
---@param files table<string, string>
---@return kit.PackLayer[]
function layers.over(id, organization_id, files)
  local list = packs.below(id, organization_id)
  list[#list + 1] = { name = layers.name(organization_id), files = files }
  return list
end

--- The set that the given files make. A set of its own: nobody else runs in it.
---@return kit.PackSet? set
---@return table? err {text, file, line, layer, part, kind}
function layers.build(id, organization_id, files) return Set.build(id, layers.over(id, organization_id, files)) end

--- The set of the layers below.
---@return kit.PackSet? set
---@return table? err
function layers.build_below(id, organization_id) return Set.build(id, packs.below(id, organization_id)) end

--- Names exactly these texts of this layer.
---@return string hash
function layers.hash(id, organization_id, files)
  local parts = {}
  for part, text in pairs(files) do parts[#parts + 1] = ("%s %d\n%s"):format(part, #text, text) end
  table.sort(parts)
  return crypto.sha256(("%s %s %d\n"):format(id, layers.name(organization_id), organization_id) .. table.concat(parts, "\n"))
end

--- Parts that a layer may have: those of the pack, and its tests.
---@param id string
---@return string[]
function layers.parts(id)
  local parts = source.parts(id)
  parts[#parts + 1] = source.tests(id)
  return parts
end

return layers
