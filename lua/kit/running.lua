--- «Что выполняется»: for each event of the platform, what runs on it, in order, and how it does. Whoever makes others' code run at an
--- event adds it at load and measures each run; the page /admin/running shows all of them.
---
---   running.add({ event = "lesson.before_save.v1", owner = "consumables", kind = "plugin", name = "rules.check", version = "1.0.0",
---     order = 50, mode = "filter" })
---   running.measure("plugin", "consumables", "lesson.before_save.v1", us, "ok")
---
--- Measures are counters of this node (core.stats): they begin anew when its processes do.
local stats = require("core.stats")
local system = require("core.system")
local running = {}

-- Upper bounds in µs: fine enough for a budget of milliseconds.
local BOUNDS = { 50, 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 100000, 1000000 }
local COUNTER = "copp_runs_total"

local entries = {}

---@class kit.Running
---@field event string
---@field title string? of the event, for people
---@field owner string
---@field kind string "plugin", "rule" …
---@field name string what is called
---@field version string
---@field order integer
---@field mode string "filter", "event", "guard" …
---@field deprecated string? replacement and date, for people

---@param entry kit.Running
function running.add(entry) entries[#entries + 1] = entry end

function running.reset() entries = {} end

local function bound_of(us)
  for _, bound in ipairs(BOUNDS) do
    if us <= bound then return tostring(bound) end
  end
  return "more"
end

--- Notes one run.
---@param outcome string "ok", "deny", "error", "time", "memory"
function running.measure(kind, owner, event, us, outcome)
  stats.count(COUNTER, { run = kind .. "/" .. owner .. "/" .. event, le = bound_of(us), outcome = outcome })
end

local function percentile(buckets, total, share)
  local seen = 0
  for _, bound in ipairs(BOUNDS) do
    seen = seen + (buckets[tostring(bound)] or 0)
    if seen >= total * share then return bound end
  end
  return nil
end

-- {run → {total, errors, buckets}} of the text of /metrics of all processes of the node.
local function measured()
  local text, found = system.ask("metrics"), {}
  for labels, value in (text or ""):gmatch(COUNTER .. "{([^}]*)} ([%d%.e+]+)") do
    local run, le, outcome = labels:match('run="([^"]*)"'), labels:match('le="([^"]*)"'), labels:match('outcome="([^"]*)"')
    if run and le and outcome then
      local one = found[run] or { total = 0, errors = 0, denied = 0, buckets = {} }
      local n = math.floor(tonumber(value) or 0)
      one.total = one.total + n
      one.buckets[le] = (one.buckets[le] or 0) + n
      if outcome == "deny" then one.denied = one.denied + n
      elseif outcome ~= "ok" then one.errors = one.errors + n end
      found[run] = one
    end
  end
  return found
end

local function with_measures(entry, found)
  local made = {}
  for key, value in pairs(entry) do made[key] = value end
  local one = found[entry.kind .. "/" .. entry.owner .. "/" .. entry.event]
  if one and one.total > 0 then
    made.total, made.errors, made.denied = one.total, one.errors, one.denied
    made.p50_us, made.p99_us = percentile(one.buckets, one.total, 0.5), percentile(one.buckets, one.total, 0.99)
  end
  return made
end

--- What runs, by event in order of the alphabet, and in the order in which it runs. Yields: asks the master.
---@return {event: string, title: string?, runs: table[]}[]
function running.list()
  local by_event, list, found = {}, {}, measured()
  for _, entry in ipairs(entries) do
    local group = by_event[entry.event]
    if not group then
      group = { event = entry.event, title = entry.title, runs = {} }
      by_event[entry.event], list[#list + 1] = group, group
    end
    table.insert(group.runs, with_measures(entry, found))
  end
  table.sort(list, function(a, b) return a.event < b.event end)
  for _, group in ipairs(list) do
    table.sort(group.runs, function(a, b)
      if a.order ~= b.order then return a.order < b.order end
      return a.owner < b.owner
    end)
  end
  return list
end

return running
