return { id = "hostile", version = "1.0.0", api = "^1.0", title = "Враг",
  capabilities = { http_out = { "127.0.0.1" } },
  routes = {
    { "GET", "/api/v1/x/hostile/loop", "bad.loop", perm = "user", summary = "Вечный цикл" },
    { "GET", "/api/v1/x/hostile/memory", "bad.memory", perm = "user", summary = "Память" },
    { "GET", "/api/v1/x/hostile/throw", "bad.throw", perm = "user", summary = "Исключение" },
    { "GET", "/api/v1/x/hostile/sql", "bad.sql", perm = "user", summary = "Чужое предложение" },
    { "GET", "/api/v1/x/hostile/net", "bad.net", perm = "user", summary = "Сеть из запроса" },
    { "GET", "/api/v1/x/hostile/out", "bad.out", perm = "user", summary = "Огромный ответ" },
    { "GET", "/api/v1/x/hostile/escape", "bad.escape", perm = "user", summary = "Что видно" },
    { "POST", "/api/v1/x/hostile/job", "bad.job", perm = "user", summary = "Задание" } },
  jobs = { net = "bad.net_job" },
}
