--- Accounts, as other modules see them.
local factor = require("domain.accounts.second_factor")
local fields = require("domain.accounts.fields")
local policy = require("domain.accounts.policy")
local entry = require("domain.accounts.entry")
local service = require("domain.accounts.service")
local accounts = {}

accounts.ROLES = fields.ROLES
accounts.add = service.add
accounts.send_link = service.send_link
--- Registration of a person as part of another one: of his organisation, of a guardian.
accounts.REGISTER = fields.REGISTER
accounts.PASSWORD_MIN = fields.PASSWORD_MIN
accounts.register = service.register
accounts.add_invited = service.add_invited
accounts.is_known = service.is_known
--- Opens a session of an account that has proved itself elsewhere: open(request, { id, email }, "web").
accounts.open = service.open
--- The same with the second step where it is on: the path where the browser goes.
accounts.enter = entry.enter
--- Takes the second factor off an account: reset_second_factor(user, user_id, reason); needs user.manage.
accounts.reset_second_factor = factor.reset

-- Who must have a second factor is led to it before anything else.
local function gate(request, route)
  local session = request.session
  if not session or session.has_otp or route.before_otp or request.user.preview then return true end
  if not policy.must_have_otp(request.user.grants) then return true end
  return nil, policy.enrolment_required()
end

accounts.gates = { gate, require("domain.accounts.proof").gate }

local ROLES = {}
for _, role in ipairs({ "admin", "staff", "coordinator", "partner", "customer", "teacher", "learner" }) do
  ROLES[#ROLES + 1] = { value = role, label = fields.ROLES[role] }
end

accounts.settings = {
  { key = "otp_required_roles", type = "list", options = ROLES, default = {}, label = "Кому обязателен второй фактор",
    reason = "У кого есть такая роль, тот включит одноразовые коды прежде всего остального. Сотрудникам и администраторам советуем включить." },
  { key = "idle_minutes", type = "integer", min = 5, max = 10080, default = 720, label = "Бездействие до выхода, минут",
    reason = "Сколько можно ничего не делать в кабинете. За две минуты до конца страница предложит продлить сеанс." },
  { key = "session_hours", type = "integer", min = 1, max = 2160, default = 168, label = "Сеанс длится не дольше, часов",
    reason = "После этого срока входят заново, даже если работали всё время." },
  { key = "idle_minutes_staff", type = "integer", min = 5, max = 1440, default = 60,
    label = "То же для сотрудников и администраторов: бездействие, минут",
    reason = "Они видят чужие данные, поэтому срок короче. Требования к ИСПДн обычно называют 15 минут." },
  { key = "session_hours_staff", type = "integer", min = 1, max = 168, default = 12,
    label = "То же для сотрудников и администраторов: сеанс, часов", reason = "Один рабочий день." },
  { key = "reauth_minutes", type = "integer", min = 1, max = 240, default = 15, label = "Повторное подтверждение личности, минут",
    reason = "Перед опасным действием просим пароль или код, если их вводили раньше этого срока." },
}

accounts.timers = {
  { name = "accounts.clean", every_s = 86400, run = service.clean },
}

-- What the page needs to warn before the session ends.
local function time_left(request, data)
  local session = request.session
  if not session then return end
  data.session_left = { idle_s = session.idle_minutes * 60, left_s = session.left_s }
end

accounts.page_data = { { layout = "cabinet", fn = time_left } }

return accounts
