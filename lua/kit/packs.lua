--- Rule packs as they are in force: product, the region's directory, what the region published, what an organisation published
--- (docs/rule-packs.md). A request sees one version from its first question to its end; a publication is seen by the next one.
---
---   local set = packs.get("workflow/application")        -- kit.PackSet
---   set.data.states.draft
---   local set = packs.of_case("workflow/application", application.id, application.organization_id)
local cached = require("kit.cached")
local context = require("kit.context")
local json = require("core.json")
local log = require("core.log")
local Set = require("kit.pack.set")
local source = require("kit.pack.source")
local store = require("kit.pack.store")
local transaction = require("kit.transaction")
local packs = {}

packs.TOPIC = "rules"

local shipped = {} -- sets of files alone, by pack
local by_hash = {} -- every set at work in this process
local stored = {}  -- hashes of sets known to lie in PostgreSQL
local active       -- kit.cached; nil: without a database (load, check, specs)

local function raise(err)
  error(("%s:%d: %s"):format(err.file or "lua/rules", err.line or 0, err.text), 0)
end

local function keep(set)
  local known = by_hash[set.hash]
  if known then return known end
  by_hash[set.hash] = set
  return set
end

local function sentence(fault)
  return fault.is_new and ("нельзя добавить «%s»: нижний слой этого не разрешает"):format(fault.path)
    or ("нельзя изменить «%s»: нижний слой не отметил это как overridable"):format(fault.path)
end

--- What a set's layers changed without leave, in words; nil when nothing.
---@param set kit.PackSet
---@return {text: string, layer: string, path: string}?
function packs.trespass(set)
  local fault = set.faults[1]
  return fault and { text = sentence(fault), layer = fault.layer, path = fault.path }
end

--- The set of the files alone: of product and region directory.
---@param id string
---@return kit.PackSet
function packs.shipped(id)
  if shipped[id] then return shipped[id] end
  local set, err = Set.build(id, source.layers(id))
  if not set then raise(err) end
  local trespass = packs.trespass(set)
  if trespass then raise({ text = trespass.text, file = "region/" .. source.path(source.parts(id)[1]) }) end
  shipped[id] = keep(set)
  return set
end

--- Builds the sets of all files, so that a broken one is refused at load.
function packs.load()
  for _, id in ipairs(source.all()) do packs.shipped(id) end
end

-- ---- what was published

local function layer_of(name, files)
  return { name = name, files = type(files) == "string" and json.decode(files) or files }
end

local function index_active()
  local index = { rows = {}, sets = {}, known = {} }
  for _, row in ipairs(store.active()) do
    index.rows[row.pack] = index.rows[row.pack] or {}
    index.rows[row.pack][row.organization_id] = row
  end
  for _, row in ipairs(store.known_sets()) do
    index.known[row.pack] = index.known[row.pack] or {}
    table.insert(index.known[row.pack], row.hash)
    stored[row.hash] = true
  end
  return index
end

--- From now on what was published counts.
function packs.follow()
  active = cached.new(packs.TOPIC, index_active)
end

-- One snapshot a request.
local function snapshot()
  local ctx = context.get()
  local index = rawget(ctx, "rules")
  if not index then
    index = active and active.get() or { rows = {}, sets = {}, known = {} }
    rawset(ctx, "rules", index)
  end
  return index
end

