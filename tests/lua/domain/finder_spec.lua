local words = require("domain.finder.words")

describe("what was typed", function()
  it("is folded: case, ё, spaces", function() assert.equal("елка семенова", words.fold("  Ёлка   СемЁнова ")) end)

  it("is read in the other keyboard layout, too", function()
    assert.same({ "ghjuhfvvf", "программа" }, words.read("ghjuhfvvf").readings)
    assert.equal("сварщик", words.read("Cdfhobr").readings[2])
    assert.equal("portfolio", words.read("зщкеащдшщ").readings[2])
    assert.equal("бюджет", words.read(",.l;tn").readings[2])
  end)

  it("gives nothing when nothing is there", function()
    assert.is_nil(words.read("   "))
    assert.is_nil(words.read(nil))
  end)

  it("becomes patterns, the longest word first, with the signs of LIKE escaped", function()
    assert.same({ "%сидорова%", "%а\\_н%" }, words.read("а_н Сидорова").patterns[1])
  end)

  it("is too short for names below three letters", function()
    assert.is_false(words.read("св").is_long)
    assert.is_true(words.read("св сва").is_long)
  end)

  it("finds a label by parts of its words in any order", function()
    assert.is_true(words.holds("Настройка уведомлений", words.read("увед настр")))
    assert.is_true(words.holds("Приказы", words.read("Ghbrfps")))
    assert.is_false(words.holds("Приказы", words.read("заявки")))
  end)
end)
