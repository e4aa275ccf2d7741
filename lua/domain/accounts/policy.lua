--- Limits of guessing, lives of sessions, who needs a second factor.
---
--- A failure counts for the pair of account and address; many failures of one account make the tries of each single
--- address fewer, but never close the account: whoever guesses from elsewhere cannot keep its owner out. A browser from
--- which the owner has come in before is counted by itself.
local crypto = require("core.crypto")
local errors = require("kit.errors")
local setting = require("kit.setting")
local text = require("core.text")
local policy = {}

policy.WINDOW_MINUTES = 60
policy.MAIL_WINDOW_MINUTES = 60

local STRICT = { staff = true, admin = true }

local function key(kind, ...) return crypto.sha256(kind .. ":" .. table.concat({ ... }, "|")) end

--- Keys are hashes: the table of attempts names nobody.
---@param email string
---@param ip string?
---@param device string? hash of the cookie of a browser known for this account
---@return table limits
function policy.login_limits(email, ip, device)
  local who, from = text.lower(email), ip or ""
  if device then return { minutes = policy.WINDOW_MINUTES, { key = key("device", who, device), free = 8, is_own = true } } end
  local account = { key = key("account", who), free = 40, is_own = true, only_counts = true }
  return {
    minutes = policy.WINDOW_MINUTES,
    { key = key("pair", who, from), free = 8, is_own = true, tight_when = account, tight_free = 2 },
    account,
    { key = key("ip", from), free = 100 },
  }
end

--- Codes are six digits: few tries, whoever has the password already.
function policy.otp_limits(user_id, ip)
  return {
    minutes = 24 * 60,
    { key = key("otp-pair", user_id, ip or ""), free = 5, is_own = true },
    { key = key("otp", user_id), free = 20, is_own = true },
  }
end

--- Of letters to one address: more are not sent, and nobody is told.
function policy.mail_limits(email)
  return { minutes = policy.MAIL_WINDOW_MINUTES, { key = key("mail", text.lower(email)), free = 3, is_hard = true } }
end

--- Of registrations and recoveries from one address.
function policy.form_limits(ip)
  return { minutes = policy.MAIL_WINDOW_MINUTES, { key = key("form", ip or ""), free = 120, is_hard = true } }
end

local function has_role(grants, wanted)
  for _, grant in ipairs(grants) do
    if wanted[grant.role] or wanted[grant.code] then return true end
  end
  return false
end

--- Does one of the grants oblige to a second factor?
---@param grants kit.Grant[]
---@return boolean
function policy.must_have_otp(grants)
  local wanted, list = {}, setting.get("accounts.otp_required_roles")
  if #list == 0 then return false end
  for _, role in ipairs(list) do wanted[role] = true end
  return has_role(grants, wanted)
end

--- 403: first the second factor, then anything else.
function policy.enrolment_required()
  return errors.new(403, "otp_enrolment_required", "Для вашей роли обязателен второй фактор. Включите его в разделе «Безопасность».",
    { location = "/cabinet/security/otp" })
end

--- How long a session of somebody with these grants lives on pages.
---@param grants kit.Grant[]
---@return integer idle_minutes
---@return integer hours
function policy.life(grants)
  local kind = has_role(grants, STRICT) and "_staff" or ""
  return setting.get("accounts.idle_minutes" .. kind), setting.get("accounts.session_hours" .. kind)
end

return policy
