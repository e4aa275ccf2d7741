--- Consumables: stock made of moves.
return {
  code = "consumables", table = "consumable", icon = "package", title = "Расходные материалы", one = "Расходный материал", new = "Новый расходный материал",
  match = { "name", "unit" },
  facts = { "on_hand", "unit", "min_stock", "norm_per_learner", "site" }, labels = { site = "Площадка", on_hand = "В наличии" },
  fields = {
    { name = "name", type = "text", label = "Название", required = true, max_length = 200 },
    { name = "unit", type = "text", label = "Единица", required = true, max_length = 20, hint = "шт., кг, м, л" },
    { name = "site_id", type = "id", label = "Где хранится", ref = "site" },
    { name = "min_stock", type = "decimal", label = "Неснижаемый остаток", min = 0, max = 100000000, default = "0" },
    { name = "norm_per_learner", type = "decimal", label = "Норма на слушателя", min = 0, max = 1000000 },
    { name = "competences", type = "list", label = "Компетенции", max = 30, ref = "competence" },
    { name = "note", type = "text", label = "Примечание", multiline = true, max_length = 2000 },
  },
  columns = {
    { key = "name", label = "Название", sort = "name", sub = "site", lead = true }, { key = "organization", label = "Организация" },
    { key = "on_hand", label = "В наличии", num = true, short = "is_short" }, { key = "unit", label = "Единица" },
    { key = "min_stock", label = "Остаток не ниже", num = true }, { key = "norm_per_learner", label = "На слушателя", num = true },
  },
  filters = { { name = "short", type = "boolean", label = "Пора пополнить" } },
  parts = { "moves" }, uses = "consumable",
}
