local russian = require("kit.russian")
local names = require("kit.russian_names")

local NBSP, NARROW = "\u{00A0}", "\u{202F}"

describe("plurals", function()
  local function word(n) return russian.plural(n, "заявка", "заявки", "заявок") end
  it("of one", function() assert.same({ "заявка", "заявка", "заявка" }, { word(1), word(21), word(101) }) end)
  it("of few", function() assert.same({ "заявки", "заявки", "заявки" }, { word(2), word(3), word(34) }) end)
  it("of many", function() assert.same({ "заявок", "заявок", "заявок", "заявок" }, { word(0), word(5), word(11), word(112) }) end)
  it("of the teens", function() assert.same({ "заявок", "заявок", "заявок" }, { word(12), word(14), word(111) }) end)
  it("of a fraction", function() assert.equal("заявки", word(1.5)) end)
  it("insert the number where it is asked", function()
    assert.equal("Нашли 2 программы", russian.plural(2, "Нашли %s программу", "Нашли %s программы", "Нашли %s программ"))
  end)
  it("group the digits of a long number", function()
    assert.equal("12" .. NARROW .. "345 мест", russian.plural(12345, "%s место", "%s места", "%s мест"))
  end)
end)

describe("numbers", function()
  it("have a decimal comma", function() assert.equal("1234,5", russian.number(1234.5)) end)
  it("drop zeros behind the comma", function() assert.equal("12", russian.number("12.00")) end)
  it("keep as many places as asked", function() assert.equal("12,50", russian.number("12.5", 2)) end)
  it("have a real minus", function() assert.equal("−7", russian.number(-7)) end)
  it("group thousands by narrow spaces", function() assert.equal("1" .. NARROW .. "234" .. NARROW .. "567", russian.number(1234567)) end)
  it("do not lose digits of numeric", function() assert.equal("12345678901234567" , (russian.number("12345678901234567"):gsub(NARROW, ""))) end)
end)

describe("money", function()
  it("has no kopecks when there are none", function() assert.equal("1" .. NARROW .. "200" .. NBSP .. "₽", russian.money("1200.00")) end)
  it("shows kopecks", function() assert.equal("99,50" .. NBSP .. "₽", russian.money("99.5")) end)
  it("of nothing is empty", function() assert.equal("", russian.money(nil)) end)
end)

describe("dates", function()
  it("are long by default", function() assert.equal("23 ноября 2026", (russian.date("2026-11-23"):gsub(NBSP, " "))) end)
  it("have a day of the month", function() assert.equal("23 ноября", (russian.date("2026-11-23", "day"):gsub(NBSP, " "))) end)
  it("have a short form", function() assert.equal("1 мая", (russian.date("2026-05-01", "short"):gsub(NBSP, " "))) end)
  it("have a numeric form", function() assert.equal("03.02.2026", russian.date("2026-02-03", "numeric")) end)
  it("name the weekday", function() assert.equal("понедельник, 23 ноября", (russian.date("2026-11-23", "weekday"):gsub(NBSP, " "))) end)
  it("of moments take the day", function() assert.equal("23.11.2026", russian.date("2026-11-23 23:59:00+05", "numeric")) end)
  it("of nothing are empty", function() assert.equal("", russian.date(nil)) end)
  it("with the clock", function() assert.equal("23 ноя, 09:14", (russian.datetime("2026-11-23 09:14:00+05"):gsub(NBSP, " "))) end)
  it("know the weekday", function() assert.equal(1, russian.weekday("2026-11-23")) end)
  it("know Sundays", function() assert.equal(7, russian.weekday("2026-11-29")) end)
  it("add days over the end of a year", function() assert.equal("2027-01-02", russian.add_days("2026-12-30", 3)) end)
  it("add days over a leap day", function() assert.equal("2028-03-01", russian.add_days("2028-02-28", 2)) end)
  it("go back", function() assert.equal("2026-10-31", russian.add_days("2026-11-01", -1)) end)
  it("turn into numbers and back", function()
    for _, day in ipairs({ "1900-01-01", "1970-01-01", "2000-02-29", "2026-11-23", "2100-03-01" }) do
      assert.equal(day, russian.date_of(russian.day_number(day)))
    end
  end)
  it("tell the age on a day", function() assert.equal(17, russian.years("2008-11-24", "2026-11-23")) end)
  it("tell the age on the birthday", function() assert.equal(18, russian.years("2008-11-23", "2026-11-23")) end)
  it("span a period in a month", function() assert.equal("3–21 ноября 2026", (russian.period("2026-11-03", "2026-11-21"):gsub(NBSP, " "))) end)
  it("span a period over months", function()
    assert.equal("23 ноября — 4 декабря 2026", (russian.period("2026-11-23", "2026-12-04"):gsub(NBSP, " ")))
  end)
end)

