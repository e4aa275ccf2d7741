--- Pages of notifications: the list, the choices, the link that ends letters, the live count.
local fields = require("domain.notifications.fields")
local form = require("kit.form")
local live = require("kit.live")
local respond = require("kit.respond")
local service = require("domain.notifications.service")
local urls = require("kit.urls")

local BASE = "/cabinet/notifications"
local SETTINGS = BASE .. "/settings"

local function list(request)
  local input, err = form.parse(fields.LIST, request.query_all)
  if not input then return nil, err end
  local found = service.list(request.user, input)
  local choices = service.choices(request.user)
  return respond.page(request, "notifications/list", {
    title = "Уведомления", nav = "notifications", items = found.items, unread = found.unread, input = input, kinds = choices.kinds,
    next_page = found.next_cursor and urls.with(BASE, request.query_all, { cursor = found.next_cursor }) or nil,
    last_id = found.items[1] and found.items[1].id,
  })
end

local function open(request)
  local link, err = service.open(request.user, math.tointeger(tonumber(request.params.id:match("^%d+$"))))
  if not link then return nil, err end
  return respond.redirect(link)
end

local function read_all(request)
  local input, err = form.parse(fields.READ, request:form_all())
  if not input then return nil, err end
  service.read_all(request.user, input.last_id)
  return respond.redirect(BASE)
end

local function settings_page(request, typed, err)
  local choices = service.choices(request.user)
  return respond.page(request, "notifications/settings", {
    title = "Настройка уведомлений", nav = "notifications", kinds = choices.kinds, setting = typed or choices.setting, ways = fields.MAIL,
    zones = fields.ZONES, errors = err and err.fields or {},
  }, err and err.status or 200)
end

local function show_settings(request) return settings_page(request) end

-- page_<kind> = "1" and mail_<kind> of the form.
local function ways_of(typed)
  local ways = {}
  for _, kind in ipairs(fields.KINDS) do
    local way = typed["mail_" .. kind.id]
    if way then ways[kind.id] = { page = typed["page_" .. kind.id] == "1", mail = way } end
  end
  return ways
end

local function save_settings(request)
  local typed = request:form()
  local input, err = form.parse(fields.SETTING, request:form_all())
  local ok
  if input then ok, err = service.choose(request.user, input, ways_of(typed)) end
  if ok then return respond.redirect(SETTINGS, { notice = "Сохранено" }) end
  return settings_page(request, typed, err)
end

local function stop_page(request)
  local found, err = service.what_to_stop(request.params.token, request.query.kind)
  if not found then return nil, err end
  return respond.page(request, "notifications/stop", {
    title = "Письма «" .. found.kind.label .. "»", kind = found.kind, token = request.params.token, quote = false,
  })
end

local function stop(request)
  local found, err = service.stop(request.params.token, request:form().kind or request.query.kind)
  if not found then return nil, err end
  return respond.page(request, "notifications/stop", { title = "Письма больше не придут", kind = found.kind, is_stopped = true, quote = false })
end

-- The bell of open pages: the number of new ones, at once and after each change.
local function events(request)
  return live.open(request, {
    topics = { "notification." .. request.user.id },
    begin = function(send) send("unread", { count = service.unread(request.user) }) end,
  })
end

local function count(request) return respond.json({ count = service.unread(request.user) }) end

return {
  { "GET", BASE, list, access = "user", private = true, query = fields.LIST, summary = "Уведомления" },
  { "POST", BASE .. "/read", read_all, access = "user", private = true, summary = "Отметить все уведомления прочитанными" },
  { "GET", SETTINGS, show_settings, access = "user", private = true, summary = "Настройка уведомлений" },
  { "POST", SETTINGS, save_settings, access = "user", private = true, summary = "Сохранить настройку уведомлений" },
  { "GET", BASE .. "/events", events, access = "user", summary = "Поток: число новых уведомлений" },
  { "GET", BASE .. "/count", count, access = "user", summary = "Число новых уведомлений" },
  { "GET", BASE .. "/{id}", open, access = "user", private = true, summary = "Открыть то, о чём уведомление" },
  { "GET", "/notifications/stop/{token}", stop_page, access = "public", summary = "Отказ от писем по ссылке" },
  { "POST", "/notifications/stop/{token}", stop, access = "public", summary = "Больше не присылать письма" },
}
