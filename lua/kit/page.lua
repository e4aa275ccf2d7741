--- What every page gets besides its own data: region, notice, looks of the visitor. Domain modules may add more by
--- page.extend() at load (the cabinet adds its menu).
local settings = require("core.settings")
local text = require("core.text")
local page = {}

local NOTICE = "copp-notice"
local NOTICE_BYTES = 1500
local extensions = {}

-- The region's line and contacts, read from the settings once; an empty setting is none.
local region = setmetatable({}, {
  __index = function(known, key)
    local value = settings.region and settings.region[key]
    if value == "" then value = nil end
    rawset(known, key, value)
    return value
  end,
})

--- Registers fn(request, data) that adds fields for layouts before rendering. `layout` limits it to views of that layout.
--- Called by boot for `page_data` of domain modules.
---@param fn fun(request: kit.Request, data: table)
---@param layout string?
function page.extend(fn, layout)
  extensions[#extensions + 1] = { fn = fn, layout = layout }
end

--- Keeps a notice for the next page in a short-lived cookie.
function page.keep_notice(request, options)
  local packed = table.concat({
    options.tone or "ok", options.href or "", options.action or "", options.notice:sub(1, NOTICE_BYTES),
  }, "\n")
  request:set_cookie(NOTICE, text.url_encode(packed), 60)
end

local function take_notice(request)
  local packed = request:cookie(NOTICE)
  if not packed then return nil end
  request:set_cookie(NOTICE, "", 0)
  local tone, href, action, notice = (text.url_decode(packed) or ""):match("^(%a*)\n([^\n]*)\n([^\n]*)\n(.*)$")
  if not notice or not text.is_valid(notice) then return nil end
  return { tone = tone, href = href ~= "" and href or nil, action = action ~= "" and action or nil, text = notice }
end

local SCHEMES = { bw = true, wb = true, bb = true, by = true }

local function choice(value, allowed, default)
  return value and value:find(allowed) and value or default
end

-- "bw.2.1.serif.0": scheme, size, spacing, font, images.
local function read_vi(request)
  local packed = request:cookie("copp-vi")
  if not packed then return nil end
  local scheme, size, spacing, font, images = packed:match("^(%a%a)%.(%d)%.(%d)%.(%a+)%.(%d)$")
  if not SCHEMES[scheme] then return nil end
  return {
    scheme = scheme, size = choice(size, "^[123]$", "1"), spacing = choice(spacing, "^[12]$", "1"),
    font = choice(font, "^serif$", "sans"), images = images == "1",
  }
end

--- Packs the looks for the cookie of GET /view.
---@param vi {scheme: string, size: string, spacing: string, font: string, images: boolean}?
function page.keep_vi(request, vi)
  if not vi or not SCHEMES[vi.scheme] then return request:set_cookie("copp-vi", "", 0) end
  local packed = ("%s.%s.%s.%s.%s"):format(vi.scheme, choice(vi.size, "^[123]$", "1"), choice(vi.spacing, "^[12]$", "1"),
    choice(vi.font, "^serif$", "sans"), vi.images == false and "0" or "1")
  request:set_cookie("copp-vi", packed, 31536000)
end

---@param theme string? "dark", "light", otherwise the system's
function page.keep_theme(request, theme)
  local is_known = theme == "dark" or theme == "light"
  request:set_cookie("copp-theme", is_known and theme or "", is_known and 31536000 or 0)
end

--- Adds what layouts need. The table of the handler is used, not copied.
---@param request kit.Request
---@param data table?
---@return table
function page.complete(request, data)
  data = data or {}
  data.region = data.region or region
  data.path = request:full_path()
  if request.http:header("cookie") then
    if data.notice == nil then data.notice = take_notice(request) end
    data.vi = read_vi(request)
    local theme = request:cookie("copp-theme")
    data.theme = (theme == "dark" or theme == "light") and theme or nil
  end
  data.preview = request.user.preview
  if not request.user.is_guest then data.csrf = require("kit.csrf").token(request) end
  return data
end

--- Runs the extensions of a layout: called by kit.view when the layout of the view is known.
function page.run_extensions(request, data, layout)
  for _, extension in ipairs(extensions) do
    if not extension.layout or extension.layout == layout then extension.fn(request, data) end
  end
end

return page
