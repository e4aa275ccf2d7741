--- Ties the machine `application` to the rows, and says what each effect does. Effects run inside the transaction of
--- the transition.
local errors = require("kit.errors")
local facts = require("domain.applications.facts")
local log = require("core.log")
local lookup = require("kit.lookup")
local policy = require("domain.applications.policy")
local sla = lookup.module("rules.sla").application
local store = require("domain.applications.store")
local transaction = require("kit.transaction")
local workflow = require("kit.workflow")

local binding = { machine = "application", entity = "application", lock = store.lock, find = store.get, capacities = policy.capacities,
  effects = {} }

function binding.facts(application, user, input) return facts.gather(application, input, user) end

--- A second application in the works is refused by the database, whoever was first.
function binding.save(application, to, input)
  local data = input.data or {}
  local ok, err = store.save(application.id, to, {
    reason = input.reason, user_id = input.user_id, responsible_id = input.responsible_id, group_id = data.group_id,
  }, sla)
  if not ok and err.constraint == "application_active_key" then
    return nil, errors.conflict("already_active", "У вас уже есть активная заявка на этот набор.")
  end
  return ok, err
end

--- The rows of the documents that the clerk asks for: {kind, title, comment}.
function binding.effects.ask_documents(application, ctx)
  for _, document in ipairs(ctx.data.documents) do
    local row, err = store.insert_document(application.id, {
      kind = document.kind or "other", title = document.title, is_required = true, comment = document.comment,
    }, ctx.user.id)
    if not row then return nil, err end
  end
  return true
end

--- Who takes an application answers for it.
function binding.effects.become_responsible(application, ctx)
  if not application.responsible_id then store.assign(application.id, ctx.user.id, ctx.user.id) end
  return true
end

local function promote(intake_id)
  while true do
    local waiting = store.next_waiting(intake_id)
    if not waiting then return true end
    local ok, err = workflow.fire(binding, waiting.id, "promote", workflow.SYSTEM, {})
    if not ok then return nil, err end
  end
end

--- The waiting list of an intake moves up while there are free places.
---@return true? ok
---@return kit.Error? err
function binding.promote(intake_id)
  return transaction.run(function() return promote(intake_id) end)
end

--- A place may have become free. The list moves after the commit: by then orders and groups have done their part, and
--- what fails here is done by the timer.
function binding.effects.promote_next(application)
  transaction.after_commit(function()
    local ok, done, err = pcall(binding.promote, application.intake_id)
    if not ok or not done then log.warn("the waiting list was not moved", { intake = application.intake_id, reason = tostring(err or done) }) end
  end)
  return true
end

return binding
