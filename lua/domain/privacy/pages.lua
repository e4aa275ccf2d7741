--- Pages of «Мои данные», and of the requests for those who answer.
local access = require("kit.access")
local fields = require("domain.privacy.fields")
local form = require("kit.form")
local present = require("domain.privacy.present")
local respond = require("kit.respond")
local service = require("domain.privacy.service")

local PATH = "/cabinet/data"
local REQUESTS = "/cabinet/data-requests"

local function own_page(request, typed, err)
  local data, fault = service.data(request.user)
  if not data then return nil, fault end
  return respond.page(request, "privacy/own", {
    title = "Мои данные", nav = "data", groups = present.groups(data), views = service.views(request.user), requests = service.requests(request.user),
    ties = service.ties(request.user), typed = typed or {}, by_field = err and err.by_field or {}, fault = err and not err.by_field and err.text or nil,
    max_bytes = service.FILE_MAX_BYTES,
  }, err and err.status or 200)
end

local function show(request) return own_page(request) end

local function export(request)
  local data, err = service.export(request.user)
  if not data then return nil, err end
  local response = respond.json(data)
  response.headers["content-disposition"] = respond.disposition("Мои данные.json")
  return response
end

local function print(request)
  local data, err = service.data(request.user)
  if not data then return nil, err end
  return respond.page(request, "privacy/print", { title = "Мои данные", groups = present.groups(data), back = PATH })
end

local function ask_pdf(request)
  local id, err = service.ask_pdf(request.user)
  if not id then return nil, err end
  return respond.redirect("/cabinet/jobs/" .. id, { notice = "Готовим PDF", tone = "info" })
end

local function correct(request)
  local typed = request:form()
  local input, err = form.parse(fields.CORRECTION, typed)
  local ok
  if input then ok, err = service.ask_correction(request.user, input, request:file("file")) end
  if not ok then return own_page(request, typed, err) end
  return respond.redirect(PATH, { notice = "Запрос отправлен. Ответим в течение 10 рабочих дней" })
end

local function erase(request)
  local typed = request:form()
  local input, err = form.parse(fields.ERASURE, typed)
  local row
  if input then row, err = service.ask_erasure(request.user, input) end
  if not row then return own_page(request, typed, err) end
  return respond.redirect(PATH, { notice = "Запрос на удаление принят. До его исполнения его можно отозвать" })
end

local function cancel(request)
  local ok, err = service.cancel(request.user, request.params.id)
  if not ok then return nil, err end
  return respond.redirect(PATH, { notice = "Запрос отозван" })
end

local function requests_page(request, err)
  local input, fault = form.parse(fields.LIST, request.query_all)
  if not input then return nil, fault end
  local found
  found, fault = service.list(request.user, input)
  if not found then return nil, fault end
  return respond.page(request, "privacy/requests", { title = "Запросы о данных", nav = "data_requests", rows = found.rows, next_cursor = found.next_cursor,
    states = fields.STATES, input = input, query = request.query_all,
    has_cards = access.can(request.user, "person.read"), fault = err and err.text }, err and err.status or 200)
end

local function requests(request) return requests_page(request) end

local function decide(request)
  local input, err = form.parse(fields.DECIDE, request:form())
  local ok
  if input then ok, err = service.decide(request.user, request.params.id, input) end
  if not ok then
    if err.status == 404 or err.status == 403 then return nil, err end
    return requests_page(request, err)
  end
  return respond.redirect(REQUESTS, { notice = "Ответ отправлен" })
end

return {
  { "GET", PATH, show, access = "user", private = true, summary = "Мои данные: что хранится и кто смотрел" },
  { "GET", PATH .. "/export.json", export, access = "user", private = true, summary = "Выгрузка своих данных в JSON" },
  { "GET", PATH .. "/print", print, access = "user", private = true, summary = "Свои данные для печати" },
  { "POST", PATH .. "/pdf", ask_pdf, access = "user", private = true, summary = "Свои данные в PDF (готовит задание)" },
  { "POST", PATH .. "/correction", correct, access = "user", private = true, multipart = { max_bytes = service.FILE_MAX_BYTES, max_files = 1 },
    summary = "Попросить исправить данные" },
  { "POST", PATH .. "/erasure", erase, access = "user", private = true, proof = true, summary = "Попросить удалить данные" },
  { "POST", PATH .. "/requests/{id}/cancel", cancel, access = "user", private = true, summary = "Отозвать запрос" },
  { "GET", REQUESTS, requests, access = { "data_request.read" }, query = fields.LIST, summary = "Запросы о данных" },
  { "POST", REQUESTS .. "/{id}", decide, access = { "data_request.decide" }, summary = "Ответить на запрос об исправлении" },
}
