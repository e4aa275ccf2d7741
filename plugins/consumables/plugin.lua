-- Прогноз расходных материалов: норма × слушатели × занятия − остаток → день, когда не хватит.
return {
  id = "consumables", version = "1.0.0", api = "^1.0", title = "Расходные материалы", license = "MIT",
  description = "Считает, когда в мастерской кончатся материалы, по нормам и расписанию",
  capabilities = { db = { read = { "lesson", "lesson_room", "study_group", "room", "site" }, write = { "p_consumables_*" } }, timer = true },
  limits = { ms_per_call = 20, kb = 8192, out_kb = 256 },
  permissions = {
    ["consumables.view"] = { title = "Видеть прогноз расходных материалов", default = { "staff", "partner", "teacher", "admin" } },
    ["consumables.edit"] = { title = "Вести остатки и нормы расходных материалов", kind = "write", default = { "staff", "partner" } },
  },
  settings = { horizon_days = { type = "integer", min = 1, max = 180, default = 60, title = "Горизонт, дней",
    reason = "На сколько дней вперёд смотреть в расписание." } },
  routes = {
    { "GET", "/cabinet/x/consumables", "forecast.page", perm = "consumables.view", view = "views/page.html", summary = "Расходные материалы" },
    { "POST", "/cabinet/x/consumables", "forecast.save", perm = "consumables.edit", summary = "Записать остаток и норму", body = {
      { name = "room_id", type = "id", label = "Мастерская", required = true },
      { name = "name", type = "text", label = "Материал", required = true, max_length = 100 },
      { name = "unit", type = "text", label = "Единица", required = true, max_length = 20 },
      { name = "stock", type = "decimal", label = "Остаток", required = true, min = 0, max = 1000000 },
      { name = "norm", type = "decimal", label = "Норма на слушателя за академический час", required = true, min = 0, max = 10000 } } },
    { "GET", "/api/v1/x/consumables/forecast", "forecast.list", perm = "consumables.view", summary = "Прогноз расходных материалов",
      query = { { name = "room_id", type = "id", label = "Мастерская" } }, returns = { { name = "items", type = "list", label = "Материалы" } } },
  },
  slots = { ["group.page.sections"] = { fn = "forecast.of_group", view = "views/tab.html", perm = "consumables.view", title = "Расходные материалы", order = 30 } },
  timers = { { name = "nightly", every_s = 86400, fn = "forecast.nightly" } },
}
