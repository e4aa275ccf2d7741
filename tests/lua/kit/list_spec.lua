local csv = require("kit.csv")
local db = require("core.db")
local List = require("kit.table")
local query = require("kit.query")
local sheet = require("core.sheet")

local function keyset(changes)
  local definition = {
    select = "a.id, a.number", from = "application a", key = "a.id", where = "a.state <> 'draft'",
    filters = { state = "a.state = ANY (?::text[])", mine = "a.responsible_id = ?::bigint" },
    sorts = { newest = { "a.id", type = "bigint", desc = true }, name = { "a.name", type = "text", collate = "ru" },
      due = { "a.due_on", type = "date" } },
    default = "newest",
  }
  for key, value in pairs(changes or {}) do definition[key] = value end
  return query.list(definition)
end

local function rows(from, to)
  local list = {}
  for i = from, to do list[#list + 1] = { id = i, number = "№ " .. i, cursor = i .. "~" .. i } end
  return list
end

local function squeeze(sql) return (sql:gsub("%s+", " ")) end

before_each(function() db.reset() end)

describe("a keyset list", function()
  it("asks for one row more", function()
    keyset():page({ limit = 10 })
    assert.equal(11, db.calls[1][1])
  end)
  it("writes its order with the key behind", function()
    keyset():page({})
    assert.truthy(squeeze(db.calls[1].sql):find("ORDER BY a.id DESC, a.id DESC LIMIT $1::int", 1, true))
  end)
  it("always keeps its own condition", function()
    keyset():page({})
    assert.truthy(db.calls[1].sql:find("(a.state <> 'draft')", 1, true))
  end)
  it("turns the order round", function()
    keyset():page({ sort = "-newest" })
    assert.truthy(db.calls[1].sql:find("ORDER BY a.id ASC", 1, true))
  end)
  it("sorts by the rules of Russian", function()
    keyset():page({ sort = "name" })
    assert.truthy(db.calls[1].sql:find("(a.name) COLLATE ru ASC", 1, true))
  end)
  it("passes filters as parameters only", function()
    keyset():page({ filters = { state = "{a'b}", mine = 7 } })
    assert.same({ 7, "{a'b}", 51 }, { table.unpack(db.calls[1], 1, 3) })
    assert.is_nil(db.calls[1].sql:find("a'b", 1, true))
  end)
  it("leaves out filters without a value", function()
    keyset():page({ filters = { state = nil, mine = false } })
    assert.is_nil(db.calls[1].sql:find("responsible", 1, true))
  end)
  it("has one statement for a set of filters", function()
    local list = keyset()
    list:page({ filters = { mine = 1 } })
    list:page({ filters = { mine = 2 } })
    assert.equal(db.calls[1].sql, db.calls[2].sql)
  end)
  it("knows no other filters", function()
    assert.has_error(function() keyset():page({ filters = { evil = 1 } }) end)
  end)
  it("knows no other orders", function()
    local found, err = keyset():page({ sort = "1; DROP TABLE" })
    assert.is_nil(found)
    assert.equal("unknown_sort", err.code)
  end)
  it("gives the cursor of the last row shown", function()
    db.answer("SELECT", rows(1, 4))
    local found, cursor = keyset():page({ limit = 3 })
    assert.equal(3, #found)
    assert.equal("3~3", cursor)
  end)
  it("gives no cursor at the end", function()
    db.answer("SELECT", rows(1, 3))
    local _, cursor = keyset():page({ limit = 3 })
    assert.is_nil(cursor)
  end)
  it("goes on behind the cursor", function()
    keyset():page({ sort = "due", cursor = "2026-11-23~17", limit = 3 })
    assert.truthy(squeeze(db.calls[1].sql):find("(a.due_on, a.id) > ($2::date, $3::bigint)", 1, true))
    assert.same({ 4, "2026-11-23", 17 }, { table.unpack(db.calls[1], 1, 3) })
  end)
  it("takes texts with any characters in the cursor", function()
    keyset():page({ sort = "name", cursor = "Ёлкин ~ 'x'~17" })
    assert.equal("Ёлкин ~ 'x'", db.calls[1][2])
  end)
  for _, wrong in ipairs({ "x", "~", "abc~1", "2026~x", "1~99999999999999999999" }) do
    it("refuses the cursor " .. wrong, function()
      local found, err = keyset():page({ cursor = wrong })
      assert.is_nil(found)
      assert.equal("bad_cursor", err.code)
    end)
  end
  it("gives JSON without the cursor column", function()
    db.answer("SELECT", { { id = 1, cursor = "1~1" }, { id = 2, cursor = "2~2" } })
    local bytes, cursor = keyset():json({ limit = 1 })
    assert.equal('[{"id":1}]', bytes)
    assert.equal("1~1", cursor)
  end)
  it("counts up to a cap", function()
    db.answer("count(*)", { { n = 1001 } })
    local count, is_capped = keyset():count({ mine = 7 })
    assert.equal(1000, count)
    assert.is_true(is_capped)
  end)
  it("walks over all pages", function()
    local asked = 0
    db.answer("SELECT", function()
      asked = asked + 1
      return asked == 1 and rows(1, 501) or rows(501, 503)
    end)
    assert.equal(503, keyset():each({}, function() end))
  end)
  it("stops a walk", function()
    db.answer("SELECT", rows(1, 10))
    assert.equal(3, keyset():each({}, function(row) return row.id < 3 end))
  end)
end)

describe("a list for people", function()
  local list
  before_each(function()
    list = List.new({
      keyset = keyset(), path = "/inbox",
      schema = {
        { name = "state", type = "list", label = "Состояние", options = { { value = "new", label = "Новая" } } },
        { name = "mine", type = "integer", label = "Мои" },
        { name = "sort", type = "text" }, { name = "limit", type = "integer" }, { name = "cursor", type = "text" },
      },
      columns = { { key = "number", label = "Номер", sort = "newest" }, { key = "due", label = "Срок", sort = "due" } },
    })
    db.answer("SELECT", rows(1, 2))
    db.answer("count(*)", { { n = 2 } })
  end)

  it("reads its filters from the address", function()
    list:read({ state = { "new", "old" } })
    assert.equal("{new,old}", db.calls[1][1])
  end)
  it("is narrowed by what the user cannot change", function()
    list:read({ mine = { "1" } }, { mine = 42 })
    assert.equal(42, db.calls[1][1])
  end)
  it("says wrong filters", function()
    local found, err = list:read({ mine = { "x" } })
    assert.is_nil(found)
    assert.equal(422, err.status)
  end)
  it("counts in words", function() assert.equal("2", list:read({}).total) end)
  it("shows a capped count with a plus", function() assert.equal("1000+", List.count_words(1000, true)) end)
  it("marks the column of the order", function() assert.equal("desc", list:read({}).columns[1].dir) end)
  it("links a column to the other direction", function()
    assert.equal("/inbox?sort=-newest", list:read({}).columns[1].sort)
  end)
  it("links other columns to their order", function()
    assert.equal("/inbox?sort=due&state=new", list:read({ state = { "new" }, cursor = { "1~1" } }).columns[2].sort)
  end)
  it("shows filters that can be taken away", function()
    local chosen = list:read({ state = { "new" }, mine = { "7" } }).chosen
    assert.same({ label = "Состояние: Новая", href = "/inbox?mine=7" }, chosen[1])
  end)
  it("writes CSV", function()
    local written = {}
    list:csv("Заявки", {}).body.stream(function(chunk)
      written[#written + 1] = chunk
      return true
    end)
    assert.equal("\u{FEFF}Номер;Срок\r\n№ 1;\r\n№ 2;\r\n", table.concat(written))
  end)
  it("stops CSV when the client has gone", function()
    local count = 0
    list:csv("Заявки", {}).body.stream(function()
      count = count + 1
      return nil, { code = "closed" }
    end)
    assert.equal(2, count)
  end)
  it("names the CSV in Russian", function()
    assert.truthy(list:csv("Заявки", {}).headers["content-disposition"]:find("filename*=UTF-8''%D0%97", 1, true))
  end)
  it("writes XLSX through the library", function()
    local opened
    local open = sheet.open
    sheet.open = function(...)
      opened = open(...)
      return opened
    end
    db.answer("INSERT INTO file_object", { { id = 3, sha256 = "ab", size_bytes = 5, name = "Заявки.xlsx", mime = "x" } })
    list:xlsx("Заявки", {}, nil, "export", require("support.given").user("staff"))
    sheet.open = open
    assert.same({ "№ 2", "" }, opened.rows[2])
    assert.is_true(opened.closed)
  end)
  it("leaves a long XLSX to a job", function()
    db.answer("count(*)", { { n = 5001 } })
    db.answer("INSERT INTO job", { { id = 9 } })
    local answer = list:xlsx("Заявки", { state = { "new" } }, nil, "inbox.export", require("support.given").user("staff", { id = 42 }))
    assert.equal("/cabinet/jobs/9", answer.headers.location)
    assert.truthy(db.last("INSERT INTO job")[2]:find('"user_id":42', 1, true))
  end)
end)

describe("CSV", function()
  it("quotes what needs it", function() assert.equal('"a;b"', csv.cell("a;b")) end)
  it("doubles quotes", function() assert.equal('"ООО ""Завод"""', csv.cell('ООО "Завод"')) end)
  it("quotes line breaks", function() assert.equal('"a\nb"', csv.cell("a\nb")) end)
  it("has decimal commas", function() assert.equal("1,5", csv.cell(1.5)) end)
  it("says yes and no", function() assert.equal("да", csv.cell(true)) end)
  for _, evil in ipairs({ "=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "\t=1" }) do
    it("disarms the formula " .. evil:gsub("%c", "␤"), function() assert.truthy(csv.cell(evil):find("^\"?'")) end)
  end
  it("leaves numbers alone", function() assert.equal("-12,5", csv.cell("-12,5")) end)
end)
