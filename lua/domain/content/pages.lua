--- Pages and news: what visitors see, and the editor.
local access = require("kit.access")
local blocks = require("domain.content.blocks")
local competences = require("domain.competences")
local editor = require("domain.content.editor")
local errors = require("kit.errors")
local fields = require("domain.content.fields")
local form = require("kit.form")
local present = require("domain.content.present")
local programs = require("domain.programs")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.content.service")
local urls = require("kit.urls")

local NEWS_SHOWN = 12
local UPLOADS = { max_bytes = fields.DOCUMENT_BYTES, max_files = 20 }

local function id_of(request) return math.tointeger(tonumber(request.params.id)) or 0 end
local function number(value) return math.tointeger(tonumber(value or "")) end

-- ---- visitors

local function json_ld(request, page)
  if page.kind ~= "news" then return nil end
  local origin = urls.origin(request)
  return { ["@context"] = "https://schema.org", ["@type"] = "NewsArticle", headline = page.title, datePublished = page.dated_on,
    description = page.lead ~= "" and page.lead or nil, image = page.picture and origin .. present.media(page.picture) or nil, url = origin .. request.path }
end

local function show_page(request, page, more)
  local data = {
    title = page.title, nav = page.kind, page = page, blocks = present.blocks(page.blocks), picture = present.media(page.picture),
    description = page.lead ~= "" and page.lead or nil, json_ld = json_ld(request, page), og_type = page.kind == "news" and "article" or nil,
  }
  for key, value in pairs(more or {}) do data[key] = value end
  return data
end

local function shown(kind)
  return function(request)
    local page, err = service.shown(request.params.slug, kind)
    if not page then return nil, err end
    return respond.site(request, "content/show", show_page(request, page))
  end
end

local function news(request)
  local input, err = form.parse(fields.NEWS, request.query_all)
  if not input then return nil, err end
  local rows, cursor = service.news({ limit = input.limit or NEWS_SHOWN, cursor = input.cursor })
  if not rows then return nil, cursor end
  for _, row in ipairs(rows) do row.src = present.media(row.picture) end
  return respond.site(request, "content/news", { title = "Новости", nav = "news", news = rows, next_cursor = cursor,
    description = "Новости и объявления центра.", feed = { title = "Новости", href = "/feeds/news.rss" } })
end

local function media(request)
  local file, err = service.media(request.user, request.params.id)
  if not file then return nil, err end
  return respond.file(file, { inline = true, is_public = file.is_public })
end

-- ---- the administrator's list

local COLUMNS = { { label = "Страница", lead = true }, { label = "Вид" }, { label = "Адрес" }, { label = "Состояние" }, { label = "Изменена", nowrap = true } }

local function row_of(row)
  local state = fields.STATES[row.state]
  return { id = row.id, href = "/admin/pages/" .. row.id, label = row.title, cells = {
    { text = row.title, href = "/admin/pages/" .. row.id }, fields.KINDS[row.kind], service.path_of(row),
    { text = state.label, tone = state.tone, icon = state.icon }, { text = russian.datetime(row.updated_at), sub = row.updated_by_name } } }
end

