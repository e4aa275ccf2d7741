--- Small tables of PostgreSQL that every request needs (roles, settings, menus), kept in the memory of each worker and
--- dropped in all of them when somebody changes them: writers notify a topic, readers compare its count.
---
---   local roles = cached.new("roles", store.all_roles)    -- at load; reads nothing yet
---   roles.get()                                            -- in a request: the table, read again only after a change
---   cached.changed("roles")                                -- in the writer's transaction
---
--- The value is shared by all requests of a worker: nobody may change it.
local bus = require("core.bus")
local store = require("kit.store")
local transaction = require("kit.transaction")
local cached = {}

---@class kit.Cached
---@field get fun(): any

local by_topic = {}

--- A value that is read by load() when it is first asked for, and again after a change. load() may query; what it raises
--- reaches whoever asked, and the next one tries again.
---@param topic string one word; several values may share one
---@param load fun(): any
---@return kit.Cached
function cached.new(topic, load)
  local entry = { count = nil, value = nil }
  by_topic[topic] = by_topic[topic] or {}
  table.insert(by_topic[topic], entry)
  return {
    get = function()
      local count = bus.count(topic)
      if entry.count == count then return entry.value end
      local value = load()
      entry.count, entry.value = count, value -- the count from before: a change meanwhile is read once more
      return value
    end,
  }
end

--- Says that what lies behind the topic has changed: every worker reads it again after the commit. The own worker does
--- not wait for the message, so that the next page of the writer is true.
---@param topic string
function cached.changed(topic)
  store.notify(topic)
  transaction.after_commit(function()
    for _, entry in ipairs(by_topic[topic] or {}) do entry.count = nil end
  end)
end

return cached
