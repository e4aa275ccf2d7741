local checks = require("kit.checks")

local function code_of(check, value)
  local _, code = checks[check](value)
  return code
end

describe("kit.checks", function()
  for _, number in ipairs({ "11223344595", "08765430200", "15678239410", "10001989900" }) do
    it("accepts СНИЛС " .. number, function() assert.equal(number, checks.snils(number)) end)
  end
  it("takes СНИЛС with dashes", function() assert.equal("11223344595", checks.snils("112-233-445 95")) end)
  it("takes СНИЛС with no-break spaces", function() assert.equal("11223344595", checks.snils("112-233-445\u{00A0}95")) end)
  it("refuses a wrong checksum of СНИЛС in words", function()
    local value, code, message = checks.snils("112-233-445 96")
    assert.is_nil(value)
    assert.equal("checksum", code)
    assert.equal("Контрольная сумма СНИЛС не сходится", message)
  end)
  it("refuses a short СНИЛС", function() assert.equal("format", code_of("snils", "1122334459")) end)
  it("refuses letters in СНИЛС", function() assert.equal("format", code_of("snils", "1122334459a")) end)
  it("refuses zeros", function() assert.equal("checksum", code_of("snils", "00000000000")) end)
  it("does not check numbers without a checksum", function() assert.equal("00100199800", checks.snils("00100199800")) end)

  for _, number in ipairs({ "7707083893", "5900000002", "500000000029" }) do
    it("accepts ИНН " .. number, function() assert.equal(number, checks.inn(number)) end)
  end
  it("refuses a wrong checksum of ИНН", function() assert.equal("checksum", code_of("inn", "7707083894")) end)
  it("refuses ИНН of eleven digits", function() assert.equal("format", code_of("inn", "77070838931")) end)
  it("refuses ИНН of zeros", function() assert.equal("checksum", code_of("inn", "0000000000")) end)
  it("accepts ОГРН", function() assert.equal("1027700132195", checks.ogrn("1027700132195")) end)
  it("accepts ОГРНИП", function() assert.equal("304500116000157", checks.ogrn("304500116000157")) end)
  it("refuses a wrong ОГРН", function() assert.equal("checksum", code_of("ogrn", "1027700132196")) end)
  it("accepts КПП", function() assert.equal("590401001", checks.kpp("590401001")) end)
  it("accepts КПП with letters", function() assert.equal("5904AB001", checks.kpp("5904ab001")) end)
  it("refuses a short КПП", function() assert.equal("format", code_of("kpp", "59040100")) end)

  it("stores a phone in one form", function()
    for _, typed in ipairs({ "+7 (912) 345-67-89", "8 912 345 67 89", "89123456789", "9123456789" }) do
      assert.equal("+79123456789", checks.phone(typed))
    end
  end)
  it("keeps a foreign phone", function() assert.equal("+375291234567", checks.phone("+375 29 123-45-67")) end)
  it("refuses a short phone", function() assert.equal("format", code_of("phone", "+7 912 345")) end)
  it("refuses words for a phone", function() assert.equal("format", code_of("phone", "позвоните")) end)

  it("takes an e-mail in lower case", function() assert.equal("anna@example.ru", checks.email("Anna@Example.RU")) end)
  it("takes a Cyrillic domain", function() assert.equal("анна@почта.рф", checks.email("Анна@почта.рф")) end)
  for _, wrong in ipairs({ "anna", "anna@", "@a.ru", "a b@c.ru", "a@b", "a@@b.ru", "a@b..ru", ".a@b.ru", "a@-b.ru", "a@b.ru\nBcc: x" }) do
    it("refuses the e-mail " .. wrong:gsub("%c", "␤"), function() assert.equal("format", code_of("email", wrong)) end)
  end

  it("reads a date of a form", function() assert.equal("2026-11-23", checks.date("2026-11-23")) end)
  it("reads a date as people write it", function() assert.equal("2026-11-03", checks.date("3.11.2026")) end)
  it("knows leap years", function() assert.equal("2028-02-29", checks.date("29.02.2028")) end)
  it("refuses a day that is not", function() assert.equal("no_such_date", code_of("date", "29.02.2026")) end)
  it("refuses a century that has no leap day", function() assert.equal("no_such_date", code_of("date", "1900-02-29")) end)
  it("refuses a month that is not", function() assert.equal("no_such_date", code_of("date", "2026-13-01")) end)
  it("refuses other shapes of dates", function() assert.equal("format", code_of("date", "23/11/2026")) end)
  it("reads a time", function() assert.equal("09:05", checks.time("9:05")) end)
  it("refuses a time that is not", function() assert.equal("format", code_of("time", "24:00")) end)

  it("reads a whole number", function() assert.equal(1234, checks.integer("1234")) end)
  it("refuses a fraction for a whole number", function() assert.equal("format", code_of("integer", "1.5")) end)
  it("refuses hexadecimal numbers", function() assert.equal("format", code_of("integer", "0x10")) end)
  it("refuses a number beyond bigint", function() assert.equal("format", code_of("integer", "9999999999999999999")) end)
  it("keeps a decimal as text", function() assert.equal("1234.50", checks.decimal("1 234,50")) end)
  it("refuses words for a decimal", function() assert.equal("format", code_of("decimal", "1e5")) end)

  it("accepts a double name", function() assert.equal("Петрова-Водкина", checks.name("Петрова-Водкина")) end)
  it("accepts an apostrophe", function() assert.equal("О'Нил", checks.name("О’Нил")) end)
  it("accepts a Latin name", function() assert.equal("Smith", checks.name("Smith")) end)
  it("finds a Latin letter among Russian ones", function() assert.equal("mixed_alphabet", code_of("name", "Cидорова")) end)
  it("refuses digits in a name", function() assert.equal("format", code_of("name", "Анна2")) end)
end)
