--- What a cabinet shows depends on the grant in force alone; each page behind a menu item checks its own rights.
local policy = {}

--- The role whose cabinet is shown; an account without a valid grant gets that of a learner.
---@return string
function policy.role(user)
  return user.grant and user.grant.role or "learner"
end

return policy
