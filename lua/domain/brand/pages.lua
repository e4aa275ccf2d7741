--- Page of the looks.
local fields = require("domain.brand.fields")
local files = require("core.files")
local form = require("kit.form")
local palette = require("domain.brand.palette")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.brand.service")

local BASE = "/admin/brand"

local function check_rows(checks)
  local rows = {}
  for _, check in ipairs(checks) do
    local front, back = fields.TOKENS[check.front], fields.TOKENS[check.back]
    if not check.is_ok or front and back then -- the neutral ones are the product's own affair
      rows[#rows + 1] = {
        cells = {
          {
            text = ("%s — %s"):format(front or check.front, back or check.back),
            sub = check.front_hex .. " / " .. check.back_hex,
          },
          check.mode == "dark" and "Тёмная" or "Светлая",
          ("%.2f"):format(check.ratio):gsub("%.", ","),
          ("%.1f"):format(check.least):gsub("%.", ","),
          { text = check.is_ok and "Проходит" or "Не проходит", tone = check.is_ok and "ok" or "bad" },
        },
      }
    end
  end
  return rows
end

local function swatches(steps)
  local list = {}
  for i, step in ipairs(palette.STEPS) do
    list[i] = { step = step, hex = steps[step], x = (i - 1) * 60 }
  end
  return list
end

local function with_current(typed, values)
  local asked = {}
  for _, field in ipairs(fields.BRAND) do
    asked[field.name] = typed[field.name] or values[field.name]
  end
  return asked
end

local function controls(asked, fault)
  local rendered = form.render(fields.BRAND, asked, fault)
  for _, field in ipairs(rendered) do
    if field.type == "enum" then field.type = "select" end
  end
  return rendered
end

local function page(request, typed, fault)
  local current, err = service.current(request.user)
  if not current then return nil, err end
  local asked = with_current(typed or request.query, current.values)
  local values, wrong = form.parse(fields.BRAND, asked)
  fault = fault or wrong
  local shown = values or current.values
  local tried = service.try(shown)
  return respond.page(request, "brand/show", {
    title = "Оформление",
    nav = "brand",
    current = current,
    values = shown,
    fields = controls(asked, fault),
    fault = fault,
    tried = tried,
    checks = check_rows(tried.checks),
    swatches = swatches(tried.steps),
    is_valid = values ~= nil and not tried.worst,
    checklist = fields.CHECKLIST,
    since = current.published_at and russian.datetime(current.published_at) or nil,
    preview_css = ("%s/preview.css?brand=%s&accent=%s&font=%s"):format(
      BASE,
      shown.brand:gsub("#", "%%23"),
      shown.accent:gsub("#", "%%23"),
      shown.font
    ),
  }, fault and (fault.status == 409 and 409 or 422))
end

local function show(request) return page(request) end

-- Only for the preview of this page: the same tokens within a class.
local function preview(request)
  local values, err = form.parse(fields.BRAND, request.query_all)
  if not values then return nil, err end
  return respond.text(palette.css(values, "brand-preview"), 200, "text/css; charset=utf-8")
end

local function publish(request)
  local typed = request:form()
  local input, err = form.parse(fields.PUBLISH, typed)
  local change
  if input then
    change, err = service.publish(request.user, input)
  end
  if change then return respond.redirect(BASE, { notice = "Новое оформление действует везде" }) end
  if err.status == 403 then return nil, err end
  return page(request, typed, err)
end

local function upload(request)
  local typed, sent = request:form(), request:file("file")
  if not sent or sent.size == 0 then
    return respond.redirect(BASE, { tone = "bad", notice = "Выберите файл SVG или PNG." })
  end
  local bytes, err = files.read(sent.path, fields.LOGO_BYTES + 1)
  if not bytes then
    return respond.redirect(
      BASE,
      {
        tone = "bad",
        notice = err and err.code == "limit" and "Файл больше 512 КБ." or "Файл не читается.",
      }
    )
  end
  local change
  change, err = service.publish_logo(request.user, request.params.name, bytes, math.tointeger(tonumber(typed.version)) or 0)
  if change then return respond.redirect(BASE, { notice = "Новый знак действует везде" }) end
  if err.status == 403 or err.status == 404 then return nil, err end
  return respond.redirect(BASE, { tone = "bad", notice = err.text })
end

local function reset(request)
  local change, err = service.reset(request.user)
  if change then return respond.redirect(BASE, { notice = "Вернулось оформление из поставки" }) end
  if err.status == 403 then return nil, err end
  return respond.redirect(BASE, { tone = "bad", notice = err.text })
end

local MANAGE = { "brand.manage" }

return {
  { "GET", BASE, show, access = MANAGE, summary = "Оформление" },
  {
    "GET",
    BASE .. "/preview.css",
    preview,
    access = MANAGE,
    query = fields.BRAND,
    summary = "Цвета для предпросмотра",
  },
  {
    "POST",
    BASE,
    publish,
    access = MANAGE,
    body = fields.PUBLISH,
    summary = "Опубликовать цвета и шрифты",
  },
  {
    "POST",
    BASE .. "/logo/{name}",
    upload,
    access = MANAGE,
    multipart = { max_bytes = 1024 * 1024, max_files = 1 },
    summary = "Опубликовать знак",
  },
  { "POST", BASE .. "/reset", reset, access = MANAGE, summary = "Вернуть оформление поставки" },
}
