--- SQL of pages, their versions and files.
local query = require("kit.query")
local store = {}

-- A draft that differs from what visitors see.
local STATE = [[
  CASE WHEN p.archived_at IS NOT NULL THEN 'archived' WHEN p.published_id IS NULL THEN 'draft'
    WHEN (v.title, v.lead, v.blocks, coalesce(v.dated_on, '-infinity'), coalesce(v.picture_id, 0), v.picture_alt)
      IS DISTINCT FROM (p.title, p.lead, p.blocks, coalesce(p.dated_on, '-infinity'), coalesce(p.picture_id, 0), p.picture_alt) THEN 'changed'
    ELSE 'published' END
]]

local PAGE = [[
  SELECT p.id, p.slug, p.kind, p.title, p.lead, p.dated_on, p.picture_id, f.public_id AS picture, f.name AS picture_name, p.picture_alt,
    p.blocks, p.published_id, p.published_at, p.archived_at, p.version, p.updated_at, ]] .. STATE .. [[ AS state,
    coalesce(short_name(w), u.email) AS updated_by_name
  FROM site_page p LEFT JOIN site_page_version v ON v.id = p.published_id LEFT JOIN file_object f ON f.id = p.picture_id
  LEFT JOIN user_account u ON u.id = p.updated_by LEFT JOIN person w ON w.user_id = u.id
]]
local BY_ID, LOCKED = PAGE .. " WHERE p.id = $1", "SELECT id, version FROM site_page WHERE id = $1 FOR UPDATE"

-- What visitors see. A page that was public and is no more has archived_at.
local SHOWN = [[
  SELECT p.id, p.slug, p.kind, p.archived_at, p.published_at, v.title, v.lead, v.dated_on, v.picture_alt, v.blocks, f.public_id AS picture
  FROM site_page p LEFT JOIN site_page_version v ON v.id = p.published_id LEFT JOIN file_object f ON f.id = v.picture_id
]]
local SHOWN_BY_SLUG = SHOWN .. " WHERE p.slug = $1 AND (p.published_id IS NOT NULL OR p.archived_at IS NOT NULL)"

--- Administrator's list.
store.LIST = query.list({
  select = "p.id, p.slug, p.kind, p.title, p.published_at, p.updated_at, " .. STATE .. " AS state, coalesce(short_name(w), u.email) AS updated_by_name",
  from = [[site_page p LEFT JOIN site_page_version v ON v.id = p.published_id LEFT JOIN user_account u ON u.id = p.updated_by
    LEFT JOIN person w ON w.user_id = u.id]],
  key = "p.id",
  filters = { q = "fold(p.title) LIKE '%' || replace(replace(fold(?), '%', '\\%'), '_', '\\_') || '%'", kind = "p.kind = ?", state = "(" .. STATE .. ") = ?" },
  sorts = { newest = { "p.updated_at", type = "timestamptz", desc = true }, title = { "p.title", type = "text", collate = "ru" } },
  default = "newest",
})

store.NEWS = query.list({
  select = "p.slug, v.title, v.lead, v.dated_on, v.picture_alt, f.public_id AS picture, p.published_at",
  from = "site_page p JOIN site_page_version v ON v.id = p.published_id LEFT JOIN file_object f ON f.id = v.picture_id",
  key = "p.id", where = "p.kind = 'news' AND p.published_id IS NOT NULL",
  sorts = { newest = { "p.dated_on", type = "date", desc = true } }, default = "newest",
})

function store.find(id) return query.row(BY_ID, id) end
function store.lock(id) return query.row(LOCKED, id) end
function store.shown(slug) return query.row(SHOWN_BY_SLUG, slug) end
function store.by_slug(slug) return query.row("SELECT id FROM site_page WHERE slug = $1", slug) end

--- The page that had this slug once, with the slug of today.
function store.by_former_slug(slug)
  return query.row("SELECT p.slug, p.kind FROM site_page_former_slug f JOIN site_page p ON p.id = f.page_id WHERE f.slug = $1", slug)
end

function store.insert(page, user_id)
  return query.row([[
    INSERT INTO site_page (slug, kind, title, lead, dated_on, created_by, updated_by)
    VALUES ($1, $2, $3, '', CASE WHEN $2 = 'news' THEN current_date END, $4, $4) RETURNING id, slug, version
  ]], page.slug, page.kind, page.title, user_id)
end

function store.save(id, page, blocks, user_id)
  return query.row([[
    UPDATE site_page SET slug = $2, title = $3, lead = $4, dated_on = $5, picture_id = $6, picture_alt = $7, blocks = $8::jsonb, updated_by = $9
    WHERE id = $1 RETURNING version
  ]], id, page.slug, page.title, page.lead, page.dated_on, page.picture_id, page.picture_alt, blocks, user_id)
