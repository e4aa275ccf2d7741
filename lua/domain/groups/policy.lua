--- Who may see and change which groups.
local access = require("kit.access")
local policy = {}

--- Narrows a list to what the user may see: staff all, a partner its organisation's, a teacher those he teaches,
--- a learner those he is in. nil, err when the role has no business with groups.
---@return table? scope {organization_id?, teacher_id?, learner_id?}
---@return kit.Error? err
function policy.scope(user)
  local ok, err = access.need(user, "group.read")
  if not ok then return nil, err end
  local role = user.grant and user.grant.role
  if role == "partner" then return { organization_id = user.grant.organization_id } end
  if role == "teacher" then return { teacher_id = user.person_id } end
  if role == "learner" then return { learner_id = user.person_id } end
  return {}
end

--- May the user see this group with the names of its learners?
function policy.can_see_learners(user, group)
  return access.can(user, "group.manage", group) or access.can(user, "group.read_learners", group)
end

return policy
