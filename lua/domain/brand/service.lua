--- The looks of the region: colours, fonts, logo; published as brand.css, logo.svg, logo-mono.svg, favicon.svg.
local errors = require("kit.errors")
local fields = require("domain.brand.fields")
local palette = require("domain.brand.palette")
local picture = require("domain.brand.picture")
local policy = require("domain.brand.policy")
local published = require("kit.published")
local service = {}

local CSS = "assets/brand.css"
local LOGOS = { logo = "assets/logo.svg", mono = "assets/logo-mono.svg", favicon = "assets/favicon.svg" }

local facts

--- Pairs and neutral tokens of the built assets; called once at load.
function service.use(given) facts = given end

-- Names of tokens in words.
local function words(name) return fields.TOKENS[name] or name end

--- A palette with its checks.
---@param values {brand: string, accent: string, font: string}
---@return {checks: table[], worst: table?, nearest: string?, steps: table<integer, string>}
function service.try(values)
  local checks, worst = palette.check(facts, values.brand, values.accent)
  return {
    checks = checks,
    worst = worst,
    steps = palette.ramp(values.brand),
    nearest = worst and palette.nearest(facts, values.brand, values.accent),
  }
end

--- What is in force: values, versions, whether it is the product's.
---@return table? current
---@return kit.Error? err
function service.current(user)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  local file = published.find(CSS)
  local current = {
    values = file and palette.values(file.content) or fields.DEFAULTS,
    version = file and file.version or 0,
    is_own = file ~= nil,
    published_at = file and file.published_at,
    who = file and file.who,
    logos = {},
  }
  for name, path in pairs(LOGOS) do
    local logo = published.find(path)
    current.logos[name] = { version = logo and logo.version or 0, is_own = logo ~= nil }
  end
  return current
end

---@param tried table of service.try()
local function refusal(tried)
  local worst = tried.worst
  local message = ("Контраст не проходит: «%s» на «%s» (%s тема) — %.2f, нужно %.1f."):format(
    words(worst.front),
    words(worst.back),
    worst.mode == "dark" and "тёмная" or "светлая",
    worst.ratio,
    worst.least
  )
  if tried.nearest then message = message .. (" Ближайший подходящий цвет: %s."):format(tried.nearest) end
  return errors.invalid("brand", "contrast", message)
end

--- Puts colours and fonts in force everywhere, after all pairs have passed.
---@return table? change
---@return kit.Error? err 422 "contrast" names the pair and the ratio
function service.publish(user, input)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  local tried = service.try(input)
  if tried.worst then return nil, refusal(tried) end
  return published.put(
    "Оформление: цвета и шрифты",
    { { path = CSS, content = palette.css(input), version = input.version or 0 } }
  )
end

local function svg_of(bytes)
  local svg, message
  if bytes:sub(1, 4) == "\x89PNG" then
    svg, message = picture.wrap_png(bytes)
  else
    svg, message = picture.clean_svg(bytes)
  end
  if svg then return svg end
  return nil, errors.invalid("file", "picture", message .. ".")
end

--- Puts a logo in force: "logo", "mono" or "favicon".
---@param bytes string SVG or PNG
---@return table? change
---@return kit.Error? err
function service.publish_logo(user, name, bytes, version)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  if not LOGOS[name] then return nil, errors.not_found("page", name) end
  if #bytes > fields.LOGO_BYTES then
    return nil, errors.invalid("file", "file_too_large", "Файл больше 512 КБ. Упростите картинку.")
  end
  local svg
  svg, err = svg_of(bytes)
  if not svg then return nil, err end
  return published.put("Оформление: знак", { { path = LOGOS[name], content = svg, version = version } })
end

--- Puts the looks of the product, or of the region's directory, in force again.
---@return table? change
---@return kit.Error? err
function service.reset(user)
  local current, err = service.current(user)
  if not current then return nil, err end
  local files = {}
  if current.is_own then files[1] = { path = CSS, version = current.version } end
  for name, logo in pairs(current.logos) do
    if logo.is_own then files[#files + 1] = { path = LOGOS[name], version = logo.version } end
  end
  if #files == 0 then return nil, errors.conflict("nothing", "Оформление и так из поставки.") end
  return published.put("Оформление: возврат к поставке", files)
end

return service
