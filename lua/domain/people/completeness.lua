--- Is a profile full enough to apply, and which step of the wizard comes next? Pure.
local lookup = require("kit.lookup")
local rules = lookup.module("rules.profile")
local fields = require("domain.people.fields")
local completeness = {}

local EXCEPTIONS = {
  has_no_middle_name = function(profile) return profile.has_middle_name == false end,
  is_foreigner = function(profile) return profile.citizenship ~= nil and profile.citizenship ~= fields.RUSSIA end,
}

--- What is still missing, in the order of the wizard.
---@param profile table
---@return table list {field, label, step}
function completeness.missing(profile)
  local found = {}
  for _, rule in ipairs(rules.required) do
    local value = profile[rule[1]]
    local is_excused = rule.unless and EXCEPTIONS[rule.unless](profile)
    if (value == nil or value == "") and not is_excused then
      found[#found + 1] = { field = rule[1], label = rule[2], step = rule[3] }
    end
  end
  return found
end

--- Minors need a guardian. Nobody knows the age of a person without a birth date: not a minor yet.
---@param profile table
---@return boolean
function completeness.is_minor(profile)
  return profile.age ~= nil and profile.age < rules.adult_age
end

local function is_done(step, profile, missing)
  if step.id == "guardian" then return profile.guardian_consented_at ~= nil or profile.guardian_state == "requested" end
  if step.id == "consent" then return profile.consent_given_at ~= nil end
  for _, lack in ipairs(missing) do
    if lack.step == step.id then return false end
  end
  return true
end

--- The steps that this person goes through, each with is_done.
---@param profile table
---@return table list {id, title, is_done}
function completeness.steps(profile)
  local missing = completeness.missing(profile)
  local steps = {}
  for _, step in ipairs(fields.STEPS) do
    if not step.for_minors or completeness.is_minor(profile) then
      steps[#steps + 1] = { id = step.id, title = step.title, is_done = is_done(step, profile, missing) }
    end
  end
  return steps
end

--- The first step that is not done; nil when all are.
---@param profile table
---@return string? id
function completeness.next_step(profile)
  for _, step in ipairs(completeness.steps(profile)) do
    if not step.is_done then return step.id end
  end
end

return completeness
