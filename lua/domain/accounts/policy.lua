--- Limits of guessing. An attempt counts for the pair of account and address, for the account and for the address,
--- so that a guesser is slowed while the owner of the account still gets in from his own place.
local crypto = require("core.crypto")
local text = require("core.text")
local policy = {}

policy.WINDOW_MINUTES = 15
policy.MAIL_WINDOW_MINUTES = 60

--- Keys are hashes: the table of attempts names nobody.
---@return table keys {hash, limit}
function policy.login_limits(email, ip)
  local who, from = text.lower(email), ip or ""
  return {
    { key = crypto.sha256("pair:" .. who .. "|" .. from), limit = 8 },
    { key = crypto.sha256("account:" .. who), limit = 40 },
    { key = crypto.sha256("ip:" .. from), limit = 100 },
  }
end

--- Of letters to one address: more are not sent, and nobody is told.
function policy.mail_limits(email)
  return { { key = crypto.sha256("mail:" .. text.lower(email)), limit = 3 } }
end

--- Of registrations and recoveries from one address.
function policy.form_limits(ip)
  return { { key = crypto.sha256("form:" .. (ip or "")), limit = 120 } }
end

return policy
