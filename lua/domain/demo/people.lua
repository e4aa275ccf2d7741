--- Made-up people: names of many customs, СНИЛС with a right checksum, ages, schooling. Pure.
local dates = require("domain.demo.dates")
local people = {}

local LATIN = { ["а"] = "a", ["б"] = "b", ["в"] = "v", ["г"] = "g", ["д"] = "d", ["е"] = "e", ["ё"] = "e", ["ж"] = "zh",
  ["з"] = "z", ["и"] = "i", ["й"] = "j", ["к"] = "k", ["л"] = "l", ["м"] = "m", ["н"] = "n", ["о"] = "o", ["п"] = "p",
  ["р"] = "r", ["с"] = "s", ["т"] = "t", ["у"] = "u", ["ф"] = "f", ["х"] = "h", ["ц"] = "c", ["ч"] = "ch", ["ш"] = "sh",
  ["щ"] = "sch", ["ъ"] = "", ["ы"] = "y", ["ь"] = "", ["э"] = "e", ["ю"] = "yu", ["я"] = "ya" }

-- Upper case of the Russian alphabet stands 32 below the lower one, Ё apart.
local function lower_code(code)
  if code == 0x401 then return 0x451 end
  if code >= 0x410 and code <= 0x42F then return code + 32 end
  return code
end

--- Letters of a Russian word for an address: «Ерёмина» → "eremina".
function people.latin(text)
  local out = {}
  for _, code in utf8.codes(text) do
    local letter = utf8.char(lower_code(code))
    out[#out + 1] = LATIN[letter] or (letter:match("^%w$") and letter:lower() or "")
  end
  return table.concat(out)
end

--- СНИЛС number `index` (0, 1, 2 …): scattered over 160–959 million, each once, with its checksum.
function people.snils(index)
  local number = 160000000 + index * 387420489 % 800000000
  local sum, rest = 0, number
  for weight = 1, 9 do
    sum = sum + rest % 10 * weight
    rest = rest // 10
  end
  return ("%09d%02d"):format(number, sum % 101 % 100)
end

--- Tables of names from data/demo/names.csv.
---@param rows table {kind, male, female}
function people.pool(rows)
  local pool = { surname = {}, male = {}, female = {}, patronymic = {}, special_male = {}, special_female = {} }
  for _, row in ipairs(rows) do
    local list = pool[row.kind]
    if row.kind == "surname" or row.kind == "patronymic" then
      list[#list + 1] = { male = row.male, female = row.female }
    else
      list[#list + 1] = row.male
    end
  end
  return pool
end

local function special_name(random, pool, gender)
  local last, first, middle = random:pick(pool["special_" .. gender]):match("^(.-)|(.-)|(.*)$")
  return { last_name = last, first_name = first, middle_name = middle ~= "" and middle or nil,
    has_middle_name = middle ~= "", gender = gender }
end

--- A name; two in a hundred come of another custom, one in fifty has no patronymic.
---@return table {last_name, first_name, middle_name?, has_middle_name, gender}
function people.name(random, pool, gender)
  gender = gender or (random:chance(48) and "male" or "female")
  if random:chance(2) then return special_name(random, pool, gender) end
  local has_middle = not random:chance(2)
  return {
    last_name = random:pick(pool.surname)[gender], first_name = random:pick(pool[gender]),
    middle_name = has_middle and random:pick(pool.patronymic)[gender] or nil, has_middle_name = has_middle, gender = gender,
  }
end

function people.full_name(p)
  return p.last_name .. " " .. p.first_name .. (p.middle_name and " " .. p.middle_name or "")
end

--- Born so that the person is `age` on `today`.
function people.birth_day(random, today, age)
  local year, month, day = dates.civil(today)
  return dates.day(year - age, month, math.min(day, 28)) - random:below(360)
end

local ADULT_LEVELS = { { "basic", 4 }, { "secondary", 24 }, { "spo_worker", 22 }, { "spo_spec", 26 }, { "bachelor", 14 }, { "master", 10 } }
local GRADUATE_LEVELS = { { "spo_worker", 15 }, { "spo_spec", 45 }, { "bachelor", 22 }, { "master", 16 }, { "phd", 2 } }
local CATEGORIES = { { "employed", 38 }, { "jobseeker", 18 }, { "unemployed", 14 }, { "self_employed", 6 }, { "mother", 8 },
  { "student_spo", 6 }, { "disabled", 3 }, { "veteran", 4 }, { "other", 3 } }

local GRADUATED_AT = { basic = 15, secondary = 17, spo_worker = 19 } -- years of age; the rest at 22

local function adult_category(random, age)
  local category = random:weighted(CATEGORIES)
  if age >= 57 and random:chance(60) then return "pre_pension" end
  if age >= 50 and random:chance(40) then return "age50" end
  return category == "student_spo" and age > 24 and "employed" or category
end

--- Level of education, category and year of graduation that fit the age.
function people.schooling(random, age, is_graduate, this_year)
  if age < 16 then return "basic", "pupil", this_year end
  if age < 18 then return random:chance(60) and "basic" or "secondary", "pupil", this_year end
  local level = random:weighted(is_graduate and GRADUATE_LEVELS or ADULT_LEVELS)
  local category = adult_category(random, age)
  local years = (GRADUATED_AT[level] or 22) + random:below(3)
  return level, category, this_year - age + math.min(years, age)
end

return people