describe("time left", function()
  local function left(due) return (russian.left(due, "2026-11-23 12:00:00"):gsub(NBSP, " ")) end
  it("in days", function() assert.equal("осталось 4 дня", left("2026-11-27 13:00:00")) end)
  it("of one day", function() assert.equal("остался 1 день", left("2026-11-24 13:00:00")) end)
  it("in hours", function() assert.equal("осталось 2 ч 40 мин", left("2026-11-23 14:40:00")) end)
  it("that has run out", function() assert.equal("просрочено на 2 дня", left("2026-11-21 11:00:00")) end)
  it("is calm while there is more than a day", function()
    assert.equal("", select(2, russian.left("2026-11-27 13:00:00", "2026-11-23 12:00:00")))
  end)
  it("warns on the last day", function() assert.equal("warn", select(2, russian.left("2026-11-24 11:00:00", "2026-11-23 12:00:00"))) end)
  it("is bad when overdue", function() assert.equal("bad", select(2, russian.left("2026-11-22 11:00:00", "2026-11-23 12:00:00"))) end)
  it("has passed just now", function() assert.equal("только что", russian.ago("2026-11-23 11:59:30", "2026-11-23 12:00:00")) end)
  it("has passed in minutes", function() assert.equal("5 минут назад", russian.ago("2026-11-23 11:55:00", "2026-11-23 12:00:00")) end)
  it("has passed yesterday", function() assert.equal("вчера, 14:02", russian.ago("2026-11-22 14:02:00", "2026-11-23 12:00:00")) end)
end)

describe("initials", function()
  it("hold together by no-break spaces", function() assert.equal("Сидорова" .. NBSP .. "А." .. NBSP .. "П.", russian.initials("Сидорова", "Анна", "Петровна")) end)
  it("do without a patronymic", function() assert.equal("Сидорова" .. NBSP .. "А.", russian.initials("Сидорова", "Анна", nil)) end)
  it("do without a first name", function() assert.equal("Мадонна", russian.initials("Мадонна", "", nil)) end)
  it("stand before the surname in signatures", function() assert.equal("П." .. NBSP .. "П." .. NBSP .. "Петров", russian.signature("Петров", "Пётр", "Петрович")) end)
  it("make avatars", function() assert.equal("СА", russian.avatar("Сидорова", "анна")) end)
  it("full name has no gaps", function() assert.equal("Сидорова Анна", russian.full_name("Сидорова", "Анна", nil)) end)
end)

describe("numbers of people", function()
  it("show СНИЛС as on the card", function() assert.equal("112-233-445" .. NBSP .. "95", russian.snils("11223344595")) end)
  it("show a phone", function() assert.equal("+7" .. NBSP .. "912" .. NBSP .. "345-67-89", russian.phone("+79123456789")) end)
end)

