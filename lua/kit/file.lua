--- Files of people: bytes below $COPP_DATA_DIR/files/<sha256>, rows in file_object. What a file is, its first bytes say;
--- its name and the type that the browser sent prove nothing.
---
---   local stored, err = file.store(request:file("scan"), { accept = { "application/pdf", "image/jpeg" }, max_bytes = 10 << 20 })
---   return respond.file(stored, { inline = true })     -- after the permission check of the domain
local context = require("kit.context")
local errors = require("kit.errors")
local files = require("core.files")
local russian = require("kit.russian")
local store = require("kit.store")
local text = require("core.text")
local file = {}

local ZIP = "PK\3\4"
local OLE = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"

--- Known kinds: extension → type and what the content begins with.
local KINDS = {
  pdf = { mime = "application/pdf", magic = { "%PDF-" } },
  jpg = { mime = "image/jpeg", magic = { "\xFF\xD8\xFF" } },
  jpeg = { mime = "image/jpeg", magic = { "\xFF\xD8\xFF" } },
  png = { mime = "image/png", magic = { "\x89PNG\r\n\x1A\n" } },
  webp = { mime = "image/webp", magic = { "RIFF" }, at9 = "WEBP" },
  docx = { mime = "application/vnd.openxmlformats-officedocument.wordprocessingml.document", magic = { ZIP } },
  xlsx = { mime = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", magic = { ZIP } },
  pptx = { mime = "application/vnd.openxmlformats-officedocument.presentationml.presentation", magic = { ZIP } },
  odt = { mime = "application/vnd.oasis.opendocument.text", magic = { ZIP } },
  ods = { mime = "application/vnd.oasis.opendocument.spreadsheet", magic = { ZIP } },
  zip = { mime = "application/zip", magic = { ZIP } },
  doc = { mime = "application/msword", magic = { OLE } },
  xls = { mime = "application/vnd.ms-excel", magic = { OLE } },
  csv = { mime = "text/csv", is_text = true },
  txt = { mime = "text/plain", is_text = true },
}

local HEAD_BYTES = 512
local NAME_LENGTH = 120

--- The extension of a name in lower case, "" when there is none.
---@param name string
---@return string
function file.extension(name)
  return (name:match("%.([%w]+)$") or ""):lower()
end

--- A name that is safe to keep and to show: no directories, no control characters, not too long.
---@param name string?
---@return string
function file.clean_name(name)
  local clean = (name or ""):gsub("^.*[/\\]", ""):gsub("[%c<>:\"|?*]", "_"):gsub("^[%s.]+", "")
  if not text.is_valid(clean) or clean == "" then clean = "file" end
  local extension = file.extension(clean)
  if text.len(clean) > NAME_LENGTH then
    clean = text.sub(clean, 1, NAME_LENGTH - #extension - 1) .. (extension ~= "" and "." .. extension or "")
  end
  return clean
end

local function begins_with(head, kind)
  for _, magic in ipairs(kind.magic or {}) do
    if head:sub(1, #magic) == magic and (not kind.at9 or head:sub(9, 8 + #kind.at9) == kind.at9) then return true end
  end
  -- A text has no NUL; a character may be cut at the end of the head.
  return kind.is_text and not head:find("\0", 1, true) or false
end

--- The type of a file by extension and content together; nil when they do not fit or the kind is unknown.
---@param name string
---@param head string its first bytes
---@return string? mime
function file.sniff(name, head)
  local kind = KINDS[file.extension(name)]
  if kind and begins_with(head, kind) then return kind.mime end
  return nil
end

local function is_accepted(accept, name, mime)
  if not accept then return true end
  local extension = file.extension(name)
  for _, wanted in ipairs(accept) do
    if wanted == mime or wanted == extension or wanted == "." .. extension then return true end
  end
  return false
end

local function accepted_words(accept)
  local words, seen = {}, {}
  for extension, kind in pairs(KINDS) do
    if is_accepted(accept, "x." .. extension, kind.mime) and extension ~= "jpeg" and not seen[extension] then
      seen[extension] = true
      words[#words + 1] = extension:upper()
    end
  end
  table.sort(words)
  return table.concat(words, ", ")
end

--- Keeps an upload for good. Not inside a transaction: the bytes are written to disk; the row is small.
---@param upload {name: string, filename: string, path: string, size: integer} of request:files()
---@param options {accept: string[]?, max_bytes: integer?, user_id: integer?}? accept: types or extensions
---@return table? stored row of file_object {id, public_id, sha256, size_bytes, name, mime}
---@return kit.Error? err
function file.store(upload, options)
  local given = options or {}
  local field = upload.name or "file"
  if upload.size == 0 then return nil, errors.invalid(field, "empty_file", "Файл пуст.") end
  if given.max_bytes and upload.size > given.max_bytes then
    return nil, errors.invalid(field, "file_too_large", ("Файл больше %s. Уменьшите его."):format(russian.size(given.max_bytes)))
  end
  local name = file.clean_name(upload.filename)
  local head, err = files.head(upload.path, HEAD_BYTES)
  if not head then error(err, 0) end
  local mime = file.sniff(name, head)
  if not mime or not is_accepted(given.accept, name, mime) then
    return nil, errors.invalid(field, "file_type", "Такой файл не подходит. Можно приложить: " .. accepted_words(given.accept) .. ".")
  end
  local kept
  kept, err = files.store(upload.path)
  if not kept then return nil, errors.from(err) or error(err, 0) end
  local user = context.get().user
  return store.insert_file(kept.sha256, kept.size, name, mime, given.user_id or (user and user.id))
end

--- Keeps bytes that we made: exports, documents.
---@param name string
---@param mime string
---@param path string a temporary file (core.files.temp)
---@return table stored
function file.keep(name, mime, path)
  local kept, err = files.store(path)
  if not kept then error(err, 0) end
  local user = context.get().user
  return store.insert_file(kept.sha256, kept.size, file.clean_name(name), mime, user and user.id)
end

--- A row of file_object, or nil.
---@param id integer
function file.find(id)
  return store.find_file(id)
end

--- Forgets a file; its bytes go when no other row has them. Inside a transaction the bytes go after the commit.
---@param id integer
function file.delete(id)
  local row = store.delete_file(id)
  if row and row.is_last then
    require("kit.transaction").after_commit(function() files.remove(row.sha256) end)
  end
end

return file
