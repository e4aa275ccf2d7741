--- Pages of the preview.
local fields = require("domain.preview.fields")
local form = require("kit.form")
local respond = require("kit.respond")
local service = require("domain.preview.service")

local BASE = "/admin/preview"

local function page(request, typed, err)
  local found, refused = service.form(request.user)
  if not found then return nil, refused end
  return respond.page(request, "preview/start", { title = "Просмотр чужими глазами", nav = "roles", roles = found.roles,
    organizations = found.organizations, typed = typed, fault = err, by_field = err and err.by_field or {} }, err and err.status or 200)
end

local function show(request) return page(request, { role = request.query.role, grant_id = (request.query.grant or ""):match("^%d+$") }) end

local function start(request)
  local typed = request:form()
  local input, err = form.parse(fields.START, typed)
  local label
  if input then label, err = service.start(request, input) end
  if label then return respond.redirect("/cabinet") end
  if err.status == 403 then return nil, err end
  return page(request, typed, err)
end

local function leave(request)
  local ok, err = service.leave(request)
  if not ok then return nil, err end
  return respond.redirect(BASE, { notice = "Просмотр закончен: вы снова работаете от своего имени." })
end

return {
  { "GET", BASE, show, access = { "user.manage" }, summary = "Просмотр чужими глазами" },
  { "POST", BASE, start, access = { "user.manage" }, body = fields.START, summary = "Начать просмотр" },
  { "POST", BASE .. "/leave", leave, access = "user", preview = true, summary = "Выйти из просмотра" },
}
