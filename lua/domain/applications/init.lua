--- Applications, as other modules see them.
local binding = require("domain.applications.binding")
local documents = require("domain.applications.documents")
local facts = require("domain.applications.facts")
local letters = require("domain.applications.letters")
local present = require("domain.applications.present")
local service = require("domain.applications.service")
local workflow = require("kit.workflow")
local applications = {}

--- Moves an application by its inner key; the caller has checked who may.
applications.fire = service.fire
applications.transition = service.transition
applications.assign = service.assign
applications.own = service.own
applications.clerks = service.clerks
applications.document_kinds = service.document_kinds
applications.may_read_file = documents.may_read_file
applications.letter_data = letters.data
applications.present = present
applications.binding = binding
--- The demo tells a past: it has the rows, their meaning is here.
applications.facts_of_row = facts.of_row

--- Does the machine know this action in this state? Says nothing about rights and guards.
---@return boolean
function applications.may_fire(state, action)
  local transitions = workflow.machine("application").index[state]
  return transitions ~= nil and transitions[action] ~= nil
end

applications.of_ward = service.of_ward
applications.hooks = { ["consent.withdraw"] = service.consent_withdrawn }

applications.timers = {
  { name = "applications.expire_due", every_s = 900, run = service.expire_due },
  { name = "applications.promote_due", every_s = 60, run = service.promote_due },
}

return applications
