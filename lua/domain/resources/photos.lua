--- Photos of cards.
local audit = require("kit.audit")
local errors = require("kit.errors")
local fields = require("domain.resources.fields")
local file = require("kit.file")
local kinds = require("domain.resources.kinds")
local policy = require("domain.resources.policy")
local store = require("domain.resources.store")
local card_store = require("domain.resources.store_card")
local transaction = require("kit.transaction")
local photos = {}

local function manageable(user, kind, id)
  local card = id and store.find(kind, id)
  if not card then return nil, errors.not_found(kind.table, id) end
  return policy.need_manage(user, kind, card)
end

---@param upload table? of request:file()
---@return table? row
---@return kit.Error? err
function photos.add(user, kind, id, upload, caption)
  local ok, err = manageable(user, kind, id)
  if not ok then return nil, err end
  if not upload then return nil, errors.invalid("photo", "required", "Выберите снимок.") end
  if card_store.count_photos(kind.table, id) >= fields.PHOTOS_MAX then
    return nil, errors.invalid("photo", "too_many", ("Снимков не больше %d. Уберите лишний."):format(fields.PHOTOS_MAX))
  end
  local stored
  stored, err = file.store(upload, { accept = fields.PHOTO_TYPES, max_bytes = fields.PHOTO_MAX_BYTES, user_id = user.id })
  if not stored then return nil, err end
  return transaction.run(function()
    local row = card_store.insert_photo(kind.table, id, stored.id, caption, user.id)
    audit.write(kind.table .. ".photo_add", kind.table, id, { name = { "", stored.name } })
    return row
  end)
end

function photos.remove(user, kind, id, photo_id)
  local ok, err = manageable(user, kind, id)
  if not ok then return nil, err end
  return transaction.run(function()
    local row = photo_id and card_store.delete_photo(kind.table, id, photo_id)
    if not row then return nil, errors.not_found("photo", photo_id) end
    file.delete(row.file_id)
    audit.write(kind.table .. ".photo_remove", kind.table, id, {})
    return true
  end)
end

--- May the user see this file? It must be the photo of a card that he may read.
function photos.may_read_file(user, file_id)
  local photo = card_store.photo_of_file(file_id)
  local kind = photo and kinds.BY_TABLE[photo.entity]
  local card = kind and store.find(kind, photo.object_id)
  return card ~= nil and card ~= false and policy.need_read(user, kind, card) ~= nil
end

return photos
