--- Beginning and ending a look through other eyes. Both are on record, with the reason.
local audit = require("kit.audit")
local errors = require("kit.errors")
local preview = require("kit.preview")
local roles = require("kit.roles")
local session = require("kit.session")
local store = require("domain.preview.store")
local transaction = require("kit.transaction")
local service = {}

local function need_allowed(user)
  if preview.is_allowed(user) then return true end
  local err = errors.forbidden()
  err.permission = "user.manage"
  return nil, err
end

local function packed_role(input)
  local role = roles.find(input.role)
  if not role or role.kind ~= "role" or role.archived_at then return nil, errors.invalid("role", "unknown", "Выберите роль из списка.") end
  if role.needs_organization and not input.organization_id then
    return nil, errors.invalid("organization_id", "required", "Для этой роли выберите организацию.")
  end
  return ("role|%s|%s"):format(role.code, role.needs_organization and input.organization_id or "")
end

--- What the form offers.
---@return table? found {roles, organizations}
---@return kit.Error? err
function service.form(user)
  local ok, err = need_allowed(user)
  if not ok then return nil, err end
  local list = {}
  for _, role in ipairs(roles.state().order) do
    if role.kind == "role" and not role.archived_at then list[#list + 1] = { value = role.code, label = role.name } end
  end
  return { roles = list, organizations = store.organizations() }
end

--- Looks as a role or as somebody's grant from the next request on.
---@param request kit.Request
---@param input table values of fields.START
---@return string? label whose eyes
---@return kit.Error? err
function service.start(request, input)
  local ok, err = need_allowed(request.user)
  if not ok then return nil, err end
  local packed = input.grant_id and "grant|" .. input.grant_id
  if not packed then
    packed, err = packed_role(input)
    if not packed then return nil, err end
  end
  local seen = session.previewed(request.user, packed)
  if not seen then
    return nil, errors.conflict("cannot_preview", "Посмотреть так нельзя: роль закончилась, организации нет или это тоже администратор.")
  end
  return transaction.run(function()
    session.set_preview(request, packed)
    audit.write("preview.start", "user_account", seen.id, { grant = { nil, seen.preview.label } }, input.reason)
    return seen.preview.label
  end)
end

--- Back to oneself.
function service.leave(request)
  return transaction.run(function()
    if not request.session.preview then return true end
    session.set_preview(request, nil)
    audit.write("preview.end", "user_account", request.user.id, { grant = { request.session.preview, nil } })
    return true
  end)
end

return service