--- The layers over which a pack's own one of an organisation (0: the region) lies, lowest first.
---@param id string
---@param organization_id integer
---@return kit.PackLayer[]
function packs.below(id, organization_id)
  local layers, row = source.layers(id), (snapshot().rows[id] or {})[0]
  if organization_id ~= 0 and row and row.files then layers[#layers + 1] = layer_of("published", row.files) end
  return layers
end

--- Organisations that have a layer of their own, with its files.
---@param id string
---@return {organization_id: integer, files: string|table}[]
function packs.organizations(id)
  local list = {}
  for organization_id, row in pairs(snapshot().rows[id] or {}) do
    if organization_id ~= 0 and row.files then list[#list + 1] = row end
  end
  table.sort(list, function(a, b) return a.organization_id < b.organization_id end)
  return list
end

--- Layers in force, lowest first.
---@param id string
---@param organization_id integer?
---@param is_canary boolean?
---@return kit.PackLayer[]
function packs.layers(id, organization_id, is_canary)
  local layers, rows = source.layers(id), snapshot().rows[id] or {}
  local of_region, own = rows[0], organization_id and organization_id ~= 0 and rows[organization_id]
  local files = of_region and (is_canary and of_region.canary_files or of_region.files)
  if files then layers[#layers + 1] = layer_of("published", files) end
  files = own and (is_canary and own.canary_files or own.files)
  if files then layers[#layers + 1] = layer_of("organization", files) end
  return layers
end

--- A set by its hash, from memory or PostgreSQL.
---@param hash string
---@return kit.PackSet?
function packs.by_hash(hash)
  local set = by_hash[hash]
  if set then return set end
  local row = store.find_set(hash)
  if not row then return nil end
  local chunks = type(row.chunks) == "string" and json.decode(row.chunks) or row.chunks
  local made, err = Set.of_chunks(row.pack, chunks)
  if not made then raise(err) end
  return keep(made)
end

-- A new product may not suit what the region published: then the last set that did stays in force, and /admin/rules says so.
local function fall_back(id, row, why)
  log.error("published rules do not suit the files below them", { pack = id, reason = why })
  return row.set_hash and packs.by_hash(row.set_hash) or packs.shipped(id)
end

local function build(id, organization_id, is_canary)
  local rows = snapshot().rows[id]
  if not rows then return packs.shipped(id) end
  local set, err = Set.build(id, packs.layers(id, organization_id, is_canary))
  local trespass = set and packs.trespass(set)
  if set and not trespass then return keep(set) end
  return fall_back(id, rows[organization_id or 0] or rows[0], (err or trespass).text)
end

local function rows_of(id, organization_id)
  local rows = snapshot().rows[id]
  if not rows then return nil end
  return rows[organization_id or 0] or rows[0]
end

--- The set in force.
---@param id string
---@param organization_id integer? whose own layer counts, too
---@param is_canary boolean?
---@return kit.PackSet
function packs.get(id, organization_id, is_canary)
  local row = rows_of(id, organization_id)
  if not row then return packs.shipped(id) end
  local index = snapshot()
  local key = ("%s %d %s"):format(id, row.organization_id, tostring(is_canary or false))
  local set = index.sets[key]
  if not set then
    set = build(id, row.organization_id, is_canary)
    index.sets[key] = set
  end
  return set
end

-- ---- cases

--- Does a new case of this number go to the canary? The same answer every time.
---@param object_id integer
---@param share integer percent
---@return boolean
function packs.is_canary(object_id, share)
  return share > 0 and ((object_id * 2654435761) >> 16) % 100 < share
end

local function for_new_case(id, object_id, organization_id)
  local row = rows_of(id, organization_id)
  local is_canary = row ~= nil and row.canary_hash ~= nil and packs.is_canary(object_id, row.canary_share)
  return packs.get(id, organization_id, is_canary)
end

local function machine_of(id) return id:match("/(.+)$") end

--- The set a case lives under, for showing it. Asks PostgreSQL only where cases of this pack live under several.
---@param id string
---@param object_id integer? nil: not stored yet
---@param organization_id integer?
---@return kit.PackSet
function packs.of_case(id, object_id, organization_id)
  if not object_id then return packs.get(id, organization_id) end
  local wanted = for_new_case(id, object_id, organization_id)
  local known = snapshot().known[id] or {}
  if #known == 0 or (#known == 1 and known[1] == wanted.hash) then return wanted end
  local hash = store.pinned(machine_of(id), object_id)
  return hash and hash ~= wanted.hash and packs.by_hash(hash) or wanted
end

--- Stores the texts of a set; in the caller's transaction.
---@param set kit.PackSet
function packs.keep(set) return store.keep_set(set) end

--- The same, and remembers it: in the transaction of a transition.
---@param id string
---@param object_id integer
---@param organization_id integer?
---@return kit.PackSet
function packs.pin(id, object_id, organization_id)
  local wanted = for_new_case(id, object_id, organization_id)
  if not active then return wanted end
  if not stored[wanted.hash] then
    store.keep_set(wanted)
    transaction.after_commit(function()
      stored[wanted.hash] = true
      cached.changed(packs.TOPIC)
    end)
  end
  local hash = store.pin(machine_of(id), object_id, wanted.hash)
  return hash == wanted.hash and wanted or packs.by_hash(hash) or wanted
end

--- Every set of a pack that cases live under, and the one in force.
---@param id string
---@return kit.PackSet[]
function packs.known(id)
  local list, seen = { packs.get(id) }, {}
  seen[list[1].hash] = true
  for _, hash in ipairs(snapshot().known[id] or {}) do
    local set = not seen[hash] and packs.by_hash(hash)
    if set then list[#list + 1] = set end
  end
  return list
end

--- Are there files of this pack?
---@param id string
---@return boolean
function packs.has(id)
  return shipped[id] ~= nil or #source.layers(id) > 0
end

--- Takes a set into use in place of the files (specs).
function packs.use(id, set) shipped[id] = set end

--- Forgets all (specs).
function packs.reset()
  shipped, by_hash, stored, active = {}, {}, {}, nil
end

return packs
