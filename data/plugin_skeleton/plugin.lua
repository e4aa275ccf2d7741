-- Что это за плагин и чего он просит. Здесь только данные: тексты, числа, true, false и таблицы.
return {
  id = "__id__", version = "0.1.0", api = "^1.0", title = "__id__", license = "MIT",
  capabilities = {},
  hooks = {
    ["lesson.before_save.v1"] = { fn = "rules.check", mode = "filter", order = 50 },
  },
}
