--- SQL of «Сведения об образовательной организации»: of the centre itself.
local query = require("kit.query")
local store = {}

--- The centre: the first active organisation of the kind «ЦОПП».
function store.organization()
  return query.row([[
    SELECT id, full_name, short_name, legal_address, actual_address, director_name, director_post, phone, email, site_url, inn, ogrn,
      licence->>'number' AS licence_number, licence->>'date' AS licence_date, licence->>'issuer' AS licence_issuer
    FROM organization WHERE kind = 'copp' AND state = 'active' ORDER BY id LIMIT 1
  ]])
end

store.PROGRAMS = query.list({
  select = [[p.id, p.slug, p.title, p.code, p.hours_total, p.duration_days, k.name AS kind_name, f.name AS form_name, d.name AS document_name]],
  from = [[program p LEFT JOIN ref_item k ON k.book = 'program_kind' AND k.code = p.kind LEFT JOIN ref_item f ON f.book = 'study_form' AND f.code = p.study_form
    LEFT JOIN ref_item d ON d.book = 'document_kind' AND d.code = p.document_kind]],
  key = "p.id", where = "p.state = 'published'", filters = { owner = "p.owner_id = ?::bigint" },
  sorts = { id = { "p.id", type = "bigint" } }, default = "id",
})

--- Teachers at work: the law makes their names and posts public.
function store.employees(id)
  return query.rows([[
    SELECT full_name(p) AS name, s.post, (SELECT array_agg(name ORDER BY name) FROM ref_item WHERE book = 'competence' AND code = ANY (s.competences)) AS subjects
    FROM staff_resource s JOIN person p ON p.id = s.person_id
    WHERE s.organization_id = $1 AND s.state = 'active' AND (s.contract_until IS NULL OR s.contract_until >= current_date)
      AND p.merged_into IS NULL AND p.deceased_at IS NULL
    ORDER BY p.last_name COLLATE ru, p.first_name COLLATE ru LIMIT 500
  ]], id)
end

function store.rooms(id)
  return query.rows([[
    SELECT r.name, r.number, k.name AS kind_name, r.area_m2, r.seats, r.workplaces, t.address, t.is_accessible,
      (SELECT string_agg(e.name, '; ' ORDER BY e.name) FROM equipment e WHERE e.room_id = r.id AND e.state = 'active') AS equipment
    FROM room r JOIN site t ON t.id = r.site_id LEFT JOIN ref_item k ON k.book = 'room_kind' AND k.code = r.kind
    WHERE r.organization_id = $1 AND r.state = 'active' AND t.archived_at IS NULL ORDER BY t.address, r.number LIMIT 300
  ]], id)
end

--- Intakes of the centre that take applications: free places by price.
function store.vacant(id)
  return query.rows([[
    SELECT p.title, p.slug, f.name AS form_name, i.starts_on, i.price, i.places, greatest(i.places - i.taken, 0) AS free
    FROM intake i JOIN program p ON p.id = i.program_id LEFT JOIN ref_item f ON f.book = 'study_form' AND f.code = i.study_form
    WHERE i.deliverer_id = $1 AND i.state = 'open' AND current_date BETWEEN i.opens_on AND i.closes_on AND p.state = 'published'
    ORDER BY i.starts_on, i.id LIMIT 300
  ]], id)
end

--- Intakes of the centre for money: what it costs.
function store.paid(id)
  return query.rows([[
    SELECT p.title, p.slug, p.hours_total, i.starts_on, i.price FROM intake i JOIN program p ON p.id = i.program_id
    WHERE i.deliverer_id = $1 AND i.price > 0 AND i.state = 'open' AND current_date BETWEEN i.opens_on AND i.closes_on AND p.state = 'published'
    ORDER BY i.starts_on, i.id LIMIT 300
  ]], id)
end

return store