-- name, gender → genitive, dative
local PEOPLE = {
  { "Иванов Иван Иванович", "male", "Иванова Ивана Ивановича", "Иванову Ивану Ивановичу" },
  { "Сидорова Анна Петровна", "female", "Сидоровой Анны Петровны", "Сидоровой Анне Петровне" },
  { "Петров Пётр Петрович", "male", "Петрова Петра Петровича", "Петрову Петру Петровичу" },
  { "Достоевский Фёдор Михайлович", "male", "Достоевского Фёдора Михайловича", "Достоевскому Фёдору Михайловичу" },
  { "Толстой Лев Николаевич", "male", "Толстого Льва Николаевича", "Толстому Льву Николаевичу" },
  { "Ковалевская Софья Васильевна", "female", "Ковалевской Софьи Васильевны", "Ковалевской Софье Васильевне" },
  { "Черных Мария Сергеевна", "female", "Черных Марии Сергеевны", "Черных Марии Сергеевне" },
  { "Черных Илья Сергеевич", "male", "Черных Ильи Сергеевича", "Черных Илье Сергеевичу" },
  { "Шевченко Тарас Григорьевич", "male", "Шевченко Тараса Григорьевича", "Шевченко Тарасу Григорьевичу" },
  { "Шевченко Ольга Игоревна", "female", "Шевченко Ольги Игоревны", "Шевченко Ольге Игоревне" },
  { "Сковорода Никита Андреевич", "male", "Сковороды Никиты Андреевича", "Сковороде Никите Андреевичу" },
  { "Гринберг Элла Львовна", "female", "Гринберг Эллы Львовны", "Гринберг Элле Львовне" },
  { "Гринберг Павел Львович", "male", "Гринберга Павла Львовича", "Гринбергу Павлу Львовичу" },
  { "Гайдай Андрей Алексеевич", "male", "Гайдая Андрея Алексеевича", "Гайдаю Андрею Алексеевичу" },
  { "Врубель Игорь Ильич", "male", "Врубеля Игоря Ильича", "Врубелю Игорю Ильичу" },
  { "Врубель Нинель Ильинична", "female", "Врубель Нинели Ильиничны", "Врубель Нинели Ильиничне" },
  { "Берия Наталия Юрьевна", "female", "Берии Наталии Юрьевны", "Берии Наталии Юрьевне" },
  { "Горький Дмитрий Олегович", "male", "Горького Дмитрия Олеговича", "Горькому Дмитрию Олеговичу" },
  { "Рабочий Юрий Олегович", "male", "Рабочего Юрия Олеговича", "Рабочему Юрию Олеговичу" },
  { "Белый Артём Олегович", "male", "Белого Артёма Олеговича", "Белому Артёму Олеговичу" },
  { "Белая Дарья Олеговна", "female", "Белой Дарьи Олеговны", "Белой Дарье Олеговне" },
  { "Синяя Юлия Олеговна", "female", "Синей Юлии Олеговны", "Синей Юлии Олеговне" },
  { "Кравец Кузьма Фомич", "male", "Кравца Кузьмы Фомича", "Кравцу Кузьме Фомичу" },
  { "Стрелец Савва Фомич", "male", "Стрельца Саввы Фомича", "Стрельцу Савве Фомичу" },
  { "Швец Олег Фомич", "male", "Швеца Олега Фомича", "Швецу Олегу Фомичу" },
  { "Дюма Александр Иванович", "male", "Дюма Александра Ивановича", "Дюма Александру Ивановичу" },
  { "Живаго Юрий Андреевич", "male", "Живаго Юрия Андреевича", "Живаго Юрию Андреевичу" },
  { "Петрова-Водкина Елена Кузьминична", "female", "Петровой-Водкиной Елены Кузьминичны", "Петровой-Водкиной Елене Кузьминичне" },
  { "Мамин-Сибиряк Дмитрий Наркисович", "male", "Мамина-Сибиряка Дмитрия Наркисовича", "Мамину-Сибиряку Дмитрию Наркисовичу" },
  { "Цой Виктор Робертович", "male", "Цоя Виктора Робертовича", "Цою Виктору Робертовичу" },
  { "Цой Марина Робертовна", "female", "Цой Марины Робертовны", "Цой Марине Робертовне" },
  { "Галуа Любовь Ивановна", "female", "Галуа Любови Ивановны", "Галуа Любови Ивановне" },
}

describe("cases of names", function()
  for _, case in ipairs(PEOPLE) do
    local last, first, middle = case[1]:match("^(%S+) (%S+) (%S+)$")
    local person = { last_name = last, first_name = first, middle_name = middle, gender = case[2] }
    it("genitive of " .. case[1], function() assert.equal(case[3], names.full("gen", person)) end)
    it("dative of " .. case[1], function() assert.equal(case[4], names.full("dat", person)) end)
  end
  it("do without a patronymic", function()
    assert.equal("Сидоровой Анны", names.full("gen", { last_name = "Сидорова", first_name = "Анна", gender = "female" }))
  end)
  it("leave оглы alone", function()
    assert.equal("Алиева Гейдара Али оглы",
      names.full("gen", { last_name = "Алиев", first_name = "Гейдар", middle_name = "Али оглы", gender = "male" }))
  end)
  it("leave Latin names alone", function()
    assert.equal("Smith John", names.full("gen", { last_name = "Smith", first_name = "John", gender = "male" }))
  end)
  it("leave names of unknown gender alone", function()
    assert.equal("Саша Белый", names.full("gen", { last_name = "Саша", first_name = "Белый" }))
  end)
  it("tell the gender by the patronymic", function()
    assert.equal("Иванова Ивана Ивановича", names.full("gen", { last_name = "Иванов", first_name = "Иван", middle_name = "Иванович" }))
  end)
  it("keep capitals", function()
    assert.equal("ИВАНОВА ИВАНА", names.full("gen", { last_name = "ИВАНОВ", first_name = "ИВАН", gender = "male" }))
  end)
  it("yield to the person's own form", function()
    assert.equal("Бояр Марии", names.full("gen", { last_name = "Бояры", first_name = "Мария", gender = "female", name_cases = { gen = "Бояр Марии" } }))
  end)
  it("take the own form from JSON of the database", function()
    assert.equal("Бояр Марии", names.full("gen", { last_name = "Бояры", first_name = "Мария", name_cases = '{"gen":"Бояр Марии"}' }))
  end)
end)
