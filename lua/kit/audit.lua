--- Who did what: rows of audit_event in the transaction of the change. Actor, grant, address and request id come from
--- the current request.
local context = require("kit.context")
local json = require("core.json")
local store = require("kit.store")
local audit = {}

-- What must not be readable in a journal: old and new value become marks.
local MASKED = {
  snils = true, password = true, password_hash = true, passport = true, health_limit = true, totp_secret = true, token = true,
  birth_date = true, inn = true,
}

local function plain(value)
  if value == nil then return json.null end
  return value
end

-- {field = {old, new}}; a missing old or new is null. Other values are kept as they are.
local function encode_diff(diff)
  local copy = {}
  for field, change in pairs(diff) do
    if MASKED[field] then
      copy[field] = json.array({ "***", "***" })
    elseif type(change) == "table" then
      copy[field] = json.array({ plain(change[1]), plain(change[2]) })
    else
      copy[field] = change
    end
  end
  return json.encode(json.object(copy))
end

--- Writes an event.
---@param action string "group.create"
---@param entity string?
---@param entity_id integer?
---@param diff table<string, any>? {field = {old, new}}; special personal data is masked by name
---@param reason string?
function audit.write(action, entity, entity_id, diff, reason)
  local ctx = context.get()
  local user = ctx.user
  if user and user.preview then user = user.preview.user end -- whoever looks, not through whose eyes
  store.insert_audit(user and user.id, user and user.grant and user.grant.id, action, entity, entity_id,
    encode_diff(diff or {}), reason, ctx.ip, ctx.id)
end

--- The differences between an old row and new values: {field = {old, new}} of the fields that changed.
---@param old table
---@param new table
---@return table? diff nil when nothing changed
function audit.diff(old, new)
  local diff
  for field, value in pairs(new) do
    if old[field] ~= value and type(value) ~= "table" then
      diff = diff or {}
      diff[field] = { old[field], value }
    end
  end
  return diff
end

return audit
