--- Rooms and workshops.
return {
  code = "rooms", table = "room", icon = "door", title = "Помещения и мастерские", one = "Помещение", new = "Новое помещение",
  match = { "site_id", "number" }, plans = true,
  facts = { "number", "kind", "site", "address", "seats", "workplaces", "area_m2", "competence_name", "accreditation_no", "accreditation_until",
    "accreditation_kits", "grant_year" },
  labels = { site = "Площадка", address = "Адрес", competence_name = "Компетенция" },
  fields = {
    { name = "site_id", type = "id", label = "Площадка", required = true, ref = "site" },
    { name = "number", type = "text", label = "Номер", required = true, max_length = 30 },
    { name = "name", type = "text", label = "Название", required = true, max_length = 200, wide = true },
    { name = "kind", type = "enum", label = "Вид", default = "classroom", options = {
      { value = "classroom", label = "Учебный кабинет" }, { value = "computer", label = "Компьютерный класс" }, { value = "lab", label = "Лаборатория" },
      { value = "workshop", label = "Мастерская" }, { value = "hall", label = "Зал" } } },
    { name = "seats", type = "integer", label = "Мест", required = true, min = 1, max = 5000 },
    { name = "workplaces", type = "integer", label = "Рабочих мест (постов)", min = 0, max = 5000, default = 0 },
    { name = "area_m2", type = "decimal", label = "Площадь, м²", min = 0, max = 99999 },
    { name = "competence", type = "text", label = "Компетенция", max_length = 20, ref = "competence", hint = "Для мастерской" },
    { name = "accreditation_no", type = "text", label = "Аттестат центра демонстрационного экзамена", max_length = 100 },
    { name = "accreditation_until", type = "date", label = "Аккредитация по" },
    { name = "accreditation_kits", type = "text", label = "Комплекты оценочной документации", max_length = 500 },
    { name = "grant_year", type = "integer", label = "Год гранта", min = 2000, max = 2100 },
    { name = "note", type = "text", label = "Примечание", multiline = true, max_length = 2000 },
  },
  columns = {
    { key = "name", label = "Помещение", sort = "name", sub = "number", lead = true }, { key = "site", label = "Площадка", sub = "organization" },
    { key = "kind", label = "Вид" }, { key = "competence_name", label = "Компетенция" }, { key = "seats", label = "Мест", num = true },
    { key = "workplaces", label = "Постов", num = true },
  },
  exports = { "accreditation_no", "accreditation_until" },
  filters = {
    { name = "kind", type = "list" },
    { name = "competence", ref = "used_competence" },
    { name = "site_id", type = "id", hidden = true },
  },
  check = function(input, add)
    if input.accreditation_until and not input.accreditation_no then add("accreditation_no", "Укажите номер аттестата: дата без него ничего не говорит.") end
  end,
  uses = "room",
}
