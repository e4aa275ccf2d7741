-- Настройки: ключ, значение по умолчанию и зачем он нужен. Читаются один раз при запуске в таком порядке:
-- этот файл → config.lua в каталоге региона (COPP_REGION_DIR) → переменные окружения.
-- Значение, которое не подходит по типу, останавливает запуск с сообщением, в котором названа настройка.
--
-- Типы: text, path (полный путь), integer (min, max), boolean (1/0), address (узел:порт),
-- url (schemes — допустимые схемы), choice (options — через пробел). secret = true: значение нигде не показывается.
return {
  { key = "listen", env = "COPP_LISTEN", type = "address", default = "127.0.0.1:8080",
    reason = "Адрес и порт, где отвечает сервер. Наружу его выставляют сознательно: 0.0.0.0:8080 или прокси перед ним." },
  { key = "workers", env = "COPP_WORKERS", type = "integer", default = 0, min = 0, max = 48,
    reason = "Число веб-процессов; 0 — по числу ядер. Больше ядер смысла не имеет: процесс не ждёт, а переключается." },
  { key = "public_url", env = "COPP_PUBLIC_URL", type = "url", schemes = "http https",
    reason = "Внешний адрес сайта для ссылок в письмах. Без него берётся адрес из запроса, а в письмах — listen." },
  { key = "dev", env = "COPP_DEV", type = "boolean", default = 0,
    reason = "Режим разработки: код читается из рабочей копии, перезагрузка при сохранении, страницы /dev/. На сервере выключен." },
  { key = "bench", env = "COPP_BENCH", type = "boolean", default = 0,
    reason = "Страницы /dev/bench/ для измерений (./copp bench http). На сервере выключены." },
  { key = "log_level", env = "COPP_LOG_LEVEL", type = "choice", options = "debug info warn error", default = "info",
    reason = "С какого уровня писать строки журнала (JSON в stderr). Запросы пишутся на уровне info." },

  { key = "data_dir", env = "COPP_DATA_DIR", type = "path",
    reason = "Где лежат загруженные файлы, встроенный PostgreSQL и установленный код. По умолчанию /var/lib/copp у root и ~/.local/share/copp у остальных." },
  { key = "region_dir", env = "COPP_REGION_DIR", type = "path", must_exist = true,
    reason = "Каталог региона: config.lua, правила, тексты и виды, которые ложатся поверх поставки." },
  { key = "region.code", env = "COPP_REGION_CODE", type = "text", default = "59",
    reason = "Код субъекта РФ (data/regions.csv)." },
  { key = "region.name", env = "COPP_REGION_NAME", type = "text", default = "Светлогорская область",
    reason = "Название региона в шапке и в документах; это — вымышленное." },
  { key = "region.zone", env = "COPP_REGION_ZONE", type = "text", default = "Asia/Yekaterinburg",
    reason = "Часовой пояс региона по базе IANA. У площадки может быть свой." },

  { key = "region.short", type = "text", default = "ЦОПП", reason = "Имя центра в шапке." },
  { key = "region.full", type = "text", default = "Центр опережающей профессиональной подготовки", reason = "Полное имя центра." },
  { key = "region.address", type = "text", default = "г. Светлогорск, ул. Мастеров, 12", reason = "Адрес в подвале страниц." },
  { key = "region.phone", type = "text", default = "8 800 000-00-00", reason = "Телефон в подвале страниц." },
  { key = "region.email", type = "text", default = "copp@example.org", reason = "Почта в подвале страниц." },
  { key = "region.site", type = "url", schemes = "http https", default = "https://example.org/",
    reason = "Официальный сайт центра: ссылки нужны в обе стороны." },

  { key = "session.api.idle_minutes", type = "integer", default = 1440, min = 5, max = 43200,
    reason = "Бездействие, после которого токен API не действует. Сроки сеансов в браузере: «Настройки» администратора." },
  { key = "session.api.hours", type = "integer", default = 24, min = 1, max = 2160, reason = "Сколько живёт токен API." },

  { key = "database_url", env = "COPP_DATABASE_URL", type = "url", schemes = "postgres postgresql", secret = true,
    reason = "Свой PostgreSQL 15 или новее (можно несколько узлов в одной строке). Без неё сервер сам ведёт встроенный." },
  { key = "database_owner_url", env = "COPP_DATABASE_OWNER_URL", type = "url", schemes = "postgres postgresql", secret = true,
    reason = "Вход владельца базы: им обновляют схему и снимают копии. Тогда в database_url указывают роль copp_app, которой журнал действий не изменить." },
  { key = "database_replica_url", env = "COPP_DATABASE_REPLICA_URL", type = "url", schemes = "postgres postgresql", secret = true,
    reason = "Реплика для отчётов и чтения, которому можно немного отстать." },

  { key = "database_unnamed", env = "COPP_DATABASE_UNNAMED", type = "boolean", default = 0,
    reason = "Не готовить запросы по именам: нужно за pgbouncer старше 1.21 в режиме транзакций." },

  { key = "tls_cert", env = "COPP_TLS_CERT", type = "path", must_exist = true,
    reason = "Сертификат PEM. Вместе с tls_key включает HTTPS в самом сервере." },
  { key = "tls_key", env = "COPP_TLS_KEY", type = "path", must_exist = true, secret = true,
    reason = "Закрытый ключ PEM к tls_cert. Читается до сброса прав root." },
  { key = "trusted_proxies", env = "COPP_TRUSTED_PROXIES", type = "text",
    reason = "Чьим X-Forwarded-* верить: адреса и подсети через запятую. Пусто — никому." },

  { key = "smtp_url", env = "COPP_SMTP_URL", type = "url", schemes = "smtp smtps", secret = true,
    reason = "Почтовый сервер: smtp://пользователь:пароль@узел:порт. Без него письма ждут в исходящих и видны администратору." },
  { key = "mail_from", env = "COPP_MAIL_FROM", type = "text", default = "noreply@copp.invalid",
    reason = "Адрес отправителя писем." },
  { key = "fetch_allowed", env = "COPP_FETCH_ALLOWED", type = "text",
    reason = "Какие внутренние адреса (узел:порт через запятую) разрешены исходящим запросам. Прочие внутренние закрыты: защита от SSRF." },

  { key = "secret_file", env = "COPP_SECRET_FILE", type = "path", secret = true,
    reason = "Файл с ключом подписи. По умолчанию secret в data_dir, создаётся при первом запуске. Общий у нескольких узлов." },
  { key = "metrics_token", env = "COPP_METRICS_TOKEN", type = "text", secret = true,
    reason = "С ним /metrics отвечает не только местным: Authorization: Bearer <токен>." },
}
