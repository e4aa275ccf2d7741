--- Answers of handlers. A response is a table {status, headers, body}; the top of the request adds cookies and policy
--- headers.
---
---   return respond.page(request, "applications/inbox", { title = "Заявки", rows = rows })
---   return respond.json(application, 201)
---   return respond.redirect("/cabinet/applications", { notice = "Заявка подана" })
local buffer = require("core.buffer")
local context = require("kit.context")
local crypto = require("core.crypto")
local errors = require("kit.errors")
local json = require("core.json")
local page = require("kit.page")
local text = require("core.text")
local view = require("kit.view")
local urls = require("kit.urls")
local respond = {}

---@class kit.Response
---@field status integer
---@field headers table<string, string|string[]>
---@field body any string, buffer, {path=,size=}, {stream=fn} or nil

local NO_STORE = "no-store"
local HTML = "text/html; charset=utf-8"
local API_POLICY = "default-src 'none'; frame-ancestors 'none'"
local POLICY = {
  "default-src 'none'; script-src 'self' 'nonce-", "'; style-src 'self' 'nonce-",
  "'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    .. "frame-ancestors 'none'; manifest-src 'self'",
}

-- A page that shows another page of ours in a frame says so.
local function policy(nonce, has_frames)
  return POLICY[1] .. nonce .. POLICY[2] .. nonce .. POLICY[3] .. (has_frames and "; frame-src 'self'" or "")
end

--- An HTML page. The layout named in the view is put around it; for htmx requests with `fragment = true` in data the
--- view goes out alone.
---@param request kit.Request
---@param name string path below views/ without .html
---@param data table what the view takes; title, nav … for the layout
---@param status integer?
---@return kit.Response
function respond.page(request, name, data, status)
  local out = buffer.new()
  local it = page.complete(request, data)
  if it.fragment and request:is_htmx() then
    view.bare(out, name, it, request)
  else
    view.render(out, name, it, request)
  end
  return {
    status = status or 200,
    headers = {
      ["content-type"] = HTML,
      ["content-security-policy"] = policy(request.nonce, it.frames),
      ["cache-control"] = request.user.is_guest and "no-cache" or NO_STORE,
      vary = "Cookie",
    },
    body = out,
  }
end

-- What of the page is the same for all who ask: without the nonce, which is new each time.
local function page_tag(response, nonce)
  local bytes = response.body:string():gsub(nonce:gsub("%W", "%%%0"), "")
  return 'W/"' .. crypto.sha256(bytes):sub(1, 24) .. '"'
end

--- Structured data of a page as the script element that search engines read. No text of it can end the element.
local function json_ld(values, nonce)
  local text_of = json.encode(values):gsub("[<>&]", { ["<"] = "\\u003c", [">"] = "\\u003e", ["&"] = "\\u0026" })
  return ('<script type="application/ld+json" nonce="%s">%s</script>'):format(nonce, text_of)
end

--- A page of the public site: with its canonical address, structured data (`json_ld`) and, for guests, an ETag, so that a second
--- visit costs a 304. An answer 304 carries a new nonce beside the old body; that does no harm, since scripts come from files.
---@param request kit.Request
---@param name string
---@param data table also canonical (path), json_ld (table), og_type, picture (path), robots
---@return kit.Response
function respond.site(request, name, data)
  data.origin = urls.origin(request)
  data.canonical = data.origin .. (data.canonical or request.path)
  if data.json_ld then data.json_ld_html = json_ld(data.json_ld, request.nonce) end
  local response = respond.page(request, name, data)
  if request.user.is_guest then response.headers.etag = page_tag(response, request.nonce) end
  return response
end

local FRAMED = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors *"

--- A page that other sites show in a frame: no scripts, no forms, nobody's session. Browsers ignore X-Frame-Options, which says DENY
--- in every answer, where the policy names frame-ancestors.
---@param request kit.Request of a route with session = false
---@return kit.Response
function respond.framed(request, name, data)
  data.origin = urls.origin(request)
  local response = respond.page(request, name, data)
  response.headers["content-security-policy"] = FRAMED
  response.headers["cache-control"] = "public, max-age=300"
  response.headers.vary = nil
  response.headers.etag = page_tag(response, request.nonce)
  return response
end

--- Something public that programs fetch again and again: feeds, maps of the site.
---@param content_type string
---@param body string
---@param options {last_modified: string?, max_age: integer?, cors: boolean?}? last_modified: HTTP date
---@return kit.Response
function respond.feed(content_type, body, options)
  local given = options or {}
  return {
    status = 200, body = body,
    headers = {
      ["content-type"] = content_type, ["content-security-policy"] = API_POLICY, etag = '"' .. crypto.sha256(body):sub(1, 24) .. '"',
      ["cache-control"] = ("public, max-age=%d"):format(given.max_age or 300), ["last-modified"] = given.last_modified,
      ["access-control-allow-origin"] = given.cors and "*" or nil,
      ["cross-origin-resource-policy"] = given.cors and "cross-origin" or nil,
    },
  }
end

local function json_headers(more, version)
  local headers = {
    ["content-type"] = "application/json",
    ["cache-control"] = NO_STORE,
    ["content-security-policy"] = API_POLICY,
  }
  if math.type(version) == "integer" then headers.etag = ('"v%d"'):format(version) end
  if more then
    for name, value in pairs(more) do headers[name] = value end
  end
  return headers
