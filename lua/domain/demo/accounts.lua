--- Passwords of the demo accounts and the file that shows them: one line an account, role, address, password.
local crypto = require("core.crypto")
local files = require("core.files")
local settings = require("core.settings")
local store = require("domain.demo.store")
local accounts = {}

local FILE_LIMIT = 64 * 1024
local PASSWORD_BYTES = 9

--- In the order of the file. The director is staff with the right to sign orders; the column names the account.
accounts.LIST = {
  { "learner", "learner@demo.copp" }, { "teacher", "teacher@demo.copp" }, { "partner", "partner@demo.copp" },
  { "partner", "partner2@demo.copp" }, { "customer", "customer@demo.copp" }, { "staff", "staff@demo.copp" },
  { "director", "director@demo.copp" }, { "coordinator", "coordinator@demo.copp" }, { "admin", "admin@demo.copp" },
}

---@return string path of the file
function accounts.path() return settings.data_dir .. "/demo-logins.txt" end

local function is_complete(text)
  for _, account in ipairs(accounts.LIST) do
    if not text:find("\t" .. account[2] .. "\t", 1, true) then return false end
  end
  return true
end

--- Gives each account a password and writes the file, unless it is there: passwords outlive restarts.
---@return boolean written
function accounts.ensure()
  local text = files.read(accounts.path(), FILE_LIMIT)
  if text and is_complete(text) then return false end
  local lines = {}
  for index, account in ipairs(accounts.LIST) do
    local password = crypto.token(PASSWORD_BYTES)
    store.set_password(account[2], store.must(crypto.password_hash(password)))
    lines[index] = ("%s\t%s\t%s\n"):format(account[1], account[2], password)
  end
  store.must(files.write(accounts.path(), table.concat(lines)))
  return true
end

return accounts
