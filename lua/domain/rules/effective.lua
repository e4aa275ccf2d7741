--- The effective rule with the origin of each line, and what becomes of a layer when the layers below it change.
local differ = require("domain.rules.differ")
local errors = require("kit.errors")
local layers = require("domain.rules.layers")
local check_shape = require("domain.rules.check_shape")
local packs = require("kit.packs")
local places = require("domain.rules.places")
local policy = require("domain.rules.policy")
local Set = require("kit.pack.set")
local source = require("kit.pack.source")
local store = require("domain.rules.store")
local effective = {}

local function words_of(value)
  if type(value) ~= "table" then return tostring(value) end
  local list = {}
  for index, item in ipairs(value) do list[index] = words_of(item) end
  if #list > 0 or next(value) == nil then return table.concat(list, ", ") end
  for key, item in pairs(value) do list[#list + 1] = ("%s = %s"):format(tostring(key), words_of(item)) end
  table.sort(list)
  return table.concat(list, ", ")
end

local function add_fields(list, path, entry)
  local fields = type(entry) == "table" and entry or { entry }
  for field, value in pairs(fields) do
    if not (field == 1 and fields.action) then list[path .. "." .. (field == 1 and "label" or tostring(field))] = words_of(value) end
  end
end

--- Everything a set says, as path → words. Transitions by their names, as layers name them.
---@param set kit.PackSet
---@return table<string, string>
function effective.flat(set)
  local list, data = {}, set.data
  for key, value in pairs(data) do
    if key == "states" then
      for code, state in pairs(value) do add_fields(list, "states." .. code, state) end
    elseif key == "transitions" then
      local keys = check_shape.keys(value)
      for index, transition in ipairs(value) do
        local copy = {}
        for field, item in pairs(transition) do copy[field] = item end
        copy.action, copy[1] = transition.action or transition[1], nil
        add_fields(list, "transitions." .. keys[index], copy)
      end
    elseif key == "reads" then
      for root, fields in pairs(value) do add_fields(list, "reads." .. root, fields) end
    elseif key == "conditions" then
      add_fields(list, key, value)
    else
      list[tostring(key)] = words_of(value)
    end
  end
  for _, part in ipairs(source.parts(set.id)) do
    if part:find("^guards/") then
      for name in pairs(set:value(part) or {}) do list["guards." .. name] = "условие" end
    end
  end
  return list
end

local function need(user, id)
  local ok, err = policy.need_read(user)
  if not ok then return nil, err end
  if not source.exists(id) then return nil, errors.not_found("page", id) end
  return true
end

--- The rule in force, word by word, with the layer, file and line that said it last.
---@param user kit.User
---@param id string
---@param organization_id integer?
---@return {path: string, value: string, layer: string, file: string?, line: integer?}[]? entries in order of their paths
---@return kit.Error? err 403, 404
function effective.get(user, id, organization_id)
  local ok, err = need(user, id)
  if not ok then return nil, err end
  local set = Set.of_chunks(id, packs.get(id, organization_id).chunks) -- a fresh one: that in force has been turned into a machine
  local find, list = places.of(set), {}
  for path, value in pairs(effective.flat(set)) do
    local place = find(path) or {}
    list[#list + 1] = { path = path, value = value, layer = set.origin[path] or place.layer or "product", file = place.file, line = place.line }
  end
  set:close()
  table.sort(list, function(a, b) return a.path < b.path end)
  return list
end

-- ---- when the layers below have changed

local function texts_below(chunks)
  local by_file = {}
  for _, chunk in ipairs(chunks) do
    local place = Set.place(chunk.name)
    if place then by_file[place.file] = chunk.text end
  end
  return by_file
end

-- Files of the layers below that are others now, line by line.
local function changed_files(base, now)
  local before, after, list, seen = texts_below(base.chunks), texts_below(now.chunks), {}, {}
  for _, texts in ipairs({ before, after }) do
    for file in pairs(texts) do
      if not seen[file] and before[file] ~= after[file] then
        list[#list + 1] = { file = file, hunks = differ.hunks(before[file] or "", after[file] or "") }
      end
      seen[file] = true
    end
  end
  table.sort(list, function(a, b) return a.file < b.file end)
  return list
end

-- What the own layer says, against what the layers below said then and say now.
local function three_ways(id, organization_id, files, base, now)
  local own_layer = layers.name(organization_id)
  local mine, err = layers.build(id, organization_id, files)
  local then_flat, now_flat, list = effective.flat(base), effective.flat(now), {}
  local mine_flat = mine and effective.flat(mine) or {}
  local find = mine and places.of(mine)
  for path, layer in pairs(mine and mine.origin or {}) do
    if layer == own_layer then
      local place = find(path) or {}
      list[#list + 1] = { path = path, base = then_flat[path], lower = now_flat[path], own = mine_flat[path], file = place.file, line = place.line,
        is_conflict = then_flat[path] ~= now_flat[path] }
    end
  end
  if mine then mine:close() end
  table.sort(list, function(a, b) return a.path < b.path end)
  return list, err
end

--- What has changed below the version in force since it was written, and which of its words that touches.
---@param user kit.User
---@param id string
---@param organization_id integer?
---@return {is_behind: boolean, files: {file: string, hunks: table}[], paths: {path: string, base: string?, lower: string?, own: string?, is_conflict: boolean,
---   file: string?, line: integer?}[], error: string?}? rebase is_conflict: the layer below has changed the very word that this layer changed
---@return kit.Error? err 403, 404, 409 nothing_published
function effective.rebase(user, id, organization_id)
  local ok, err = need(user, id)
  if not ok then return nil, err end
  organization_id = organization_id or 0
  local active = store.active(id, organization_id)
  local version = active and active.hash and store.version(active.hash)
  if not version then return nil, errors.conflict("nothing_published", "В этом слое ничего не опубликовано.") end
  local now = layers.build_below(id, organization_id)
  if now.hash == version.lower_hash then return { is_behind = false, files = {}, paths = {} } end
  local kept = packs.by_hash(version.lower_hash)
  local base = kept and Set.of_chunks(id, kept.chunks)
  if not base then return nil, errors.conflict("no_base", "Прежних текстов нижнего слоя нет: сравнить не с чем.") end
  local paths, broken = three_ways(id, organization_id, layers.files(version.files), base, now)
  local result = { is_behind = true, files = changed_files(base, now), paths = paths, error = broken and broken.text }
  now:close()
  base:close()
  return result
end

return effective