end

--- Copies the draft into a version that stays. `words`: of the blocks, for search.
function store.insert_version(id, words, user_id)
  return query.row([[
    INSERT INTO site_page_version (page_id, no, title, lead, dated_on, picture_id, picture_alt, blocks, body_text, created_by)
    SELECT p.id, coalesce((SELECT max(no) FROM site_page_version WHERE page_id = p.id), 0) + 1, p.title, p.lead, p.dated_on, p.picture_id,
      p.picture_alt, p.blocks, $2, $3
    FROM site_page p WHERE p.id = $1 RETURNING id, no
  ]], id, words, user_id)
end

function store.link_files(version_id, public_ids)
  return query.exec([[
    INSERT INTO site_version_file (version_id, file_id)
    SELECT $1, s.file_id FROM site_file s JOIN file_object f ON f.id = s.file_id WHERE f.public_id = ANY ($2::uuid[]) ON CONFLICT DO NOTHING
  ]], version_id, public_ids)
end

function store.publish(id, version_id, user_id)
  return query.row([[
    UPDATE site_page SET published_id = $2, published_at = now(), archived_at = NULL, updated_by = $3 WHERE id = $1 RETURNING version
  ]], id, version_id, user_id)
end

function store.unpublish(id, user_id)
  return query.row([[
    UPDATE site_page SET archived_at = now(), published_id = NULL, updated_by = $2 WHERE id = $1 RETURNING version
  ]], id, user_id)
end

--- A draft that was never public goes without a trace but the audit.
function store.delete(id)
  return query.exec("DELETE FROM site_page WHERE id = $1 AND NOT EXISTS (SELECT FROM site_page_version WHERE page_id = $1)", id)
end

function store.versions(id, limit)
  return query.rows([[
    SELECT v.id, v.no, v.title, v.created_at, v.id = p.published_id AS is_shown, coalesce(short_name(w), u.email) AS who
    FROM site_page_version v JOIN site_page p ON p.id = v.page_id LEFT JOIN user_account u ON u.id = v.created_by
    LEFT JOIN person w ON w.user_id = u.id
    WHERE v.page_id = $1 ORDER BY v.no DESC LIMIT $2
  ]], id, limit)
end

function store.version(id, no)
  return query.row([[
    SELECT v.id, v.no, v.title, v.lead, v.dated_on, v.picture_id, v.picture_alt, v.blocks, v.created_at, f.public_id AS picture
    FROM site_page_version v LEFT JOIN file_object f ON f.id = v.picture_id WHERE v.page_id = $1 AND v.no = $2
  ]], id, no)
end

function store.restore(id, version_id, user_id)
  return query.row([[
    UPDATE site_page p SET title = v.title, lead = v.lead, dated_on = v.dated_on, picture_id = v.picture_id, picture_alt = v.picture_alt,
      blocks = v.blocks, updated_by = $3
    FROM site_page_version v WHERE p.id = $1 AND v.id = $2 AND v.page_id = p.id RETURNING p.version
  ]], id, version_id, user_id)
end

-- ---- files

function store.insert_file(file_id) return query.exec("INSERT INTO site_file (file_id) VALUES ($1) ON CONFLICT DO NOTHING", file_id) end

--- A file of the site; is_public: some page shows it now.
function store.file(public_id)
  return query.row([[
    SELECT f.id, f.public_id, f.sha256, f.size_bytes, f.name, f.mime, EXISTS (
      SELECT FROM site_version_file l JOIN site_page p ON p.published_id = l.version_id WHERE l.file_id = f.id) AS is_public
    FROM file_object f JOIN site_file s ON s.file_id = f.id WHERE f.public_id = $1
  ]], public_id)
end

function store.files(public_ids)
  return query.rows([[
    SELECT f.public_id, f.name, f.size_bytes, f.mime FROM file_object f JOIN site_file s ON s.file_id = f.id WHERE f.public_id = ANY ($1::uuid[])
  ]], public_ids)
end

-- ---- lists for others

--- Public pages and news, for the map of the site.
function store.addresses()
  return query.rows([[
    SELECT slug, kind, published_at FROM site_page WHERE published_id IS NOT NULL AND kind <> 'section' ORDER BY id LIMIT 50000
  ]])
end

--- Pages that a menu can name.
function store.choices()
  return query.rows([[
    SELECT slug, title FROM site_page WHERE kind = 'page' AND published_id IS NOT NULL ORDER BY title COLLATE ru LIMIT 500
  ]])
end

return store
