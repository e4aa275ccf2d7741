require("support.fakes")
local rows = require("core.rows")
local sheet_reader = require("kit.sheet_reader")

local SCHEMA = {
  { name = "snils", type = "snils", label = "СНИЛС", required = true },
  { name = "birth_date", type = "date", label = "Дата рождения", aliases = { "ДР" } },
  { name = "role", type = "enum", label = "Роль", options = { { value = "learner", label = "Обучающийся" } } },
  { name = "is_head", type = "boolean", label = "Руководитель" },
}

local function all(sheet)
  local list = {}
  for row in sheet:rows() do list[#list + 1] = row end
  return list
end

describe("sheet_reader", function()
  it("knows columns by label, name or alias, whatever their order and case", function()
    rows.give({ "роль", "СНИЛС *", "др", "Примечание" }, { "Обучающийся", "112-233-445 95", "2000-02-01 00:00", "x" })
    local sheet = assert(sheet_reader.open("x", SCHEMA))
    assert.same({ "Примечание" }, sheet.unknown)
    assert.same({ role = "learner", snils = "11223344595", birth_date = "2000-02-01", is_head = false }, all(sheet)[1].input)
  end)

  it("gives each row its verdict and its number", function()
    rows.give({ "snils", "Руководитель" }, { "112-233-445 95", "да" }, { "112-233-445 96", "" }, { "" })
    local list = all(assert(sheet_reader.open("x", SCHEMA)))
    assert.is_true(list[1].input.is_head)
    assert.equal(3, list[2].number)
    assert.equal("snils", list[2].err.field)
    assert.equal("required", list[3].err.fields[1].code)
  end)

  it("names the column that is missing or there twice", function()
    rows.give({ "Роль" })
    local _, err = sheet_reader.open("x", SCHEMA)
    assert.equal("no_column", err.code)
    assert.matches("«СНИЛС»", err.text)
    rows.give({ "СНИЛС", "snils" })
    _, err = sheet_reader.open("x", SCHEMA, { field = "table" })
    assert.equal("column_twice", err.code)
    assert.equal("table", err.field)
  end)

  it("says what to do with a file that is no table", function()
    rows.give(nil, "invalid")
    local _, err = sheet_reader.open("x", SCHEMA)
    assert.equal("bad_table", err.code)
    rows.give({ "СНИЛС" }, "limit")
    local sheet = assert(sheet_reader.open("x", SCHEMA))
    all(sheet)
    assert.equal("bad_table", sheet.err.code)
    rows.give()
    assert.has_error(function() rows.give(nil, "io") sheet_reader.open("x", SCHEMA) end)
  end)

  it("stops at the most rows", function()
    rows.give({ "СНИЛС" }, { "1" }, { "2" }, { "3" })
    local sheet = assert(sheet_reader.open("x", SCHEMA, { max_rows = 2 }))
    assert.equal(2, #all(sheet))
    assert.equal("too_many_rows", sheet.err.code)
  end)

  it("takes off the apostrophe of our own exports", function()
    rows.give({ "СНИЛС", "Роль" }, { "'=1", "" })
    assert.equal("=1", all(assert(sheet_reader.open("x", SCHEMA)))[1].typed.snils)
  end)
end)