local function options(map)
  local list_of = {}
  for value, label in pairs(map) do list_of[#list_of + 1] = { value = value, label = type(label) == "table" and label.label or label } end
  table.sort(list_of, function(a, b) return a.label < b.label end)
  return list_of
end

local function list(request)
  local input, err = form.parse(fields.LIST, request.query_all)
  if not input then return nil, err end
  local found
  found, err = service.list(request.user, input)
  if not found then return nil, err end
  local rows = {}
  for index, row in ipairs(found.rows) do rows[index] = row_of(row) end
  return respond.page(request, "content/list", {
    title = "Страницы сайта", nav = "pages", rows = rows, columns = COLUMNS, next_cursor = found.next_cursor, input = input,
    query = request.query_all, kinds = options(fields.KINDS), states = options(fields.STATES), sections = fields.SECTIONS,
  })
end

local function new_page(request, typed, fault, status)
  return respond.page(request, "content/new", { title = "Новая страница", nav = "pages", fields = form.render(fields.NEW, typed, fault),
    fault = fault }, status)
end

local function new(request) return new_page(request, { kind = request.query.kind or "page" }) end

local function create(request)
  local typed = request:form()
  local input, err = form.parse(fields.NEW, typed)
  local page
  if input then page, err = service.create(request.user, input) end
  if not page then
    if err.status ~= 422 then return nil, err end
    return new_page(request, typed, err, 422)
  end
  return respond.redirect("/admin/pages/" .. page.id, { notice = "Черновик создан. Добавьте блоки и опубликуйте", tone = "info" })
end

local function section(request)
  local page, err = service.section(request.user, request.params.slug)
  if not page then return nil, err end
  return respond.redirect("/admin/pages/" .. page.id)
end

-- ---- the editor

local function edit_page(request, page, fault, status)
  local files = blocks.files(page.blocks)
  if page.picture then files[#files + 1] = page.picture end
  return respond.page(request, "content/edit", editor.data(page, fault, {
    files = service.files(files), competences = competences.choices(), kinds = programs.KINDS, prices = programs.PRICES,
  }), status)
end

local function edit(request)
  local page, err = service.get(request.user, id_of(request))
  if not page then return nil, err end
  return edit_page(request, page)
end

-- What was typed stays on the page that explains a refusal.
local function retry(request, id, typed, list_of, err)
  if err.status ~= 422 and err.status ~= 409 then return nil, err end
  local page, refused = service.get(request.user, id)
  if not page then return nil, refused end
  for _, field in ipairs(fields.PAGE) do
    local value = typed[field.name]
    if field.name ~= "version" or err.status ~= 409 then page[field.name] = value and value[1] or page[field.name] end
  end
  page.version, page.blocks = number(page.version) or 1, list_of
  return edit_page(request, page, err, err.status)
end

local function finish(request, id, command, saved, list_of)
  if command == "preview" then return respond.redirect(("/admin/pages/%d/preview"):format(id)) end
  if command ~= "publish" then return respond.redirect("/admin/pages/" .. id, { notice = "Черновик сохранён" }) end
  local made, err = service.publish(request.user, id, saved.version)
  if not made then
    if err.status ~= 422 then return nil, err end
    local page, refused = service.get(request.user, id)
    if not page then return nil, refused end
    page.blocks = list_of
    return edit_page(request, page, err, 422)
  end
  return respond.redirect("/admin/pages/" .. id, { notice = "Опубликовано: версия " .. made.no })
end

-- Every button of the editor saves the draft first; then it does its own.
local function save(request)
  local id, typed = id_of(request), request:form_all()
  local ok, err = access.need(request.user, "site.manage")
  if not ok then return nil, err end
  local faults = editor.keep_files(request, typed)
  local list_of, block_faults = blocks.read(typed)
  for _, fault in ipairs(block_faults) do faults[#faults + 1] = fault end
  local command = (typed["do"] or {})[1] or "save"
  local place = blocks.apply(list_of, command)
  local input
  input, err = form.parse(fields.PAGE, typed)
  if not input or #faults > 0 then
    for _, fault in ipairs(not input and err.fields or {}) do table.insert(faults, 1, fault) end
    return retry(request, id, typed, list_of, errors.invalid(faults))
  end
  local saved
  saved, err = service.save(request.user, id, input, list_of)
  if not saved then return retry(request, id, typed, list_of, err) end
  if place or command:find(":") then return respond.redirect(("/admin/pages/%d%s"):format(id, place and "#block-" .. place or "#blocks")) end
  return finish(request, id, command, saved, list_of)
end

local function preview(request)
  local page, err = service.get(request.user, id_of(request))
  if not page then return nil, err end
  return respond.page(request, "content/show", show_page(request, page, { draft = { id = page.id, label = "Черновик" }, robots = "noindex" }))
end

local function versions(request)
  local found, err = service.versions(request.user, id_of(request))
  if not found then return nil, err end
  return respond.page(request, "content/versions", { title = "Версии: " .. found.page.title, nav = "pages", page = found.page, versions = found.versions })
end

local function show_version(request)
  local version, err = service.version(request.user, id_of(request), number(request.params.no) or 0)
  if not version then return nil, err end
  return respond.page(request, "content/show", show_page(request, version, { robots = "noindex",
    draft = { id = id_of(request), label = "Версия " .. version.no, no = version.no, version = version.page_version } }))
end

local function restore(request)
  local id, no = id_of(request), number(request.params.no) or 0
  local saved, err = service.restore(request.user, id, no, number(request:form().version))
  if not saved then return nil, err end
  return respond.redirect("/admin/pages/" .. id, { notice = ("Черновик снова как в версии %d. Чтобы её увидели посетители, опубликуйте"):format(no), tone = "info" })
end

local function act(name, notice, target)
  return function(request)
    local id = id_of(request)
    local done, err = service[name](request.user, id, number(request:form().version))
    if not done then return nil, err end
    return respond.redirect(target or "/admin/pages/" .. id, { notice = notice })
  end
end

local ADMIN = { "site.manage" }
local PAGE = "/admin/pages/{id}"

return {
  { "GET", "/pages/{slug}", shown("page"), access = "public", summary = "Страница, которую сделал администратор" },
  { "GET", "/news", news, access = "public", query = fields.NEWS, summary = "Новости" },
  { "GET", "/news/{slug}", shown("news"), access = "public", summary = "Новость" },
  { "GET", "/media/{id}", media, access = "public", summary = "Картинка или документ сайта" },
  { "GET", "/admin/pages", list, access = ADMIN, query = fields.LIST, summary = "Страницы сайта" },
  { "GET", "/admin/pages/new", new, access = ADMIN, summary = "Форма новой страницы" },
  { "POST", "/admin/pages", create, access = ADMIN, body = fields.NEW, summary = "Новая страница" },
  { "POST", "/admin/pages/sections/{slug}", section, access = ADMIN, summary = "Блоки раздела сайта" },
  { "GET", PAGE, edit, access = ADMIN, summary = "Правка страницы" },
  { "POST", PAGE, save, access = ADMIN, multipart = UPLOADS, summary = "Сохранение и публикация страницы" },
  { "GET", PAGE .. "/preview", preview, access = ADMIN, summary = "Черновик глазами посетителя" },
  { "GET", PAGE .. "/versions", versions, access = ADMIN, summary = "Версии страницы" },
  { "GET", PAGE .. "/versions/{no}", show_version, access = ADMIN, summary = "Версия страницы" },
  { "POST", PAGE .. "/versions/{no}/restore", restore, access = ADMIN, summary = "Возврат к версии страницы" },
  { "POST", PAGE .. "/unpublish", act("unpublish", "Страница снята: по её адресу посетитель узнает, что её больше нет"), access = ADMIN,
    summary = "Снятие страницы с публикации" },
  { "POST", PAGE .. "/delete", act("delete", "Черновик удалён", "/admin/pages"), access = ADMIN, summary = "Удаление черновика" },
}
