--- JSON Schema of what present.json() makes, for the description of the API.
local packs = require("kit.packs")
local shape = require("kit.shape")

local maybe, text, id, moment = shape.maybe, shape.text, shape.id, shape.moment

local function state_codes()
  local codes = {}
  for code in pairs(packs.shipped("workflow/application").data.states) do codes[#codes + 1] = code end
  table.sort(codes)
  return codes
end

local STATE = shape.enum(state_codes())
local PERSON = shape.object({ id = shape.uuid, name = text })
local PROGRAM = shape.object({ id = id, title = text, slug = text })
local FILE = shape.object({ id = shape.uuid, name = text, size_bytes = shape.integer, mime = text, url = text })
local DOCUMENT = shape.object({
  id = id, kind = text, title = text, is_required = shape.boolean, state = shape.enum({ "asked", "new", "rejected", "confirmed", "expired" }),
  comment = maybe(text), updated_at = moment, file = maybe(FILE),
})
local EVENT = shape.object({ action = text, label = text, from = STATE, to = STATE, at = moment, role = text, reason = maybe(text) })
local ACTION = shape.object({
  action = text, label = text, to = STATE, allowed = shape.boolean, why = maybe(text), reason_required = shape.boolean,
})
local NOTE = shape.object({ id = id, text = text, is_internal = shape.boolean, author = maybe(text), created_at = moment })

-- What lists and single applications have in common.
local COMMON = {
  id = shape.uuid, number = text, state = STATE, version = shape.integer, program = PROGRAM, program_id = id, intake_id = id,
  organization_id = id, organization = text, person = PERSON, funding = maybe(text), responsible_id = maybe(id), responsible = maybe(text),
  starts_on = shape.date, submitted_at = maybe(moment), sla_due_at = maybe(moment), docs_due_on = maybe(shape.date), updated_at = moment,
}

return {
  Application = shape.object(COMMON, {
    group_id = maybe(id), group = maybe(text), source = text, comment = maybe(text), reason = maybe(text), created_at = moment,
    waiting_place = maybe(shape.integer), decided_at = maybe(moment), documents = shape.list(DOCUMENT), history = shape.list(EVENT),
    actions = shape.list(ACTION), notes = shape.list(NOTE), applicant = shape.any,
  }),
  ApplicationDocument = DOCUMENT,
  Note = shape.object({ id = id }),
  BulkResult = shape.object({ action = text, done = shape.integer, failed = shape.integer, not_found = shape.integer,
    failures = shape.list(shape.object({ id = shape.uuid, number = text, code = text, text = text })) }),
}
