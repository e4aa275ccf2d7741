-- Уведомления о заявках и приказах во внешнюю систему: подписаны, повторяются, видны в журнале.
return {
  id = "webhook", version = "1.0.0", api = "^1.0", title = "Уведомления наружу", license = "MIT",
  description = "Сообщает внешней системе о действиях с заявками и приказами",
  capabilities = { db = { write = { "p_webhook_*" } }, http_out = { "@url" }, timer = true },
  limits = { ms_per_call = 20, kb = 4096, out_kb = 64, http_s = 5 },
  permissions = { ["webhook.view"] = { title = "Видеть журнал уведомлений наружу", default = { "admin" } } },
  settings = {
    url = { type = "text", default = "", title = "Адрес приёмника", max_length = 300,
      reason = "Сюда уходит POST с JSON; пусто — не отправляем. Узел из этого адреса становится разрешённым, внутренние адреса сети закрыты." },
    keep_days = { type = "integer", min = 1, max = 365, default = 30, title = "Сколько дней хранить журнал", reason = "Старые записи удаляются ночью." },
  },
  secrets = { key = { title = "Ключ подписи уведомлений", reason = "Им подписано каждое уведомление (HMAC-SHA256); приёмник проверяет подпись тем же ключом." } },
  hooks = {
    ["application.after_transition.v1"] = { fn = "notify.on_event", mode = "event" },
    ["order.after_transition.v1"] = { fn = "notify.on_event", mode = "event" },
  },
  jobs = { send = "notify.send" },
  timers = { { name = "sweep", every_s = 86400, fn = "notify.sweep" } },
  routes = {
    { "GET", "/cabinet/x/webhook", "notify.page", perm = "webhook.view", view = "views/journal.html", summary = "Журнал уведомлений наружу" },
    { "GET", "/api/v1/x/webhook/deliveries", "notify.list", perm = "webhook.view", summary = "Последние уведомления наружу",
      returns = { { name = "items", type = "list", label = "Уведомления" } } },
  },
}
