--- Is a new password good enough? Length counts, not kinds of signs. Pure.
local fields = require("domain.accounts.fields")
local common = require("domain.accounts.common_passwords")
local text = require("core.text")
local passwords = {}

local known

local function is_common(password)
  if not known then
    known = {}
    for word in common:gmatch("%S+") do known[word] = true end
  end
  return known[text.lower(password)] == true
end

local function is_monotone(password)
  return password == text.sub(password, 1, 1):rep(text.len(password))
end

--- nil when the password will do, otherwise what is wrong with it.
---@param password string
---@param email string? of the account
---@return string? code
---@return string? message
function passwords.fault(password, email)
  local length = text.len(password)
  if length < fields.PASSWORD_MIN then
    return "too_short", ("Пароль короче %d знаков. Добавьте ещё слово."):format(fields.PASSWORD_MIN)
  end
  if #password > fields.PASSWORD_MAX then
    return "too_long", "Пароль слишком длинный. Хватит и пары предложений."
  end
  if is_common(password) or is_monotone(password) then
    return "too_common", "Такой пароль подбирают первым. Придумайте другой, например из трёх-четырёх слов."
  end
  if email and text.lower(password) == text.lower(email) then
    return "same_as_email", "Пароль совпадает с почтой. Придумайте другой."
  end
end

return passwords
