require("support.fakes")
local db = require("core.db")
local roles = require("kit.roles")

local PERMISSIONS = {
  ["doc.read"] = { "F20", "read", "Читать", staff = "all", partner = "organization", user = "own" },
  ["doc.sign"] = { "F20", "decide", "Подписывать", director = "all" },
  ["user.manage"] = { "F29", "configure", "Пользователи", admin = "all", staff = "own" },
}

local function follow(role_rows, rule_rows)
  db.reset()
  db.answer("FROM access_role", role_rows or {})
  db.answer("FROM access_rule", rule_rows or {})
  roles.use(PERMISSIONS)
  roles.follow()
  require("core.bus").notify(roles.TOPIC)
  return roles.state()
end

local INTERN = { code = "intern", kind = "role", name = "Стажёр", base = "staff", cabinet = "staff", inherits = true, version = 1 }

describe("roles", function()
  it("are the product's when the region changed nothing", function()
    local state = follow()
    assert.equal("all", state.rules["doc.read"].staff)
    assert.equal("Сотрудник ЦОПП", state.by_code.staff.name)
  end)

  it("follow what the region changed", function()
    local state = follow({ { code = "staff", is_product = true, name = "Специалист", version = 4 } },
      { { permission = "doc.read", role = "staff", scope = "none" }, { permission = "doc.sign", role = "staff", scope = "all" } })
    assert.is_nil(state.rules["doc.read"].staff)
    assert.equal("all", state.rules["doc.sign"].staff)
    assert.equal("all", state.shipped["doc.read"].staff)
    assert.same({ "Специалист", 4 }, { state.by_code.staff.name, state.by_code.staff.version })
  end)

  it("of the region have the rights of their base until these are changed", function()
    local state = follow({ INTERN }, { { permission = "doc.read", role = "staff", scope = "own" } })
    assert.equal("own", state.rules["doc.read"].intern)
    state = follow({ INTERN }, { { permission = "doc.read", role = "intern", scope = "none" } })
    assert.is_nil(state.rules["doc.read"].intern)
    assert.equal("all", state.rules["doc.read"].staff)
  end)

  it("never inherit the right over users", function()
    local state = follow({ INTERN })
    assert.is_nil(state.rules["user.manage"].intern)
  end)

  it("that are archived may nothing", function()
    local row = { archived_at = "2026-01-01" }
    for key, value in pairs(INTERN) do row[key] = value end
    assert.is_nil(follow({ row }).rules["doc.read"].intern)
  end)

  it("and sets give the widest scope together, made once for grants alike", function()
    follow()
    local one = roles.rights({ role = "partner", code = "partner", sets = { director = true } })
    assert.same({ "organization", "all" }, { one["doc.read"], one["doc.sign"] })
    assert.equal(one, roles.rights({ role = "partner", code = "partner", sets = { director = true } }))
    assert.equal("own", roles.rights(nil)["doc.read"])
  end)

  it("reach a grant that lives longer than they do", function()
    local grant = { role = "staff", code = "staff", sets = {} }
    follow()
    assert.equal("all", roles.rights(grant)["doc.read"])
    follow(nil, { { permission = "doc.read", role = "staff", scope = "own" } })
    assert.equal("own", roles.rights(grant)["doc.read"])
  end)

  it("cost nothing when nobody changes them", function()
    follow()
    local calls = #db.calls
    roles.rights({ role = "staff", code = "staff", sets = {} })
    assert.equal(calls, #db.calls)
  end)
end)
