--- Rule packs of this installation as an administrator sees them: what there is, what is in force and where each word of it comes from,
--- versions, history, differences. Writing: drafts, publishing. `organization_id` is 0 (or nil) for the region's layer.
local differ = require("domain.rules.differ")
local errors = require("kit.errors")
local kinds = require("rules.packs")
local layers = require("domain.rules.layers")
local packs = require("kit.packs")
local policy = require("domain.rules.policy")
local source = require("kit.pack.source")
local store = require("domain.rules.store")
local service = {}

local MOST_VERSIONS, MOST_SWITCHES = 100, 100

local function need(user, id)
  local ok, err = policy.need_read(user)
  if not ok then return nil, err end
  if not source.exists(id) then return nil, errors.not_found("page", id) end
  return true
end

local function title_of(id, set) return set.data.title or id:match("/(.+)$") end

local function names_of(list)
  local names = {}
  for index, layer in ipairs(list) do names[index] = layer.name end
  return names
end

local function by_pack(rows)
  local found = {}
  for _, row in ipairs(rows) do
    found[row.pack] = found[row.pack] or {}
    found[row.pack][row.organization_id] = row
  end
  return found
end

local function count_own(rows)
  local count = 0
  for organization_id in pairs(rows or {}) do
    if organization_id ~= 0 then count = count + 1 end
  end
  return count
end

--- All packs with what is in force of the region's layer.
---@param user kit.User
---@return {id: string, kind: string, kind_title: string, name: string, title: string, layers: string[], set_hash: string, hash: string?,
---   canary_share: integer, has_draft: boolean, organizations: integer}[]? list
---@return kit.Error? err 403
function service.list(user)
  local ok, err = policy.need_read(user)
  if not ok then return nil, err end
  local list, active, drafts = {}, by_pack(store.active_rows()), by_pack(store.drafts())
  for _, id in ipairs(source.all()) do
    local kind, name, code = source.split(id)
    local set, row = packs.get(id), active[id] and active[id][0]
    list[#list + 1] = { id = id, kind = code, kind_title = kind.title, name = name, title = title_of(id, set), layers = names_of(packs.layers(id)),
      set_hash = set.hash, hash = row and row.hash, canary_share = row and row.canary_share or 0,
      has_draft = drafts[id] ~= nil and drafts[id][0] ~= nil, organizations = count_own(active[id]) }
  end
  return list
end

--- One pack with everything its page shows.
---@param user kit.User
---@param id string
---@param organization_id integer?
---@return {id: string, title: string, kind: string, kind_title: string, name: string, organization_id: integer, organization: string?,
---   parts: {part: string, file: string, is_tests: boolean}[], layers: kit.PackLayer[], set: kit.PackSet, active: table?, draft: table?,
---   organizations: {id: integer, name: string}[], can_manage: boolean}? card active = {hash, set_hash, canary_hash, canary_share, version, updated_at, who}
---@return kit.Error? err 403, 404
function service.get(user, id, organization_id)
  local ok, err = need(user, id)
  if not ok then return nil, err end
  organization_id = organization_id or 0
  local organization = organization_id ~= 0 and store.organization_name(organization_id) or nil
  if organization_id ~= 0 and not organization then return nil, errors.not_found("organization", organization_id) end
  local kind, name, code = source.split(id)
  local set, parts = packs.get(id, organization_id), {}
  for index, part in ipairs(layers.parts(id)) do parts[index] = { part = part, file = source.path(part), is_tests = part == source.tests(id) } end
  return { id = id, title = title_of(id, set), kind = code, kind_title = kind.title, name = name, organization_id = organization_id,
    organization = organization, parts = parts, layers = packs.layers(id, organization_id), set = set, active = store.active(id, organization_id),
    draft = store.draft(id, organization_id), organizations = store.organizations(id), can_manage = policy.can_manage(user) }
end

--- Versions of a layer, newest first.
---@return table[]? versions {hash, comment, state, report, set_hash, created_at, who, published_at}
---@return kit.Error? err
function service.versions(user, id, organization_id)
  local ok, err = need(user, id)
  if not ok then return nil, err end
  return store.versions(id, organization_id or 0, MOST_VERSIONS)
end

--- One version with its files.
---@param hash string whole, or its beginning of at least 8
---@return table? version
---@return kit.Error? err
function service.version(user, id, hash)
  local ok, err = need(user, id)
  if not ok then return nil, err end
  local whole = #hash == 64 and hash or #hash >= 8 and store.version_by_prefix(id, hash)
  local version = whole and store.version(whole)
  if not version or version.pack ~= id then return nil, errors.not_found("page", hash) end
  version.files = layers.files(version.files)
  return version
end

--- Who switched what, and why; newest first.
---@return table[]? switches {from_hash, to_hash, canary_share, reason, at, who}
---@return kit.Error? err
function service.history(user, id, organization_id)
  local ok, err = need(user, id)
  if not ok then return nil, err end
  return store.switches(id, organization_id or 0, MOST_SWITCHES)
end

-- Texts that a side of a difference names: "draft", "active", "below" (the layers below, as they are laid over each other by file), "none", a hash.
local function side(user, id, organization_id, name)
  if name == "none" then return {} end
  if name == "draft" then
    local draft = store.draft(id, organization_id)
    return draft and layers.files(draft.files) or {}
  end
  if name == "active" then
    local active = store.active(id, organization_id)
    if not active or not active.hash then return {} end
    name = active.hash
  elseif name == "canary" then
    local active = store.active(id, organization_id)
    if not active or not active.canary_hash then return {} end
    name = active.canary_hash
  elseif name == "below" then
    local list = packs.below(id, organization_id)
    return list[#list].files
  end
  local version, err = service.version(user, id, name)
  if not version then return nil, err end
  return version.files
end

--- The difference of two sides, by part.
---@param user kit.User
---@param id string
---@param input {organization_id: integer?, from: string?, to: string?} "draft", "active", "canary", "below", "none" or a hash; active → draft unless given
---@return {part: string, before: string, after: string, hunks: table[][]}[]? parts that differ; a line of a hunk is {mark, before, after, text}
---@return kit.Error? err 403, 404
function service.diff(user, id, input)
  local ok, err = need(user, id)
  if not ok then return nil, err end
  local organization_id = input.organization_id or 0
  local before, after
  before, err = side(user, id, organization_id, input.from or "active")
  if not before then return nil, err end
  after, err = side(user, id, organization_id, input.to or "draft")
  if not after then return nil, err end
  local list = {}
  for _, part in ipairs(layers.parts(id)) do
    local a, b = before[part] or "", after[part] or ""
    if a ~= b then list[#list + 1] = { part = part, before = a, after = b, hunks = differ.hunks(a, b) } end
  end
  return list
end

--- Titles of kinds in order.
---@return {kind: string, title: string}[]
function service.kinds()
  local list = {}
  for index, kind in ipairs(kinds.order) do list[index] = { kind = kind, title = kinds.kinds[kind].title } end
  return list
end

return service
