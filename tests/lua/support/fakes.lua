--- Fakes of the native modules core.* for specs on stock Lua. Where the real ones exist (inside the binary) they stay.
--- Specs reach the fakes by require("core.X"); what can be set is named here:
---   core.db        queue answers by db.answer(pattern, rows | function(sql, ...)), read db.calls
---   core.clock     clock.set("2026-11-23 14:02:00")
---   core.settings  a plain table
local sha = require("support.sha256")

local function preload(name, make)
  if not package.searchpath(name, package.cpath) then package.preload[name] = make end
end

-- ---- text

local UPPER, LOWER = {}, {}
do
  local upper = "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЁ"
  local lower = "абвгдежзийклмнопрстуфхцчшщъыьэюяё"
  local lowers = {}
  for _, code in utf8.codes(lower) do lowers[#lowers + 1] = utf8.char(code) end
  local i = 0
  for _, code in utf8.codes(upper) do
    i = i + 1
    UPPER[lowers[i]], LOWER[utf8.char(code)] = utf8.char(code), lowers[i]
  end
end

local function map_characters(s, map) return (s:gsub("[\xD0\xD1][\x80-\xBF]", map)) end

local function decode_part(s)
  return (s:gsub("+", " "):gsub("%%(%x%x)", function(h) return string.char(tonumber(h, 16)) end))
end

preload("core.text", function()
  local text = {}
  function text.lower(s) return map_characters(s:lower(), LOWER) end
  function text.upper(s) return map_characters(s:upper(), UPPER) end
  function text.fold(s) return (text.lower(s):gsub("ё", "е")) end
  function text.len(s) return utf8.len(s) or #s end
  function text.sub(s, from, to)
    local length = text.len(s)
    to = math.min(to or length, length)
    if from > to then return "" end
    return s:sub(utf8.offset(s, from), utf8.offset(s, to + 1) - 1)
  end
  function text.trim(s) return s:match("^%s*(.-)%s*$") end
  function text.is_valid(s) return utf8.len(s) ~= nil end
  local MARKUP = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }
  function text.escape(s) return (tostring(s):gsub("[&<>\"']", MARKUP)) end
  function text.url_encode(s)
    return (s:gsub("[^%w%-_.~]", function(c) return ("%%%02X"):format(c:byte()) end))
  end
  text.url_decode = decode_part
  local SCHEMES = { http = true, https = true, mailto = true, tel = true }
  function text.link(value)
    if not value then return nil end
    value = tostring(value)
    if value:find("^/[^%c%s/\\]") or value == "/" then return value end
    if value:find("[%c\\]") or value:sub(1, 2) == "//" then return "#" end
    local scheme = value:match("^([^/?#]*):")
    return (not scheme or SCHEMES[scheme:lower()]) and value or "#"
  end
  function text.parse_query(s)
    local first, all = {}, {}
    for part in s:gmatch("[^&]+") do
      local name, value = part:match("^([^=]*)=?(.*)$")
      name, value = decode_part(name), decode_part(value)
      if not (utf8.len(name) and utf8.len(value)) or (name .. value):find("\0", 1, true) then
        return nil, { code = "invalid", text = "malformed" }
      end
      if not all[name] then first[name], all[name] = value, {} end
      table.insert(all[name], value)
    end
    return first, all
  end
  function text.parse_cookies(s)
    local cookies = {}
    for name, value in s:gmatch("([^=;%s]+)=([^;]*)") do cookies[name] = cookies[name] or value end
    return cookies
  end
  return text
end)

-- ---- small ones

preload("core.json", function() return require("support.json") end)

