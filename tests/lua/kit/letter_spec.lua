--- Templates of letters: what they can say, and what they refuse.
local book = require("kit.letter_book")
local letter = require("kit.letter")
local letter_html = require("kit.letter_html")

local NAMES = {
  first_name = { label = "Имя", type = "text" }, reason = { label = "Причина", type = "text" }, hours = { label = "Часы", type = "number" },
  due_on = { label = "Срок", type = "date" }, ["application.number"] = { label = "Номер", type = "text" },
  documents = { label = "Документы", type = "list", item = { title = { label = "Название", type = "text" } } },
}

local function fill(source, data) return letter.fill(assert(letter.compile(source, NAMES)), data) end

local function fault(source)
  local tree, faults = letter.compile(source, NAMES)
  assert.is_nil(tree)
  return faults[1]
end

describe("a template of a letter", function()
  it("has names, with dots, too", function()
    assert.equal("№ 7, Анна", fill("№ {{ application.number }}, {{first_name}}", { application = { number = "7" }, first_name = "Анна" }))
  end)
  it("leaves out what has no value", function() assert.equal("Здравствуйте!", fill("Здравствуйте{{#if first_name}}, {{ first_name }}{{/if}}!", { first_name = "" })) end)
  it("knows otherwise", function() assert.equal("нет", fill("{{#if reason}}да{{else}}нет{{/if}}", {})) end)
  it("takes nought for nothing", function() assert.equal("", fill("{{#if hours}}да{{/if}}", { hours = 0 })) end)
  it("goes through a list, and sees what is around it", function()
    assert.equal("— Паспорт (Анна)\n— СНИЛС (Анна)\nвсё",
      fill("{{#each documents}}\n— {{ title }} ({{ first_name }})\n{{/each}}\nвсё", { first_name = "Анна", documents = { { title = "Паспорт" }, { title = "СНИЛС" } } }))
  end)
  it("puts dates in words", function()
    assert.equal("7\u{A0}декабря, 07.12.2026", fill("{{ due_on | date: day }}, {{ due_on | date: numeric }}", { due_on = "2026-12-07" }))
  end)
  it("counts", function()
    assert.equal("1 час, 3 часа, 12 часов", (fill("{{ hours | plural: час, часа, часов }}", { hours = 1 }) .. ", "
      .. fill("{{ hours | plural: час, часа, часов }}", { hours = 3 }) .. ", " .. fill("{{ hours | plural: час, часа, часов }}", { hours = 12 })))
  end)
  it("does not read names in values", function() assert.equal("{{ reason }}", fill("{{ first_name }}", { first_name = "{{ reason }}", reason = "x" })) end)
  it("holds no code", function()
    assert.equal(2, fault("да\n<%= os.exit() %>").line)
    assert.truthy(fault("{{ first_name .. reason }}"))
    assert.truthy(fault("{{ first_name() }}"))
    assert.truthy(fault("{{#if hours > 1}}x{{/if}}"))
  end)

  for what, case in pairs({
    ["a name it has not"] = { "да\n{{ firstname }}", 2, "нет подстановки {{ firstname }}" },
    ["braces that stay open"] = { "{{ first_name", 1, "не закрыто" },
    ["a section that stays open"] = { "x\n{{#if reason}}\nда", 2, "нужно {{/if}}" },
    ["an end without beginning"] = { "{{/each}}", 1, "без своего" },
    ["crossing sections"] = { "{{#if reason}}{{#each documents}}{{/if}}{{/each}}", 1, "без своего" },
    ["a list as a value"] = { "{{ documents }}", 1, "список" },
    ["a walk through what is no list"] = { "{{#each reason}}{{/each}}", 1, "не список" },
    ["an item's name outside"] = { "{{ title }}", 1, "нет подстановки" },
    ["a filter it has not"] = { "{{ reason | upper }}", 1, "не понимаю" },
    ["a filter of another type"] = { "{{ reason | date: day }}", 1, "только для дат" },
    ["a style it has not"] = { "{{ due_on | date: iso }}", 1, "нет вида даты" },
    ["two words of three"] = { "{{ hours | plural: час, часа }}", 1, "три слова" },
  }) do
    it("refuses " .. what .. ", with its line", function()
      local found = fault(case[1])
      assert.equal(case[2], found.line)
      assert.truthy(found.text:find(case[3], 1, true), found.text)
    end)
  end
end)

describe("the HTML of a letter", function()
  local function html(text) return letter_html.document("Тема <b>", text, { base_url = "https://copp.ru", sender = "ЦОПП" }) end
  it("escapes everything", function()
    assert.is_nil(html("<script>alert(1)</script>"):find("<script", 1, true))
    assert.truthy(html("x"):find("<h1>Тема &lt;b&gt;</h1>", 1, true))
  end)
  it("links to this site only", function()
    assert.truthy(html("см. https://copp.ru/x?a=1&b=2."):find('<a href="https://copp.ru/x?a=1&amp;b=2">', 1, true))
    assert.is_nil(html("см. https://evil.ru/x"):find("<a ", 1, true))
    assert.is_nil(html("см. https://copp.ru.evil.ru/x"):find("<a ", 1, true))
  end)
  it("makes a label the words of its link", function()
    assert.truthy(html("Расписание: https://copp.ru/s"):find('<p><a href="https://copp.ru/s">Расписание</a></p>', 1, true))
  end)
  it("has paragraphs and lists", function()
    assert.truthy(html("раз\nдва\n\n— три\n— четыре\n  ещё"):find("<p>раз<br>два</p>\n<ul><li>три</li><li>четыре<br>ещё</li></ul>", 1, true))
  end)
  it("sets the foot apart", function() assert.truthy(html("да\n\n-- \nкак отписаться\n"):find('<div class="foot"><p>как отписаться</p></div>', 1, true)) end)
end)

describe("the letters of the product", function()
  local declared = require("rules.letters")
  local sources = {}
  setup(function()
    local tree = require("core.tree")
    local pipe = io.popen("ls views/mail/*.txt")
    for file in pipe:lines() do sources[file:match("([%w_]+)%.txt$")] = { source = tree.read(file), file = file } end
    pipe:close()
  end)

  it("name nothing that is not declared", function() assert.same({ true }, { book.load(declared, sources) }) end)
  it("fill with their samples", function()
    book.load(declared, sources)
    for _, kind in ipairs(book.all()) do
      local text = letter.fill(book.template(kind.id).text, book.sample(kind.id))
      assert.is_nil(text:find("{{", 1, true), kind.id)
      assert.truthy(#text > 20, kind.id)
    end
  end)
  it("stop the load with file and line when one is wrong", function()
    local broken = {}
    for id, given in pairs(sources) do broken[id] = given end
    broken.confirm = { source = "Тема\nтекст\n{{ nope }}", file = "region/views/mail/confirm.txt" }
    local _, err = book.load(declared, broken)
    assert.same({ "region/views/mail/confirm.txt", 3 }, { err.file, err.line })
  end)
end)
