local fields = require("domain.accounts.fields")
local form = require("kit.form")
local passwords = require("domain.accounts.passwords")
local policy = require("domain.accounts.policy")

local function fault(password, email) return (passwords.fault(password, email)) end

describe("a new password", function()
  it("has eight characters at least, whatever their alphabet", function()
    assert.equal("too_short", fault("пароль7"))
    assert.is_nil(fault("светлый лес"))
  end)

  it("is none of those that are tried first", function()
    assert.equal("too_common", fault("password"))
    assert.equal("too_common", fault("QWERTYUIOP"))
    assert.equal("too_common", fault("йцукенгшщз"))
    assert.equal("too_common", fault("zzzzzzzzzzzz"))
  end)

  it("is not the address", function()
    assert.equal("same_as_email", fault("Anna@example.ru", "anna@example.ru"))
  end)

  it("may be long, with spaces and any signs, but not endless", function()
    assert.is_nil(fault(("длинная фраза из многих слов. "):rep(5)))
    assert.equal("too_long", fault(("x7 "):rep(400)))
  end)

  it("is taken as typed, spaces and all", function()
    local input = form.parse(fields.NEW_PASSWORD, { password = "  два пробела  " })
    assert.equal("  два пробела  ", input.password)
  end)
end)

describe("limits of guessing", function()
  it("name nobody and do not depend on the case of the address", function()
    local a, b = policy.login_limits("Anna@Example.ru", "192.0.2.7"), policy.login_limits("anna@example.ru", "192.0.2.7")
    for i = 1, #a do
      assert.equal(a[i].key, b[i].key)
      assert.equal(64, #a[i].key)
    end
  end)

  it("slow the pair of account and address before the account itself", function()
    local limits = policy.login_limits("anna@example.ru", "192.0.2.7")
    assert.is_true(limits[1].free < limits[2].free)
    assert.is_true(limits[2].free < limits[3].free)
    assert.are_not.equal(limits[1].key, policy.login_limits("anna@example.ru", "192.0.2.8")[1].key)
    assert.equal(limits[2].key, policy.login_limits("anna@example.ru", "192.0.2.8")[2].key)
  end)
end)
