--- Everything that is looked at before a text is published: whether it compiles, what it touches, what a person would find in it, its
--- tests. Nothing is stored here.
---
---   report = { ok = true, errors = 0, warnings = 1, failed = 0, set_hash = "…", findings = { finding… }, tests = { test… }, coverage = {…} }
---     coverage = { ["lua/rules/guards/application.lua"] = { lines = 60, hit = 55, missed = { 31, … }, layer =, part = } }, untested = { "expire", … }
---   test = { name = "…", ok = false, text = "ждали …", file = "lua/rules/tests/workflow/application.lua", line = 12 }
---   finding = { severity = "error"|"warning", code = "dead_end", text = "…", layer = "published", part = "workflows/application",
---     file = "published: workflows/application.lua", line = 12, path = "states.awaiting" }
local layers = require("domain.rules.layers")
local packs = require("kit.packs")
local statics = require("domain.rules.statics")
local source = require("kit.pack.source")
local trials = require("domain.rules.trials")
local checking = {}

local MOST_BYTES = 1024 * 1024

local function finding(severity, code, text, more)
  local made = { severity = severity, code = code, text = text }
  for key, value in pairs(more or {}) do made[key] = value end
  return made
end

-- Parts that belong to no pack, and texts too long for one.
local function check_files(id, files, found)
  local known, bytes = {}, 0
  for _, part in ipairs(layers.parts(id)) do known[part] = true end
  for part, text in pairs(files) do
    if not known[part] then
      found[#found + 1] = finding("error", "unknown_part", ("Файла «%s» у этого набора нет: бывают %s."):format(part,
        table.concat(layers.parts(id), ", ")), { part = part })
    end
    bytes = bytes + #text
  end
  if bytes > MOST_BYTES then found[#found + 1] = finding("error", "too_large", "Набор правил больше 1 МБ.") end
end

-- Organisations that have a layer of their own live above what the region publishes.
local function check_above(id, organization_id, files, found)
  if organization_id ~= 0 then return end
  for _, own in ipairs(packs.organizations(id)) do
    local list = layers.over(id, 0, files)
    list[#list + 1] = { name = "organization", files = layers.files(own.files) }
    local set, err = require("kit.pack.set").build(id, list)
    local trespass = set and packs.trespass(set)
    if not set or trespass then
      found[#found + 1] = finding("error", "breaks_organization", ("С этими правилами не уживутся правила организации № %d: %s"):format(
        own.organization_id, (err or trespass).text), { layer = "organization" })
    end
    if set then set:close() end
  end
end

local function count(report)
  for _, one in ipairs(report.findings) do
    local field = one.severity == "error" and "errors" or "warnings"
    report[field] = report[field] + 1
  end
  for _, test in ipairs(report.tests) do
    if not test.ok then report.failed = report.failed + 1 end
  end
  report.ok = report.errors == 0 and report.failed == 0
  return report
end

--- Checks what the layer would make of a pack.
---@param id string "workflow/application"
---@param organization_id integer 0: the region
---@param files table<string, string> text by part
---@return table report
function checking.run(id, organization_id, files)
  local report = { ok = false, errors = 0, warnings = 0, failed = 0, findings = {}, tests = {}, coverage = {}, untested = {} }
  check_files(id, files, report.findings)
  local set, err = layers.build(id, organization_id, files)
  if not set then
    report.findings[#report.findings + 1] = finding("error", err.kind or "broken", err.text, { layer = err.layer, part = err.part, file = err.file,
      line = err.line })
    return count(report)
  end
  report.set_hash = set.hash
  statics.run({ id = id, kind = select(3, source.split(id)), organization_id = organization_id, files = files, set = set, findings = report.findings })
  check_above(id, organization_id, files, report.findings)
  if id:find("^workflow/") then trials.run(id, set, layers.over(id, organization_id, files), report) end
  set:close()
  return count(report)
end

return checking
