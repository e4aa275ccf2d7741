--- Who may do what with an application. Rights are data in rules/permissions; here is how an application looks to them.
local access = require("kit.access")
local errors = require("kit.errors")
local people = require("domain.people")
local policy = {}

--- Capacities of the workflow beyond the role: the applicant is `learner` of his own application, in whatever role
--- he works now.
---@return table set
function policy.capacities(application, user)
  return { learner = policy.is_own(application, user) }
end

--- Applies for himself, in the role of a learner.
---@return boolean? ok
---@return kit.Error? err
function policy.can_apply(user)
  local ok = access.can(user, "application.create", { person_id = user.person_id })
  if ok and user.person_id then return true end
  return nil, errors.forbidden("Заявку подаёт слушатель. Переключитесь на эту роль или зарегистрируйтесь как гражданин.")
end

--- For whom: himself, or a child below the age at which it acts itself.
---@param ward_id string? public id of the child
---@return integer? person_id
---@return kit.Error? err
function policy.subject(user, ward_id)
  local ok, err = policy.can_apply(user)
  if not ok then return nil, err end
  if not ward_id then return user.person_id end
  local link = people.ward(user, ward_id)
  if not link then return nil, errors.not_found("person", ward_id) end
  if not people.acts_for(user, link.minor_id) then
    return nil, errors.forbidden("С 14 лет заявку подаёт сам ребёнок, а вы даёте согласие в разделе «Мои дети».", "minor_acts_himself")
  end
  return link.minor_id
end

--- Whose it is to act on: the applicant's, or that of the guardian who acts in his place.
---@return boolean
function policy.is_own(application, user)
  if user.person_id == nil then return false end
  return application.person_id == user.person_id or policy.is_guardian_of(application, user) and people.acts_for(user, application.person_id)
end

--- A guardian sees what his child has filed. Only asked of citizens: others have a role of their own.
---@return boolean
function policy.is_guardian_of(application, user)
  local role = user.grant and user.grant.role
  return (role == "learner" or role == nil) and user.person_id ~= nil and people.wards(user)[application.person_id] ~= nil
end

--- 404 instead of 403: who may not read an application does not learn that it exists. A draft is its author's alone.
---@return boolean? ok
---@return kit.Error? err
function policy.need_read(user, application)
  if policy.is_own(application, user) then return true end
  if application.state ~= "draft" and policy.is_guardian_of(application, user) then return true end
  if application.state ~= "draft" and access.can(user, "application.read", application) then return true end
  return nil, errors.not_found("application", application.public_id)
end

--- May decide, ask for documents, write notes.
---@return boolean
function policy.can_decide(user, application)
  return application.state ~= "draft" and access.can(user, "application.decide", application)
end

--- Sees the applicant's contacts and papers; without it only name, programme and state are shown.
---@return boolean
function policy.can_see_applicant(user, application)
  return access.can(user, "application.read_applicant", application)
end

--- What a list is narrowed to.
---@return table? scope {organization_id?, person_id?}
---@return kit.Error? err
function policy.scope(user)
  local role = user.grant and user.grant.role
  if role == "learner" or not access.can(user, "application.list") then
    if user.person_id and (role == "learner" or role == nil) then return { person_id = user.person_id } end
    return nil, errors.forbidden("Список заявок открыт сотрудникам центра и организаций-партнёров.")
  end
  if role == "partner" then return { organization_id = user.grant.organization_id } end
  return {}
end

return policy
