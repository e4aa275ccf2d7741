-- The shipped table of permissions follows the matrix of functions, and all names used in the product are in it.
local features = require("rules.features")
local permissions = require("rules.permissions")
local roles = require("rules.roles")

local COLUMNS = { "guest", "learner", "teacher", "partner", "customer", "staff", "coordinator", "admin" }
local WIDTH = { own = 1, organization = 2, all = 3 }

-- How far a letter reaches in an operation of each kind. m ⊃ r ⊃ o ⊃ v; d and x include a.
local REACH = {
  view = { v = "all", o = "all", r = "all", e = "all", a = "all", m = "all", d = "all", x = "all" },
  read = { o = "own", e = "own", r = "organization", a = "all", m = "all", d = "all", x = "all" },
  write = { o = "own", e = "own", r = "organization", m = "all", x = "all" },
  decide = { r = "organization", m = "all", d = "all", x = "all" },
  configure = { r = "organization", x = "all" },
}

local letters = {}
for _, feature in ipairs(features) do
  letters[feature[1]] = {}
  for index, role in ipairs(COLUMNS) do letters[feature[1]][role] = feature[3]:sub(index, index) end
end

local base_of = { user = false }
for _, role in ipairs(roles.roles) do base_of[role[1]] = role[1] end
for _, set in ipairs(roles.sets) do base_of[set[1]] = set.base end
base_of.guest = "guest"

local function widest(operation, role)
  local found = 0
  for feature in operation[1]:gmatch("%S+") do
    local reach = REACH[operation[2]][letters[feature][role]]
    found = math.max(found, reach and WIDTH[reach] or 0)
  end
  return found
end

local function each_scope(fn)
  for name, operation in pairs(permissions) do
    for key, scope in pairs(operation) do
      if type(key) == "string" and type(scope) == "string" then fn(name, operation, key, scope) end
    end
  end
end

describe("the permissions of the product", function()
  it("name their function, their kind and their words", function()
    for name, operation in pairs(permissions) do
      assert.truthy(REACH[operation[2]], name .. " has no kind")
      assert.is_string(operation[3], name .. " has no words")
      for feature in operation[1]:gmatch("%S+") do assert.truthy(letters[feature], name .. ": no function " .. feature) end
    end
  end)

  it("know scopes and roles", function()
    each_scope(function(name, _, key, scope)
      assert.truthy(WIDTH[scope], name .. " " .. key)
      assert.not_nil(base_of[key], name .. ": no role " .. key)
    end)
  end)

  it("reach no further than the letters of the matrix", function()
    each_scope(function(name, operation, key, scope)
      for _, role in ipairs(key == "user" and { "learner", "customer", "coordinator" } or { base_of[key] }) do
        assert.truthy(WIDTH[scope] <= widest(operation, role), ("%s: %s has %s, the matrix gives less"):format(name, key, scope))
      end
    end)
  end)

  it("are the matrix of the domain", function()
    local file = assert(io.open("data/permissions.csv"))
    assert.equal("code,feature_ru,guest,learner,teacher,partner,customer,staff,coordinator,admin", file:read("l"))
    local count = 0
    for line in file:lines() do
      local code, label, rest = line:match('^(%w+),"(.-)",(.*)$')
      if not code then code, label, rest = line:match("^(%w+),([^,]*),(.*)$") end
      count = count + 1
      assert.same({ code, label, (rest:gsub("[,\r]", "")) }, features[count])
    end
    assert.equal(#features, count)
    file:close()
  end)

  it("let an administrator see no special data", function()
    for name, operation in pairs(permissions) do
      if operation.special then assert.is_nil(operation.admin, name) end
    end
  end)

  it("are those that machines ask for", function()
    for _, name in ipairs({ "application", "enrollment", "group", "lesson", "order", "resource" }) do
      local machine = require("rules.workflows." .. name)
      assert.truthy(permissions[machine.permission], name)
      for _, transition in ipairs(machine.transitions) do
        if transition.permission then assert.truthy(permissions[transition.permission], name .. "." .. transition[1]) end
      end
    end
  end)
end)

describe("the roles of the product", function()
  it("are those of the migration", function()
    local file = assert(io.open("migrations/202611271330_roles.sql"))
    local sql = file:read("a")
    file:close()
    local lists = {}
    for list in sql:gmatch("ARRAY%[(.-)%]") do lists[#lists + 1] = list end
    for index, kind in ipairs({ "roles", "sets" }) do
      local codes = {}
      for _, entry in ipairs(roles[kind]) do codes[#codes + 1] = "'" .. entry[1] .. "'" end
      assert.equal(table.concat(codes, ", "), lists[index])
    end
  end)
end)
