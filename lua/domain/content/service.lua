--- Editing pages: a draft, its publication, its versions.
local access = require("kit.access")
local audit = require("kit.audit")
local blocks = require("domain.content.blocks")
local db = require("core.db")
local errors = require("kit.errors")
local fields = require("domain.content.fields")
local file = require("kit.file")
local slug = require("kit.slug")
local store = require("domain.content.store")
local transaction = require("kit.transaction")
local service = {}

local PERMISSION = "site.manage"
local UUID = "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$"
local VERSIONS_SHOWN = 50

local SECTION_BY_SLUG = {}
for _, section in ipairs(fields.SECTIONS) do SECTION_BY_SLUG[section.slug] = section end

--- Where visitors see a page.
function service.path_of(page)
  if page.kind == "section" then return SECTION_BY_SLUG[page.slug] and SECTION_BY_SLUG[page.slug].path or "/" end
  return (page.kind == "news" and "/news/" or "/pages/") .. page.slug
end

local function stale(page)
  return nil, errors.conflict("stale", ("Страницу «%s» уже изменил кто-то другой%s. Ваши правки не потеряны: они ниже. "
    .. "Откройте страницу заново в соседней вкладке, сравните и сохраните."):format(page.title, page.updated_by_name and " (" .. page.updated_by_name .. ")" or ""))
end

local function find(user, id)
  local ok, err = access.need(user, PERMISSION)
  if not ok then return nil, err end
  local page = store.find(id)
  if not page then return nil, errors.not_found("page", id) end
  page.blocks, page.path = blocks.decode(page.blocks), service.path_of(page)
  return page
end
service.get = find

-- Runs change(page) on the locked page when it is still of this version.
local function change(user, id, version, fn)
  local page, err = find(user, id)
  if not page then return nil, err end
  return transaction.run(function()
    local locked = store.lock(id)
    if not locked then return nil, errors.not_found("page", id) end
    if version and locked.version ~= version then return stale(store.find(id)) end
    return fn(page)
  end)
end

---@return table? found of kit.table
---@return kit.Error? err
function service.list(user, input)
  local ok, err = access.need(user, PERMISSION)
  if not ok then return nil, err end
  local filters = { q = input.q, kind = input.kind, state = input.state }
  local rows, cursor = store.LIST:page({ filters = filters, sort = input.sort, cursor = input.cursor, limit = input.limit })
  if not rows then return nil, cursor end
  return { rows = rows, next_cursor = cursor }
end

local RESERVED = { new = true, preview = true }

local function free_slug(wanted, title, kind)
  local base = wanted and wanted ~= "" and wanted or slug.of(title)
  if base == "" or RESERVED[base] then base = kind .. (base == "" and "" or "-" .. base) end
  if SECTION_BY_SLUG[base] then base = base .. "-2" end
  local found, n = base, 1
  while store.by_slug(found) do
    if wanted and wanted ~= "" then return nil, errors.invalid("slug", "taken", "Такой адрес уже занят. Выберите другой.") end
    n = n + 1
    found = base .. "-" .. n
  end
  return found
end

---@return table? page {id, slug, version}
---@return kit.Error? err
function service.create(user, input)
  local ok, err = access.need(user, PERMISSION)
  if not ok then return nil, err end
  return transaction.run(function()
    local free
    free, err = free_slug(input.slug, input.title, input.kind)
    if not free then return nil, err end
    local page = store.insert({ slug = free, kind = input.kind, title = input.title }, user.id)
    if not page then return nil, errors.invalid("slug", "taken", "Такой адрес уже занят. Выберите другой.") end
    audit.write("page.create", "page", page.id, { title = { "", input.title } })
    return page
  end)
end

--- The blocks that stand in a page of the product: made when first edited.
---@return table? page {id}
---@return kit.Error? err
function service.section(user, name)
  local ok, err = access.need(user, PERMISSION)
  if not ok then return nil, err end
  local known = SECTION_BY_SLUG[name]
  if not known then return nil, errors.not_found("page", name) end
  return store.by_slug(name) or transaction.run(function()
    return store.insert({ slug = name, kind = "section", title = known.title }, user.id)
  end) or store.by_slug(name)
end

local function picture_id(page)
  if not page.picture or page.picture == "" then return nil end
  local found = page.picture:find(UUID) and store.file(page.picture)
  return found and found.id
end

local function picture_fault(page)
  if page.picture and page.picture ~= "" and (page.picture_alt or "") == "" then
    return errors.invalid("picture_alt", "required", "Опишите картинку одним предложением: без этого её не увидят незрячие посетители.")
  end
end

local function check_slug(page, input)
  if page.kind == "section" or input.slug == page.slug then return page.slug end
  local wanted = input.slug
  if not wanted or SECTION_BY_SLUG[wanted] or RESERVED[wanted] or wanted:find("%-%-") or wanted:find("%-$") then
    return nil, errors.invalid("slug", "reserved", "Такой адрес здесь не подходит. Выберите другой.")
  end
  if store.by_slug(input.slug) then return nil, errors.invalid("slug", "taken", "Такой адрес уже занят. Выберите другой.") end
  return input.slug
end