end

--- JSON. An object with an integer `version` gets the ETag "v<version>"; clients send it back in If-Match.
---@param value any
---@param status integer?
---@param headers table?
---@return kit.Response
function respond.json(value, status, headers)
  return {
    status = status or 200,
    headers = json_headers(headers, type(value) == "table" and rawget(value, "version") or nil),
    body = json.encode(value),
  }
end

--- JSON that is bytes already.
---@param bytes string
---@param status integer?
---@param headers table?
---@return kit.Response
function respond.raw_json(bytes, status, headers)
  return { status = status or 200, headers = json_headers(headers), body = bytes }
end

--- A page of a list: {"items": bytes, "next_cursor": …}.
---@param bytes string JSON array of query.json
---@param next_cursor string?
---@return kit.Response
function respond.json_list(bytes, next_cursor)
  local tail = next_cursor and json.encode(next_cursor) or "null"
  return respond.raw_json('{"items":' .. bytes .. ',"next_cursor":' .. tail .. "}")
end

--- An error as problem+json.
---@param err kit.Error
---@param request kit.Request?
---@return kit.Response
function respond.problem(err, request)
  local headers = json_headers()
  headers["content-type"] = "application/problem+json"
  if err.retry_after then headers["retry-after"] = tostring(err.retry_after) end
  if err.status == 401 then headers["www-authenticate"] = "Bearer" end
  local problem = errors.problem(err, request and request.id)
  if problem.errors then problem.errors = json.array(problem.errors) end
  return { status = err.status, headers = headers, body = json.encode(problem) }
end

--- May this path be redirected to? Only paths of this site.
---@param path any
---@return boolean
function respond.is_local(path)
  return type(path) == "string" and path:find("^/[^/\\]") ~= nil and not path:find("[%c\\]") or path == "/"
end

--- The path if it is local, otherwise the other one: for `next` of forms.
---@param path any
---@param default string
---@return string
function respond.local_path(path, default)
  return respond.is_local(path) and path or default
end

--- 303 to a path of this site.
---@param path string
---@param options {notice: string?, tone: string?, href: string?, action: string?}? notice is shown once on the next page;
--- tone: ok (default), info, warn, bad; href and action: a link in it, such as «Отменить»
---@return kit.Response
function respond.redirect(path, options)
  if not respond.is_local(path) then error("redirect to a foreign address: " .. tostring(path), 2) end
  if options and options.notice then
    local request = context.get()
    if request.set_cookie then page.keep_notice(request, options) end
  end
  return { status = 303, headers = { location = path, ["cache-control"] = NO_STORE } }
end

--- Plain text.
---@param body string
---@param status integer?
---@param content_type string?
---@return kit.Response
function respond.text(body, status, content_type)
  return {
    status = status or 200,
    headers = { ["content-type"] = content_type or "text/plain; charset=utf-8", ["cache-control"] = NO_STORE },
    body = body,
  }
end

--- 204.
---@return kit.Response
function respond.empty()
  return { status = 204, headers = { ["cache-control"] = NO_STORE } }
end

--- 304.
---@return kit.Response
function respond.not_modified()
  return { status = 304, headers = {} }
end

local function ascii_name(name)
  if name:find("[\128-\255]") then return "file" .. (name:match("%.%w+$") or "") end
  return (name:gsub("[^%w%._%- ]", "_"))
end

--- Content-Disposition per RFC 6266: an ASCII name for old clients, the real one in UTF-8.
---@param name string
---@param inline boolean?
---@return string
function respond.disposition(name, inline)
  return ('%s; filename="%s"; filename*=UTF-8\'\'%s'):format(inline and "inline" or "attachment", ascii_name(name),
    text.url_encode(name))
end

local INLINE = { ["application/pdf"] = true, ["image/png"] = true, ["image/jpeg"] = true, ["image/webp"] = true, ["text/plain"] = true }

--- A stored file (row of file_object). Whoever calls has checked that the user may have it.
---@param file {sha256: string, size_bytes: integer, name: string, mime: string}
---@param options {inline: boolean?, is_public: boolean?}? inline is granted to harmless types only; is_public: anybody may keep it
---@return kit.Response
function respond.file(file, options)
  local inline = options and options.inline and INLINE[file.mime] or false
  return {
    status = 200,
    headers = {
      ["content-type"] = file.mime,
      ["content-disposition"] = respond.disposition(file.name, inline),
      ["cache-control"] = options and options.is_public and "public, max-age=3600" or "private, no-store",
      etag = options and options.is_public and '"' .. file.sha256:sub(1, 24) .. '"' or nil,
      ["content-security-policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    },
    body = { path = require("core.files").path(file.sha256), size = file.size_bytes },
  }
end

--- A body written piece by piece: fn(write), write(chunk) → true | nil, err (the client has gone).
---@param content_type string
---@param fn fun(write: fun(chunk: string): boolean?, table?)
---@param headers table?
---@return kit.Response
function respond.stream(content_type, fn, headers)
  local all = { ["content-type"] = content_type, ["cache-control"] = NO_STORE }
  for name, value in pairs(headers or {}) do all[name] = value end
  return { status = 200, headers = all, body = { stream = fn } }
end

return respond
