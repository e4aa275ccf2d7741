--- Cases of people's names: родительный ("gen": приказ о зачислении Сидоровой Анны) and дательный ("dat": выдать Сидоровой Анне).
--- Rules by endings and gender, a short list of exceptions; what the rules get wrong, a person's own override says
--- (person.name_cases = {gen = "…", dat = "…"}). Names that do not decline, and those in Latin letters, stay as they are.
local json = require("core.json")
local text = require("core.text")
local names = {}

-- Rules are lists {ending, letters to cut, genitive, dative}; "=" keeps the word. The first that fits wins; word and endings are in
-- lower case, letters are Cyrillic (two bytes each).
local KEEP = { "", 0, "", "" }

local HUSHING = "гкхжшщч"

local function ends_with(word, ending)
  return ending == "" or word:sub(-#ending) == ending
end

local function last_letter(word, back)
  local stop = #word - 2 * (back or 0)
  return word:sub(stop - 1, stop)
end

local function is_one_of(letter, letters)
  return letter ~= "" and letters:find(letter, 1, true) ~= nil
end

local VOWELS = "аеёиоуыэюя"

-- Слова на -а и -я: Никита → Никиты, Никите; Ольга → Ольги, Ольге; Мария → Марии, Марии.
local function noun_a(word)
  local before = last_letter(word, 1)
  if ends_with(word, "ия") then return { "ия", 1, "и", "и" } end
  if ends_with(word, "я") then return { "я", 1, "и", "е" } end
  return { "а", 1, is_one_of(before, HUSHING) and "и" or "ы", "е" }
end

local function first_fit(rules, word)
  for _, rule in ipairs(rules) do
    if ends_with(word, rule[1]) then return rule end
  end
  return nil
end

-- ---- first names

local FIRST_EXCEPTIONS = {
  male = {
    ["павел"] = { "", 2, "ла", "лу" }, ["лев"] = { "", 2, "ьва", "ьву" }, ["пётр"] = { "", 3, "етра", "етру" },
    ["петр"] = { "", 0, "а", "у" }, ["данило"] = { "", 1, "ы", "е" }, ["михайло"] = { "", 1, "ы", "е" }, ["яков"] = { "", 0, "а", "у" },
  },
  female = { ["любовь"] = { "", 1, "и", "и" } },
}

local FIRST_RULES = {
  male = { { "й", 1, "я", "ю" }, { "ь", 1, "я", "ю" } },
  female = { { "ь", 1, "и", "и" } },
}

local function first_name_rule(word, gender)
  local exception = FIRST_EXCEPTIONS[gender][word]
  if exception then return exception end
  local last, before = last_letter(word), last_letter(word, 1)
  if last == "а" or last == "я" then
    if last == "а" and is_one_of(before, VOWELS) then return KEEP end
    return noun_a(word)
  end
  local rule = first_fit(FIRST_RULES[gender], word)
  if rule then return rule end
  if is_one_of(last, VOWELS) or gender == "female" then return KEEP end
  return { "", 0, "а", "у" }
end

-- ---- patronymics

local function middle_name_rule(word, gender)
  if gender == "male" and ends_with(word, "ич") then return { "", 0, "а", "у" } end
  if gender == "female" and ends_with(word, "на") then return { "", 1, "ы", "е" } end
  return KEEP -- оглы, кызы, улы, and what is no patronymic
end

-- ---- surnames

local INDECLINABLE = {
  ["дюма"] = true, ["тома"] = true, ["дега"] = true, ["люка"] = true, ["ферма"] = true, ["петипа"] = true, ["золя"] = true,
  ["ван"] = true, ["фон"] = true, ["де"] = true, ["бонч"] = true, ["тер"] = true, ["мелик"] = true,
}

local MALE_EXCEPTIONS = {
  ["цой"] = { "", 1, "я", "ю" }, ["бой"] = { "", 1, "я", "ю" }, ["ной"] = { "", 1, "я", "ю" }, ["чой"] = { "", 1, "я", "ю" },
  ["лев"] = { "", 0, "а", "у" }, ["заяц"] = { "", 2, "йца", "йцу" }, ["гусь"] = { "", 1, "я", "ю" }, ["хой"] = { "", 1, "я", "ю" },
}

-- Endings of adjectives, and those that never decline.
local MALE_SURNAMES = {
  { "ых", 0, "", "" }, { "их", 0, "", "" }, { "аго", 0, "", "" }, { "яго", 0, "", "" }, { "ово", 0, "", "" }, { "ко", 0, "", "" },
  { "ский", 2, "ого", "ому" }, { "цкий", 2, "ого", "ому" }, { "ской", 2, "ого", "ому" }, { "цкой", 2, "ого", "ому" },
  { "ый", 2, "ого", "ому" }, { "кий", 2, "ого", "ому" }, { "гий", 2, "ого", "ому" }, { "хий", 2, "ого", "ому" },
  { "ший", 2, "его", "ему" }, { "щий", 2, "его", "ему" }, { "чий", 2, "его", "ему" }, { "жий", 2, "его", "ему" },
  { "ний", 2, "его", "ему" }, { "ой", 2, "ого", "ому" }, { "й", 1, "я", "ю" }, { "ь", 1, "я", "ю" },
}

local FEMALE_SURNAMES = {
  { "ая", 2, "ой", "ой" }, { "яя", 2, "ей", "ей" }, { "ова", 1, "ой", "ой" }, { "ева", 1, "ой", "ой" }, { "ёва", 1, "ой", "ой" },
  { "ина", 1, "ой", "ой" }, { "ына", 1, "ой", "ой" },
}

-- Кравец → Кравца, Стрелец → Стрельца, Китаец → Китайца; Швец → Швеца, Жнец → Жнеца.
local function fleeting_vowel(word)
  local before, further = last_letter(word, 2), last_letter(word, 3)
  if is_one_of(before, VOWELS) then return { "", 2, "йца", "йцу" } end
  if not is_one_of(further, VOWELS) then return { "", 0, "а", "у" } end
  if before == "л" then return { "", 2, "ьца", "ьцу" } end
  return { "", 2, "ца", "цу" }
end

local function vowel_surname(word)
  local last, before = last_letter(word), last_letter(word, 1)
  if last == "а" and not is_one_of(before, VOWELS) then return noun_a(word) end
  if last == "я" then return noun_a(word) end
  return KEEP
end

local function last_name_rule(word, gender)
  if INDECLINABLE[word] then return KEEP end
  local last = last_letter(word)
  if gender == "female" then
    local rule = first_fit(FEMALE_SURNAMES, word)
    if rule then return rule end
    return is_one_of(last, VOWELS) and vowel_surname(word) or KEEP
  end
  local rule = MALE_EXCEPTIONS[word] or first_fit(MALE_SURNAMES, word)
  if rule then return rule end
  if is_one_of(last, VOWELS) then return vowel_surname(word) end
  if ends_with(word, "ец") then return fleeting_vowel(word) end
  return { "", 0, "а", "у" }
end

-- ---- words

local COLUMN = { gen = 3, dat = 4 }

local function is_cyrillic(word)
  for _, code in utf8.codes(word) do
    if code < 0x400 or code > 0x4FF then return false end
  end
  return word ~= ""
end

local function apply(word, rule, case)
  local ending = rule[COLUMN[case]]
  if ending == "" and rule[2] == 0 then return word end
  local is_upper = text.upper(word) == word and text.len(word) > 1
  return word:sub(1, #word - 2 * rule[2]) .. (is_upper and text.upper(ending) or ending)
end

local function decline_word(word, case, gender, rule_of)
  if not is_cyrillic(word) or text.len(word) < 2 then return word end
  return apply(word, rule_of(text.lower(word), gender), case)
end

-- Each part of a double name: Петрова-Водкина; spaces part «Али оглы».
local function decline(name, case, gender, rule_of)
  if not name or name == "" then return name end
  return (name:gsub("[^%s%-]+", function(part) return decline_word(part, case, gender, rule_of) end))
end

--- Gender as the patronymic tells it; nil when it does not.
---@param middle_name string?
---@return "male"|"female"|nil
function names.gender_of(middle_name)
  local word = text.lower(middle_name or "")
  if ends_with(word, "ич") and word ~= "" then return "male" end
  if word:find("оглы$") or word:find("улы$") or word:find("уулу$") then return "male" end
  if ends_with(word, "на") and word ~= "" then return "female" end
  if word:find("кызы$") or word:find("гызы$") then return "female" end
  return nil
end

--- Parts of a name in a case.
---@param case "gen"|"dat"
---@param person {last_name: string, first_name: string?, middle_name: string?, gender: string?}
---@return string last_name, string first_name, string middle_name
function names.parts(case, person)
  if not COLUMN[case] then error("no case named " .. tostring(case), 2) end
  local gender = person.gender or names.gender_of(person.middle_name)
  local last, first, middle = person.last_name, person.first_name or "", person.middle_name or ""
  if gender ~= "male" and gender ~= "female" then return last, first, middle end
  return decline(last, case, gender, last_name_rule), decline(first, case, gender, first_name_rule),
    middle:find("%s") and middle or decline(middle, case, gender, middle_name_rule)
end

local function override(case, person)
  local cases = person.name_cases
  if type(cases) == "string" then cases = json.decode(cases) end
  local given = type(cases) == "table" and cases[case] or nil
  return type(given) == "string" and given ~= "" and given or nil
end

--- The full name in a case; the person's own override wins.
---@param case "gen"|"dat"
---@param person table
---@return string
function names.full(case, person)
  local given = override(case, person)
  if given then return given end
  local last, first, middle = names.parts(case, person)
  local list = {}
  for _, part in ipairs({ last or "", first, middle }) do
    if part ~= "" then list[#list + 1] = part end
  end
  return table.concat(list, " ")
end

return names
