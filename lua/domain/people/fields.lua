--- What a person tells about himself, by steps of the wizard. The same fields are the body of the API.
local fields = {}

fields.RUSSIA = "643"

--- Codes of ОКСМ: whom the centres of a region meet most; the full list stays in the ФРДО reference book.
fields.CITIZENSHIPS = {
  { value = "643", label = "Россия" }, { value = "031", label = "Азербайджан" }, { value = "051", label = "Армения" },
  { value = "112", label = "Беларусь" }, { value = "398", label = "Казахстан" }, { value = "417", label = "Киргизия" },
  { value = "498", label = "Молдова" }, { value = "762", label = "Таджикистан" }, { value = "795", label = "Туркмения" },
  { value = "860", label = "Узбекистан" }, { value = "804", label = "Украина" }, { value = "156", label = "Китай" },
  { value = "356", label = "Индия" }, { value = "704", label = "Вьетнам" },
}
fields.GENDERS = { { value = "female", label = "Женский" }, { value = "male", label = "Мужской" } }
fields.RELATIONS = {
  { value = "mother", label = "Мать" }, { value = "father", label = "Отец" }, { value = "guardian", label = "Опекун" },
  { value = "trustee", label = "Попечитель" }, { value = "adopter", label = "Усыновитель" },
}

local function values_of(options)
  local values = {}
  for index, option in ipairs(options) do values[index] = option.value end
  return values
end

fields.PERSON = {
  { name = "last_name", type = "name", label = "Фамилия", required = true, max_length = 100 },
  { name = "first_name", type = "name", label = "Имя", max_length = 100,
    hint = "Как в паспорте. Оставьте пустым, если имя состоит из одного слова." },
  { name = "middle_name", type = "name", label = "Отчество", max_length = 100 },
  { name = "no_middle_name", type = "boolean", label = "Отчества нет" },
  { name = "birth_date", type = "date", label = "Дата рождения", required = true },
  { name = "gender", type = "enum", label = "Пол", required = true, options = values_of(fields.GENDERS) },
  { name = "citizenship", type = "enum", label = "Гражданство", required = true, options = values_of(fields.CITIZENSHIPS) },
  { name = "snils", type = "snils", label = "СНИЛС", hint = "11 цифр, например 112-233-445 95" },
}

fields.EDUCATION = {
  { name = "phone", type = "phone", label = "Телефон", required = true },
  { name = "address", type = "text", label = "Адрес проживания", max_length = 300 },
  { name = "education_level", type = "text", label = "Уровень образования", required = true, max_length = 40 },
  { name = "education_year", type = "integer", label = "Год получения образования", min = 1940, max = 2100 },
  { name = "education_last_name", type = "name", label = "Фамилия в документе об образовании", max_length = 100,
    hint = "Если она отличается от нынешней" },
  { name = "citizen_category", type = "text", label = "Кто вы сейчас", required = true, max_length = 40 },
}

fields.GUARDIAN = {
  { name = "guardian_last_name", type = "name", label = "Фамилия представителя", required = true, max_length = 100 },
  { name = "guardian_first_name", type = "name", label = "Имя представителя", required = true, max_length = 100 },
  { name = "guardian_middle_name", type = "name", label = "Отчество представителя", max_length = 100 },
  { name = "guardian_relation", type = "enum", label = "Кем приходится", required = true, options = values_of(fields.RELATIONS) },
  { name = "guardian_phone", type = "phone", label = "Телефон представителя", required = true },
  { name = "guardian_email", type = "email", label = "Почта представителя", max_length = 254,
    hint = "Отправим письмо: представитель подтвердит связь и даст согласие сам" },
  { name = "guardian_consent", type = "boolean", label = "Представитель подписал согласие на бумаге" },
}

--- A child that a guardian adds.
fields.CHILD = {}
for _, field in ipairs(fields.PERSON) do fields.CHILD[#fields.CHILD + 1] = field end
for _, field in ipairs({
  { name = "relation", type = "enum", label = "Кем вы приходитесь", required = true, options = values_of(fields.RELATIONS) },
  { name = "phone", type = "phone", label = "Телефон для связи", required = true },
  { name = "address", type = "text", label = "Адрес проживания", max_length = 300 },
  { name = "education_level", type = "text", label = "Образование ребёнка", required = true, max_length = 40 },
  { name = "citizen_category", type = "text", label = "Кто он сейчас", required = true, max_length = 40 },
  { name = "consent", type = "boolean", label = "Согласие на обработку данных ребёнка" },
}) do fields.CHILD[#fields.CHILD + 1] = field end

fields.ASK_CHILD = {
  { name = "email", type = "email", label = "Почта ребёнка", required = true, max_length = 254 },
  { name = "relation", type = "enum", label = "Кем вы приходитесь", required = true, options = values_of(fields.RELATIONS) },
}

--- Body of the answer to a request of a guardian or a child.
fields.GUARDIAN_ANSWER = {
  { name = "agree", type = "boolean", label = "Подтверждаю связь", required = true },
  { name = "consent", type = "boolean", label = "Согласие на обучение ребёнка" },
}

fields.CONSENT = {
  { name = "consent", type = "boolean", label = "Согласие на обработку персональных данных" },
}

--- Body of POST /api/v1/me/consents.
fields.CONSENT_BODY = {
  { name = "kind", type = "enum", label = "Вид согласия", required = true,
    options = { "personal_data", "transfer", "distribution", "media", "mailing" } },
}

--- A consent signed on paper, entered by the staff.
fields.PAPER = {
  { name = "kind", type = "text", label = "Согласие", required = true, max_length = 40 },
  { name = "given_on", type = "date", label = "Подписано", required = true },
}

--- Body of PATCH /api/v1/me/profile: nothing is required, what is absent stays.
fields.PATCH = {}
for _, part in ipairs({ fields.PERSON, fields.EDUCATION }) do
  for _, field in ipairs(part) do
    local optional = {}
    for key, value in pairs(field) do optional[key] = value end
    optional.required = nil
    fields.PATCH[#fields.PATCH + 1] = optional
  end
end
fields.PATCH[#fields.PATCH + 1] = { name = "version", type = "integer", label = "Версия", min = 1 }

--- What the staff corrects on the card of a person.
fields.CORRECTION = {}
for _, field in ipairs(fields.PERSON) do fields.CORRECTION[#fields.CORRECTION + 1] = field end
for _, field in ipairs({
  { name = "reason", type = "text", label = "Основание", required = true, min_length = 5, max_length = 500,
    hint = "По какому документу: «паспорт», «свидетельство о браке». Останется в журнале действий" },
  { name = "version", type = "integer", label = "Версия", min = 1 },
}) do fields.CORRECTION[#fields.CORRECTION + 1] = field end

--- Fields of a card that are masked, and shown for a purpose only.
fields.SPECIAL = {
  { name = "snils", type = "snils", label = "СНИЛС", special = "snils" },
  { name = "education_document", type = "text", label = "Документ об образовании", special = "document" },
  { name = "health_limit", type = "text", label = "Ограничения здоровья", special = "hidden" },
}

--- Steps of the wizard in order. `guardian` is asked of minors only.
fields.STEPS = {
  { id = "person", title = "О себе", fields = fields.PERSON },
  { id = "education", title = "Связь и образование", fields = fields.EDUCATION },
  { id = "guardian", title = "Законный представитель", fields = fields.GUARDIAN, for_minors = true },
  { id = "consent", title = "Согласие", fields = fields.CONSENT },
}

return fields