preload("core.buffer", function()
  local text = require("core.text")
  local Buffer = {}
  Buffer.__index = Buffer
  function Buffer:w(...)
    local arguments = table.pack(...)
    for i = 1, arguments.n do
      local value = arguments[i]
      if value ~= nil then
        self[#self + 1] = i % 2 == 1 and tostring(value) or text.escape(tostring(value))
      end
    end
  end
  function Buffer:raw(...)
    for _, value in ipairs({ ... }) do self[#self + 1] = value end
  end
  function Buffer:string() return table.concat(self) end
  return { new = function() return setmetatable({}, Buffer) end }
end)

preload("core.crypto", function()
  local crypto = { sha256 = sha.sha256, hmac_sha256 = sha.hmac_sha256 }
  local n = 0
  function crypto.token(bytes)
    n = n + 1
    return ("t%d_"):format(n) .. ("x"):rep(math.ceil(bytes * 4 / 3) - 4)
  end
  function crypto.equal(a, b) return a == b end
  function crypto.random_int(max) return max // 2 end
  function crypto.hmac_sha1(key, text) return require("support.sha1").hmac(key, text) end
  function crypto.seal(name, text) return "sealed:" .. name .. ":" .. text end
  function crypto.unseal(name, sealed)
    local text = sealed:match("^sealed:" .. name:gsub("%p", "%%%0") .. ":(.*)$")
    if not text then return nil, { code = "invalid", text = "the sealed value does not open" } end
    return text
  end
  return crypto
end)

preload("core.fetch", function() return { fetch = function() return nil, { code = "unavailable", text = "nobody is there" } end } end)

preload("core.qr", function() return { squares = function() return 2, "1001" end } end)

preload("core.sign", function()
  local sign = {}
  function sign.sign(alg, key, text) return alg .. key .. sha.sha256(text) end
  function sign.verify(alg, key, text, signature) return signature == alg .. key .. sha.sha256(text) end
  function sign.cms_sign(certificate, key, text) return certificate .. key .. sha.sha256(text) end
  function sign.rsa_pem() return "rsa" end
  function sign.ec_pem() return "ec" end
  return sign
end)

preload("core.clock", function()
  local clock = { moment = "2026-11-23 14:02:00" }
  function clock.set(moment) clock.moment = moment end
  function clock.now() return 1795424520.0 end
  function clock.monotonic_us() return 1000000 end
  function clock.date() return clock.moment:sub(1, 10) end
  function clock.local_time() return clock.moment end
  return clock
end)

preload("core.log", function()
  local log = { lines = {} }
  for _, level in ipairs({ "debug", "info", "warn", "error" }) do
    log[level] = function(message, fields) table.insert(log.lines, { level = level, message = message, fields = fields }) end
  end
  return log
end)

preload("core.settings", function()
  return {
    listen = "127.0.0.1:8080", public_url = "http://copp.test", dev = true, data_dir = "/tmp/copp-spec",
    region = { code = "59", zone = "Asia/Yekaterinburg", name = "Пермский край", short = "ЦОПП" },
  }
end)

preload("core.stats", function() return { count = function() end } end)
preload("core.mail", function()
  local mail = { sent = {} }
  function mail.send(message)
    table.insert(mail.sent, message)
    return true
  end
  return mail
end)

preload("core.files", function()
  local files = { stored = {} }
  function files.store(path)
    table.insert(files.stored, path)
    return { sha256 = sha.sha256(path), size = 5 }
  end
  function files.path(sha256) return "/data/files/" .. sha256:sub(1, 2) .. "/" .. sha256 end
  function files.head(path, count)
    local file = io.open(path, "rb")
    if not file then return nil, { code = "not_found", text = path } end
    local bytes = file:read(count or "a")
    file:close()
    return bytes or ""
  end
  function files.read(path, most)
    local bytes, err = files.head(path)
    if bytes and most and #bytes > most then return nil, { code = "limit", text = path } end
    return bytes, err
  end
  function files.temp(name) return "/tmp/" .. name end
  function files.remove() return true end
  return files
end)

--- rows.give({ "а", "б" }, { "1" }, …): what the next table holds; rows.give(nil, "invalid"): it cannot be read.
preload("core.rows", function()
  local rows, table_of = {}, {}
  function rows.give(...) table_of = { ... } end
  function rows.open(path)
    if table_of[1] == nil then return nil, { code = table_of[2], text = "refused" } end
    local at, reader = 0, {}
    function reader.next()
      at = at + 1
      if type(table_of[at]) == "string" then return nil, { code = table_of[at], text = "refused" } end
      if table_of[at] then return at, table_of[at] end
    end
    function reader.close() at = #table_of end
    return reader
  end
  return rows
end)

preload("core.process", function()
  return { run = function() return nil, { code = "not_found", text = "no programs in specs" } end }
end)

preload("core.sheet", function()
  return {
    open = function(path, columns)
      local writer = { path = path, columns = columns, rows = {} }
      function writer:row(values) table.insert(self.rows, values) end
      function writer:close() self.closed = true end
      return writer
    end,
  }
end)

preload("core.rules", function() return require("support.rules") end)

preload("core.tree", function()
  local tree = {}
  function tree.list(dir)
    local names = {}
    local pipe = io.popen("ls -1p '" .. dir .. "' 2>/dev/null")
    for name in pipe:lines() do names[#names + 1] = name end
    pipe:close()
    return names
  end
  function tree.kept() end
  function tree.keep(name, _, env, text) return load(text, name, "t", env) end
  function tree.read(path)
    local file = io.open(path, "rb")
    if not file then return nil, { code = "not_found", text = path } end
    local bytes = file:read("a")
    file:close()
    return bytes
  end
  return tree
end)

-- ---- database: answers are queued by a piece of the statement

preload("core.db", function()
  local db = { calls = {}, answers = {}, begun = 0, committed = 0, rolled_back = 0, commit_faults = {} }
  db.null = setmetatable({}, { __tostring = function() return "NULL" end })

  function db.reset()
    db.calls, db.answers, db.begun, db.committed, db.rolled_back, db.commit_faults = {}, {}, 0, 0, 0, {}
  end
  --- Answers statements that contain `piece`: rows, {err = …}, or a function(sql, ...). The latest rule wins.
  function db.answer(piece, rows)
    table.insert(db.answers, 1, { piece = piece, rows = rows })
  end
  local function find(sql, ...)
    for _, rule in ipairs(db.answers) do
      if sql:find(rule.piece, 1, true) then
        if type(rule.rows) == "function" then return rule.rows(sql, ...) end
        return rule.rows
      end
    end
    return {}
  end
  local function call(sql, ...)
    if type(sql) == "table" then return call(...) end
    table.insert(db.calls, { sql = sql, ... })
    local rows = find(sql, ...)
    if rows.err then return nil, rows.err end
    return rows
  end
  function db.rows(...) return call(...) end
  function db.row(...)
    local rows, err = call(...)
    if not rows then return nil, err end
    return rows[1]
  end
  function db.exec(...)
    local rows, err = call(...)
    if not rows then return nil, err end
    return rows.count or #rows
  end
  function db.json(options, ...)
    local rows, err = call(...)
    if not rows then return nil, err end
    local json, kept, cursor = require("core.json"), {}, nil
    for i, row in ipairs(rows) do
      if options and options.limit and i > options.limit then
        cursor = rows[i - 1][options.cursor]
        break
      end
      local copy = {}
      for key, value in pairs(row) do
        if not options or key ~= options.cursor then copy[key] = value end
      end
      kept[i] = json.object(copy)
    end
    return json.encode(json.array(kept)), #kept, cursor
  end
  function db.json_row(...)
    local row, err = db.row(...)
    if not row then return nil, err end
    return require("core.json").encode(row)
  end
  function db.begin() db.begun = db.begun + 1 return true end
  function db.commit()
    local fault = table.remove(db.commit_faults, 1)
    if fault then return nil, fault end
    db.committed = db.committed + 1
    return true
  end
  function db.rollback() db.rolled_back = db.rolled_back + 1 return true end
  function db.array(t)
    local parts = {}
    for i, v in ipairs(t) do parts[i] = v == db.null and "NULL" or tostring(v) end
    return "{" .. table.concat(parts, ",") .. "}"
  end
  --- Statements run so far that contain a piece.
  function db.count(piece)
    local n = 0
    for _, made in ipairs(db.calls) do
      if made.sql:find(piece, 1, true) then n = n + 1 end
    end
    return n
  end
  function db.last(piece)
    for i = #db.calls, 1, -1 do
      if db.calls[i].sql:find(piece, 1, true) then return db.calls[i] end
    end
  end
  return db
end)

preload("core.bus", function()
  local bus = { counts = {} }
  function bus.count(topic) return bus.counts[topic] or 0 end
  function bus.wait() end
  --- What the running task is told: { topic, data } or { nil, why }, in order; then "ending".
  bus.queue, bus.is_full = {}, false
  function bus.follow(topics)
    if bus.is_full then return nil, { code = "overloaded", text = "too many streams are open" } end
    bus.topics = topics
    return true
  end
  function bus.next()
    local event = table.remove(bus.queue, 1) or { nil, "ending" }
    return event[1], event[2]
  end
  --- As if PostgreSQL had notified this topic.
  function bus.notify(topic) bus.counts[topic] = (bus.counts[topic] or 0) + 1 end
  return bus
end)

preload("core.schedule", function()
  local schedule = { asked = {} }
  --- What the engine would say; nil: it is away.
  schedule.answer = nil
  function schedule.ask(question)
    table.insert(schedule.asked, question)
    if not schedule.answer then return nil, { code = "unavailable", text = "no engine" } end
    return schedule.answer(question)
  end
  return schedule
end)

preload("core.solver", function()
  return { solve = function() return nil, { code = "overloaded", text = "no pool" } end, blockers = function() end }
end)

preload("core.system", function() return { ask = function() return nil, { code = "unavailable", text = "no master" } end } end)

preload("core.job", function()
  local job = { steps = {} }
  function job.progress(done, total, words) table.insert(job.steps, { done, total, words }) end
  function job.is_stopping() return false end
  return job
end)
