--- What is published in the browser: files that stand above those of the region and the product (kit.lookup), kept in
--- PostgreSQL. A change is tried by a reload first: either all workers serve it, or nothing has changed and the error
--- names file, line and reason.
---
---   local change, err = published.put("Письмо «Заявка одобрена»", {
---     { path = "views/mail/application_approved.txt", content = text, version = row.version },   -- 0: not published yet
---     { path = "assets/old.css", version = 12 },                                                 -- without content: withdrawn
---   })
---
--- Outside of a transaction: it waits for the answer, some seconds. Permissions are the caller's affair.
local audit = require("kit.audit")
local bus = require("core.bus")
local clock = require("core.clock")
local context = require("kit.context")
local errors = require("kit.errors")
local store = require("kit.store")
local transaction = require("kit.transaction")
local published = {}

local WAIT_US = 60 * 1000000
local LOOK_MS = 500 -- a notification may come before we listen
local MAX_BYTES = 4 * 1024 * 1024

---@class kit.PublishedFile
---@field path string
---@field content string? bytes; nil: withdraw
---@field version integer of published.find(); 0: not published

local HEX = {}
for byte = 0, 255 do HEX[string.char(byte)] = ("%02x"):format(byte) end

local function bytea(content)
  return content and "\\x" .. content:gsub(".", HEX) or nil
end

--- What is in force under a path, content as text.
---@param path string
---@return table? file {path, content, version, published_at, who}
function published.find(path)
  return store.published_file(path)
end

--- Files in force below a folder, without contents.
---@param prefix string "views/mail/"
---@return table[] files {path, version, size, published_at, who}
function published.list(prefix)
  return store.published_files(prefix)
end

--- Changes of a file, newest first; those that were refused, too.
---@param path string
---@return table[] changes {id, summary, state, created_at, who, is_withdrawn, file, line, reason}
function published.history(path)
  return store.published_history(path)
end

--- All changes, newest first.
---@param before integer? id
---@return table[] changes
function published.changes(before, limit)
  return store.published_changes(before, limit or 50)
end

--- A file as a change of the past had it, as text; nil when the change withdrew it or was refused.
---@param path string
---@param change_id integer
---@return string? content
function published.former(path, change_id)
  local former = store.published_change_file(path, change_id)
  return former and former.content
end

local function stale()
  return nil, errors.conflict("stale", "Это уже изменил кто-то другой. Обновите страницу и проверьте, что стало.")
end

local function check(files)
  for _, file in ipairs(files) do
    if file.content and #file.content > MAX_BYTES then return nil, errors.too_large() end
    local now = store.published_file(file.path)
    if (now and now.version or 0) ~= file.version then return stale() end
  end
  return true
end

-- The change, for the master to find after the commit.
local function ask(summary, files)
  return transaction.run(function()
    local ok, err = check(files)
    if not ok then return nil, err end
    local user = context.get().user
    local change = store.insert_published_change(summary, user and user.id)
    local diff = {}
    for _, file in ipairs(files) do
      store.insert_published_change_file(change.id, file.path, bytea(file.content), file.version)
      diff[file.path] = file.content and "опубликовано" or "отозвано"
    end
    audit.write(#files > 0 and "published.put" or "published.reload", "published_change", change.id, diff, summary)
    return change
  end)
end

local function place_of(change)
  if not change.file then return "" end
  return ("%s, строка %d: "):format(change.file:gsub("^published/", ""), change.line or 0)
end

local function refusal(change)
  audit.write("published.refuse", "published_change", change.id, {}, change.reason)
  return nil, errors.new(422, "not_published", ("Не вступило в силу, работает прежняя версия. %s%s"):format(place_of(change), change.reason or ""),
    { extra = { file = change.file, line = change.line, reason = change.reason } })
end

local function wait(id)
  local deadline = clock.monotonic_us() + WAIT_US
  repeat
    local change = store.find_published_change(id)
    if change.state == "accepted" and change.is_served then return change end
    if change.state == "refused" then return refusal(change) end
    bus.wait("published." .. id, LOOK_MS)
  until clock.monotonic_us() > deadline
  return nil, errors.unavailable("Проверка опубликованного затянулась. Она продолжается: загляните на страницу позже.")
end

--- Publishes, or withdraws, files as one change.
---@param summary string for people: what is changed
---@param files kit.PublishedFile[]
---@return table? change {id}
---@param options {is_offline: boolean?}? is_offline: no platform runs that could try it; the caller has
---@return kit.Error? err 409 somebody was faster, 422 "not_published" with file, line, reason in extra
function published.put(summary, files, options)
  if transaction.is_open() then error("kit.published waits for a reload: not inside a transaction", 2) end
  local change, err = ask(summary, files)
  if not change then return nil, err end
  if options and options.is_offline then
    store.accept_published_change(change.id)
    return change
  end
  return wait(change.id)
end

--- Publishes a file once more as a former change had it.
---@param path string
---@param change_id integer
---@param version integer of what is in force; 0: nothing
---@return table? change
---@return kit.Error? err
function published.restore(path, change_id, version)
  local former = store.published_change_file(path, change_id)
  if not former then return nil, errors.not_found("page", change_id) end
  if transaction.is_open() then error("kit.published waits for a reload: not inside a transaction", 2) end
  local change, err = transaction.run(function()
    local now = store.published_file(path)
    if (now and now.version or 0) ~= version then return stale() end
    local user = context.get().user
    local made = store.insert_published_change(("Возврат к прежнему: %s"):format(former.summary), user and user.id)
    store.copy_published_change_file(path, change_id, made.id, version)
    audit.write("published.put", "published_change", made.id, { [path] = "возвращено" })
    return made
  end)
  if not change then return nil, err end
  return wait(change.id)
end

--- Loads everything anew with nothing changed: rules and views as they lie on the disk of the nodes.
---@return table? change
---@return kit.Error? err
function published.reload()
  return published.put("Перезагрузка", {})
end

return published
