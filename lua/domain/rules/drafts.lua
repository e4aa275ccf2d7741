--- What somebody is writing: one draft a pack and layer, seen by all administrators, saved with a version so that nobody overwrites another.
local audit = require("kit.audit")
local checking = require("domain.rules.checking")
local errors = require("kit.errors")
local json = require("core.json")
local layers = require("domain.rules.layers")
local policy = require("domain.rules.policy")
local source = require("kit.pack.source")
local store = require("domain.rules.store")
local transaction = require("kit.transaction")
local drafts = {}

local function need(user, id)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  if not source.exists(id) then return nil, errors.not_found("page", id) end
  return true
end

--- The draft as it stands, or what it would begin with: the files in force of this layer.
---@param user kit.User
---@param id string
---@param organization_id integer? 0: the region
---@return {files: table<string, string>, version: integer, base_version: integer, is_new: boolean, updated_at: string?, who: string?}? draft
---@return kit.Error? err 403, 404
function drafts.get(user, id, organization_id)
  local ok, err = need(user, id)
  if not ok then return nil, err end
  local row = store.draft(id, organization_id or 0)
  if row then
    return { files = layers.files(row.files), version = row.version, base_version = row.base_version, is_new = false, updated_at = row.updated_at,
      who = row.who }
  end
  local active = store.active(id, organization_id or 0)
  local version = active and active.hash and store.version(active.hash)
  return { files = version and layers.files(version.files) or {}, version = 0, base_version = active and active.version or 0, is_new = true }
end

local function stale(id, organization_id)
  local row = store.draft(id, organization_id)
  if not row then
    return errors.conflict("version_conflict", "Черновик уже удалили или опубликовали. Ваш текст цел: сохраните его заново.", { version = 0 })
  end
  return errors.conflict("version_conflict", ("Черновик изменил %s. Ваш текст цел: сравните его с сохранённым и повторите."):format(
    row.who or "кто-то другой"), { version = row.version })
end

--- Saves a draft; texts need not compile. A part with an empty text is left out.
---@param user kit.User
---@param id string
---@param input {organization_id: integer?, files: table<string, string>, version: integer} version of drafts.get(); 0: none yet
---@return {version: integer}? draft as drafts.get()
---@return kit.Error? err 403, 404, 409 version_conflict, 422 files
function drafts.save(user, id, input)
  local ok, err = need(user, id)
  if not ok then return nil, err end
  local organization_id, files, known = input.organization_id or 0, {}, {}
  if organization_id ~= 0 and not store.organization_name(organization_id) then return nil, errors.not_found("organization", organization_id) end
  for _, part in ipairs(layers.parts(id)) do known[part] = true end
  for part, text in pairs(input.files) do
    if not known[part] or type(text) ~= "string" or #text > 512 * 1024 then
      return nil, errors.invalid("files", "unknown_part", ("Файл «%s» не подходит: бывают %s, каждый не больше 512 КБ."):format(tostring(part),
        table.concat(layers.parts(id), ", ")))
    end
    if text:find("%S") then files[part] = text end
  end
  return transaction.run(function()
    local active = store.active(id, organization_id)
    local saved = store.save_draft(id, organization_id, json.encode(json.object(files)), active and active.version or 0, input.version, user.id)
    if not saved then return nil, stale(id, organization_id) end
    audit.write("rule.draft", "rule", nil, { pack = { nil, id }, organization = { nil, organization_id } })
    return drafts.get(user, id, organization_id)
  end)
end

--- Throws a draft away.
---@return true? ok
---@return kit.Error? err 403, 404, 409
function drafts.drop(user, id, input)
  local ok, err = need(user, id)
  if not ok then return nil, err end
  local organization_id = input.organization_id or 0
  return transaction.run(function()
    if store.drop_draft(id, organization_id, input.version) == 0 then return nil, stale(id, organization_id) end
    audit.write("rule.draft_drop", "rule", nil, { pack = { id, nil }, organization = { organization_id, nil } })
    return true
  end)
end

--- Checks texts: those given, otherwise the draft. Stores nothing.
---@param user kit.User
---@param id string
---@param input {organization_id: integer?, files: table<string, string>?}
---@return table? report of checking.run()
---@return kit.Error? err 403, 404
function drafts.check(user, id, input)
  local ok, err = need(user, id)
  if not ok then return nil, err end
  local files = input.files
  if not files then files = drafts.get(user, id, input.organization_id).files end
  return checking.run(id, input.organization_id or 0, files)
end

return drafts
