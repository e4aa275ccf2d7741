local json = require("core.json")
local openapi = require("kit.openapi")

local function nothing() end
local ROUTES = {
  { "GET", "/", nothing, access = "public", summary = "Страница" },
  { "GET", "/api/v1/groups", nothing, access = "user", summary = "Группы", returns = "GroupList",
    query = { { name = "state", type = "list", label = "Состояние" }, { name = "limit", type = "integer", label = "Сколько", min = 1, max = 100 } } },
  { "GET", "/api/v1/groups/{id}", nothing, access = "user", summary = "Группа", returns = "Group" },
  { "POST", "/api/v1/groups", nothing, access = "user", summary = "Создать", returns = "Group",
    body = { { name = "code", type = "text", label = "Код", required = true, max_length = 30 }, { name = "intake_id", type = "integer", label = "Набор" },
      { name = "kind", type = "enum", label = "Вид", options = { "a", "b" } }, { name = "teacher_ids", type = "list", items = "id", label = "Кто" } } },
  { "POST", "/api/v1/auth/token", nothing, access = "public", summary = "Токен", returns = { { name = "access_token", type = "text" } }, status = 200 },
}

describe("the OpenAPI document", function()
  local document = openapi.document(ROUTES, { schemas = { Group = { { name = "id", type = "id" }, { name = "code", type = "text" } } } })
  local post = document.paths["/api/v1/groups"].post

  it("is of version 3.1", function() assert.equal("3.1.0", document.openapi) end)
  it("has the API only", function() assert.is_nil(document.paths["/"]) end)
  it("has every method of a path", function()
    assert.truthy(document.paths["/api/v1/groups"].get)
    assert.truthy(post)
  end)
  it("names operations", function() assert.equal("get_groups_id", document.paths["/api/v1/groups/{id}"].get.operationId) end)
  it("has parts of the path as required parameters", function()
    local parameter = document.paths["/api/v1/groups/{id}"].get.parameters[1]
    assert.same({ "id", "path", true }, { parameter.name, parameter["in"], parameter.required })
  end)
  it("has the query", function()
    local limit = document.paths["/api/v1/groups"].get.parameters[2]
    assert.same({ "limit", 1, 100 }, { limit.name, limit.schema.minimum, limit.schema.maximum })
  end)
  it("has the body", function()
    local schema = post.requestBody.content["application/json"].schema
    assert.same({ "code" }, { table.unpack(schema.required) })
    assert.equal(30, schema.properties.code.maxLength)
    assert.is_false(schema.additionalProperties)
  end)
  it("says identifiers are strings", function()
    local properties = post.requestBody.content["application/json"].schema.properties
    assert.equal("string", properties.intake_id.type)
    assert.equal("string", properties.teacher_ids.items.type)
  end)
  it("lists options", function()
    assert.same({ "a", "b" }, { table.unpack(post.requestBody.content["application/json"].schema.properties.kind.enum) })
  end)
  it("answers 201 to what creates", function() assert.truthy(post.responses["201"]) end)
  it("answers as the route says", function() assert.truthy(document.paths["/api/v1/auth/token"].post.responses["200"]) end)
  it("has the errors", function()
    assert.truthy(post.responses["422"])
    assert.truthy(post.responses["409"])
    assert.truthy(post.responses["401"])
  end)
  it("describes named answers", function()
    assert.truthy(document.components.schemas.Group.properties.code)
  end)
  it("describes a page of them", function()
    assert.equal("#/components/schemas/Group", document.components.schemas.GroupList.properties.items.items["$ref"])
  end)
  it("takes Idempotency-Key where it works", function()
    assert.truthy(json.encode(post.parameters):find("IdempotencyKey", 1, true))
    assert.is_nil(document.paths["/api/v1/auth/token"].post.parameters)
  end)
  it("needs no log-in where it is public", function()
    assert.equal("[]", json.encode(document.paths["/api/v1/auth/token"].post.security))
  end)
  it("is the same bytes every time", function()
    assert.equal(openapi.encode(openapi.document(ROUTES, {})), openapi.encode(openapi.document(ROUTES, {})))
  end)
  it("is JSON", function() assert.equal("3.1.0", json.decode(openapi.encode(document)).openapi) end)
end)
