--- What is known of providers beforehand. Data: a region picks a preset and changes what its agreement says otherwise.
local presets = {}

local TEST, PRODUCTION = "https://esia-portal1.test.gosuslugi.ru", "https://esia.gosuslugi.ru"
local SCOPES = "openid fullname birthdate gender snils email"

local function first(host, issuer)
  return {
    host = host, issuer = issuer, scopes = SCOPES, authorize_path = "/aas/oauth2/ac", token_path = "/aas/oauth2/te",
    order_authorize = "scope timestamp client_id state", order_token = "scope timestamp client_id state",
    signer = "pkcs7", sign_alg = "RS256", verify = "certificate", verify_alg = "RS256", access_type = "online", profile_path = "/rs/prns/",
    logout_path = "/idp/ext/Logout",
  }
end

local function second(host, issuer)
  local preset = first(host, issuer)
  preset.authorize_path, preset.token_path = "/aas/oauth2/v2/ac", "/aas/oauth2/v3/te"
  preset.order_authorize = "client_id scope timestamp state redirect_uri"
  preset.order_token = "client_id scope timestamp state redirect_uri code"
  preset.signer, preset.sign_alg = "http", "GOST256"
  preset.verify, preset.verify_alg = "tls", "GOST256"
  return preset
end

presets.esia = {
  { code = "v2", label = "Действующая: v2/ac и v3/te, подпись ГОСТ", settings = second(PRODUCTION, "http://esia.gosuslugi.ru/") },
  { code = "v2_test", label = "Действующая, тестовый стенд", settings = second(TEST, "http://esia-portal1.test.gosuslugi.ru/") },
  { code = "v1", label = "Прежняя: ac и te, PKCS#7", settings = first(PRODUCTION, "http://esia.gosuslugi.ru/") },
  { code = "v1_test", label = "Прежняя, тестовый стенд", settings = first(TEST, "http://esia-portal1.test.gosuslugi.ru/") },
}

presets.oidc = {
  { code = "plain", label = "Обычный провайдер OpenID Connect", settings = { scopes = "openid profile email", client_auth = "post" } },
}

--- Words of ЕСИА's error codes, for people.
presets.ERRORS = {
  ["007002"] = "сертификат не соответствует мнемонике системы", ["007003"] = "в запросе не хватает параметра или он записан неверно",
  ["007004"] = "вы отказались от входа или сервис отклонил запрос", ["007006"] = "запрошены сведения, на которые нет разрешения",
  ["007011"] = "код входа устарел или уже использован", ["007014"] = "в запросе нет обязательного параметра",
  ["007015"] = "часы сервера центра расходятся с часами Госуслуг", ["007019"] = "у системы центра нет разрешения",
  ["007023"] = "адрес возврата не зарегистрирован в Госуслугах", ["007053"] = "подпись запроса записана неверно",
  ["007055"] = "ваша учётная запись на Госуслугах не подтверждена", ["007194"] = "вы не сотрудник этой организации",
  ["008010"] = "система центра не прошла проверку",
}

--- What the person can do about it; nothing said: try later or come in by the address.
presets.ADVICE = {
  ["007004"] = "Если передумали, начните вход ещё раз.", ["007011"] = "Начните вход ещё раз.",
  ["007055"] = "Подтвердите её на Госуслугах или войдите по почте и паролю.",
}

return presets
