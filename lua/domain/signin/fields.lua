--- Settings of providers, as forms. `keep` of a secret: an empty field leaves what is set.
local fields = {}

local ON = { name = "is_on", type = "boolean", label = "Показывать на странице входа" }
local NAME = { name = "name", type = "text", label = "Название на кнопке", max_length = 60, hint = "«Войти через …»" }

local ALGS = { { value = "GOST256", label = "ГОСТ Р 34.10-2012, 256" }, { value = "RS256", label = "RSA" }, { value = "ES256", label = "ECDSA P-256" } }

fields.esia = {
  ON, NAME,
  { name = "client_id", type = "text", label = "Мнемоника системы", max_length = 100, hint = "client_id из заявки на подключение" },
  { name = "host", type = "text", label = "Узел ЕСИА", max_length = 200, pattern = "^https?://[%w%.%-:]+$", message = "Адрес начинается с https://, без пути" },
  { name = "issuer", type = "text", label = "Издатель токенов (iss)", max_length = 200 },
  { name = "scopes", type = "text", label = "Области доступа", max_length = 500, hint = "Через пробел; просите только то, на что есть разрешение" },
  { name = "authorize_path", type = "text", label = "Путь авторизации", max_length = 200, pattern = "^/" , message = "Путь начинается с /" },
  { name = "token_path", type = "text", label = "Путь обмена кода", max_length = 200, pattern = "^/", message = "Путь начинается с /" },
  { name = "profile_path", type = "text", label = "Путь сведений о человеке", max_length = 200, pattern = "^/", message = "Путь начинается с /" },
  { name = "logout_path", type = "text", label = "Путь выхода", max_length = 200, pattern = "^/", message = "Путь начинается с /" },
  { name = "order_authorize", type = "text", label = "Порядок полей в подписи авторизации", max_length = 300, pattern = "^[%w_ ]+$" },
  { name = "order_token", type = "text", label = "Порядок полей в подписи обмена", max_length = 300, pattern = "^[%w_ ]+$" },
  { name = "access_type", type = "enum", label = "Вид доступа", options = { "online", "offline" } },
  { name = "signer", type = "enum", label = "Чем подписывать", options = { { value = "pkcs7", label = "PKCS#7 ключом ниже" },
    { value = "raw_reversed", label = "Подпись ключом ниже, байты наоборот" }, { value = "http", label = "Внешняя подпись по HTTP (КриптоПро и другие)" } } },
  { name = "sign_alg", type = "enum", label = "Алгоритм ключа", options = ALGS },
  { name = "certificate", type = "text", label = "Сертификат системы, PEM", multiline = true, max_length = 20000 },
  { name = "certificate_hash", type = "text", label = "Хэш сертификата (client_certificate_hash)", max_length = 128, pattern = "^%x+$",
    message = "Шестнадцатеричные знаки" },
  { name = "signer_url", type = "text", label = "Адрес внешней подписи", max_length = 300, pattern = "^https?://", message = "Адрес начинается с http",
    hint = "POST: байты → подпись. Внутренний адрес разрешает COPP_FETCH_ALLOWED" },
  { name = "signer_reverse", type = "boolean", label = "Перевернуть байты внешней подписи" },
  { name = "verify", type = "enum", label = "Как проверять токен", options = { { value = "certificate", label = "Сертификатом ЕСИА ниже" },
    { value = "http", label = "Внешней проверкой по HTTP" }, { value = "tls", label = "Получен напрямую по TLS: подпись не проверять" } } },
  { name = "verify_alg", type = "enum", label = "Алгоритм подписи токена", options = ALGS },
  { name = "issuer_certificate", type = "text", label = "Сертификат ЕСИА, PEM", multiline = true, max_length = 20000 },
  { name = "verifier_url", type = "text", label = "Адрес внешней проверки", max_length = 300, pattern = "^https?://", message = "Адрес начинается с http" },
}

fields.oidc = {
  ON, NAME,
  { name = "issuer", type = "text", label = "Издатель", max_length = 300, pattern = "^https://", message = "Адрес начинается с https://",
    hint = "Остальные адреса узнаем сами: издатель/.well-known/openid-configuration" },
  { name = "client_id", type = "text", label = "Идентификатор клиента", max_length = 200 },
  { name = "scopes", type = "text", label = "Области доступа", max_length = 500 },
}

--- Secrets: name → label. Written, never shown.
fields.SECRETS = {
  esia = { { name = "key", label = "Закрытый ключ системы, PEM", multiline = true }, { name = "signer_token", label = "Ключ доступа к внешней подписи" } },
  oidc = { { name = "client_secret", label = "Секрет клиента" } },
}

fields.VERSION = { name = "version", type = "integer", label = "Версия", required = true, min = 1 }

return fields