--- Saves the draft as it is, finished or not.
---@param input table values of fields.PAGE
---@param list table[] blocks
---@return table? page {id, version}
---@return kit.Error? err 409 when somebody else was faster
function service.save(user, id, input, list)
  local fault = picture_fault(input)
  if fault then return nil, fault end
  return change(user, id, input.version, function(page)
    local free, err = check_slug(page, input)
    if not free then return nil, err end
    local dated_on = page.kind == "news" and (input.dated_on or page.dated_on) or nil
    local saved = store.save(id, { slug = free, title = input.title, lead = input.lead or "", dated_on = dated_on,
      picture_id = picture_id(input), picture_alt = input.picture_alt or "" }, blocks.encode(list), user.id)
    local diff = audit.diff(page, { title = input.title, lead = input.lead or "", slug = free }) or {}
    diff.blocks = #list
    audit.write("page.save", "page", id, diff)
    return { id = id, version = saved.version }
  end)
end

--- Shows the draft to visitors.
---@return table? result {id, no, version}
---@return kit.Error? err 422 names what is missing
function service.publish(user, id, version)
  return change(user, id, version, function()
    local page = store.find(id)
    page.blocks = blocks.decode(page.blocks)
    local err = blocks.check(page.blocks)
    if err then return nil, err end
    local made = store.insert_version(id, blocks.words(page.blocks), user.id)
    local files = blocks.files(page.blocks)
    if page.picture then files[#files + 1] = page.picture end
    if #files > 0 then store.link_files(made.id, db.array(files)) end
    local saved = store.publish(id, made.id, user.id)
    audit.write("page.publish", "page", id, { version = { nil, made.no } })
    return { id = id, no = made.no, version = saved.version }
  end)
end

--- Takes the page from visitors; its address answers 410.
function service.unpublish(user, id, version)
  return change(user, id, version, function(page)
    if not page.published_id then return nil, errors.conflict("not_published", "Страница и так не опубликована.") end
    audit.write("page.unpublish", "page", id, {})
    return { id = id, version = store.unpublish(id, user.id).version }
  end)
end

--- Removes a draft that nobody has ever seen.
function service.delete(user, id, version)
  return change(user, id, version, function(page)
    if store.delete(id) == 0 then
      return nil, errors.conflict("was_published", "Страница уже публиковалась: её можно только снять с публикации.")
    end
    audit.write("page.delete", "page", id, { title = { page.title, nil } })
    return { id = id }
  end)
end

function service.versions(user, id)
  local page, err = find(user, id)
  if not page then return nil, err end
  return { page = page, versions = store.versions(id, VERSIONS_SHOWN) }
end

---@return table? version of the page as it was
---@return kit.Error? err
function service.version(user, id, no)
  local page, err = find(user, id)
  if not page then return nil, err end
  local version = store.version(id, no)
  if not version then return nil, errors.not_found("page", id) end
  version.blocks, version.kind, version.slug, version.page_version = blocks.decode(version.blocks), page.kind, page.slug, page.version
  return version
end

--- Makes an old version the draft again.
function service.restore(user, id, no, version)
  return change(user, id, version, function()
    local old = store.version(id, no)
    if not old then return nil, errors.not_found("page", id) end
    audit.write("page.restore", "page", id, { version = { nil, no } })
    return { id = id, version = store.restore(id, old.id, user.id).version }
  end)
end

-- ---- files

--- Keeps an upload of the editor.
---@param kind "picture"|"document"
---@return string? public_id
---@return kit.Error? err
function service.keep_file(user, upload, kind)
  local ok, err = access.need(user, PERMISSION)
  if not ok then return nil, err end
  local is_picture = kind == "picture"
  local stored
  stored, err = file.store(upload, { accept = is_picture and fields.PICTURES or fields.DOCUMENTS,
    max_bytes = is_picture and fields.PICTURE_BYTES or fields.DOCUMENT_BYTES, user_id = user.id })
  if not stored then return nil, err end
  store.insert_file(stored.id)
  return stored.public_id
end

--- A picture or document of the site, when the visitor may have it.
---@return table? file
---@return kit.Error? err
function service.media(user, public_id)
  local found = public_id:find(UUID) and store.file(public_id)
  if not found then return nil, errors.not_found("file", public_id) end
  if not found.is_public and not access.can(user, PERMISSION) then return nil, errors.not_found("file", public_id) end
  return found
end

--- Names and sizes of files by their public ids.
function service.files(public_ids)
  local by_id = {}
  if #public_ids == 0 then return by_id end
  for _, row in ipairs(store.files(db.array(public_ids))) do by_id[row.public_id] = row end
  return by_id
end

-- ---- what visitors see

--- A published page or news.
---@return table? page
---@return kit.Error? err 404 (it leads on when the page has another address now), or 410 when it was public once
function service.shown(name, kind)
  local page = store.shown(name)
  if not page or page.kind ~= kind then
    local moved = store.by_former_slug(name)
    if moved and moved.kind == kind then return nil, errors.moved("page", name, service.path_of(moved)) end
    return nil, errors.not_found("page", name)
  end
  if page.archived_at then return nil, errors.gone("Эта страница снята с публикации.") end
  page.blocks, page.path = blocks.decode(page.blocks), service.path_of(page)
  return page
end

--- The published blocks of a section, or nil.
function service.shown_section(name)
  local page = store.shown(name)
  if not page or page.archived_at or page.kind ~= "section" then return nil end
  page.blocks = blocks.decode(page.blocks)
  return page
end

function service.news(input)
  return store.NEWS:page({ cursor = input.cursor, limit = input.limit })
end

return service
