--- What a profile must hold before an application may be filed. Pure: profile → what is missing.
--- A region may ask for more: add a line with the step of the wizard where the field is.
return {
  adult_age = 18,
  acting_age = 14, -- younger ones do not act themselves: a guardian does
  --- field, what people call it, step of the wizard, and when it is not asked
  required = {
    { "last_name", "фамилия", "person" },
    { "middle_name", "отчество или отметка «Отчества нет»", "person", unless = "has_no_middle_name" },
    { "birth_date", "дата рождения", "person" },
    { "gender", "пол", "person" },
    { "snils", "СНИЛС", "person", unless = "is_foreigner" },
    { "phone", "телефон", "education" },
    { "education_level", "уровень образования", "education" },
    { "citizen_category", "категория", "education" },
  },
}
