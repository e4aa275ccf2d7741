--- SQL of partners as visitors see them.
local query = require("kit.query")
local store = {}

store.LIST = query.list({
  select = [[o.id, o.short_name, o.full_name, o.kind, k.name AS kind_name, o.municipality, o.site_url,
    (SELECT count(*) FROM room r WHERE r.organization_id = o.id AND r.state = 'active' AND r.kind IN ('workshop', 'lab', 'computer')) AS workshops,
    (SELECT count(*) FROM program p WHERE p.owner_id = o.id AND p.state = 'published') AS programs]],
  from = "organization o LEFT JOIN ref_item k ON k.book = 'org_kind' AND k.code = o.kind",
  key = "o.id", where = "o.is_partner AND o.state = 'active'",
  filters = { q = "fold(o.short_name || ' ' || o.full_name) LIKE '%' || replace(replace(fold(?), '%', '\\%'), '_', '\\_') || '%'" },
  sorts = { name = { "o.short_name", type = "text", collate = "ru" } }, default = "name",
})

function store.find(id)
  return query.row([[
    SELECT o.id, o.short_name, o.full_name, k.name AS kind_name, o.municipality, o.actual_address, o.phone, o.email, o.site_url
    FROM organization o LEFT JOIN ref_item k ON k.book = 'org_kind' AND k.code = o.kind
    WHERE o.id = $1 AND o.is_partner AND o.state = 'active'
  ]], id)
end

function store.workshops(id)
  return query.rows([[
    SELECT r.name, r.number, r.kind, r.workplaces, t.name AS site, t.address, t.is_accessible, c.name AS competence
    FROM room r JOIN site t ON t.id = r.site_id LEFT JOIN ref_item c ON c.book = 'competence' AND c.code = r.competence
    WHERE r.organization_id = $1 AND r.state = 'active' AND r.kind IN ('workshop', 'lab', 'computer') AND t.archived_at IS NULL
    ORDER BY r.name COLLATE ru, r.number LIMIT 60
  ]], id)
end

return store
