--- Periodic work of the kit itself, as data for boot.
local outbox = require("kit.outbox")
local store = require("kit.store")
local transaction = require("kit.transaction")
local upkeep = {}

local SEAL_ROWS = 5000

-- Lays the hash chain over audit rows that have come since.
local function seal_audit()
  return transaction.run(function()
    return store.seal_audit(SEAL_ROWS) ~= nil
  end)
end

local function dispatch()
  outbox.dispatch()
  return true
end

local function sweep()
  store.sweep()
  return true
end

upkeep.timers = {
  { name = "kit.outbox", every_s = 15, run = dispatch },
  { name = "kit.audit_seal", every_s = 60, run = seal_audit },
  { name = "kit.sweep", every_s = 3600, run = sweep },
}

return upkeep
