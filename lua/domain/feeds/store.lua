--- SQL of feeds and of the map of the site.
local query = require("kit.query")
local store = {}

local HTTP_DATE = [[to_char(%s AT TIME ZONE 'UTC', 'Dy, DD Mon YYYY HH24:MI:SS "GMT"')]]
local function http_date(moment) return HTTP_DATE:format(moment) end

--- Programmes for the map, by key: $1 the last one seen.
function store.program_addresses(after, limit)
  return query.rows([[
    SELECT id, slug, to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS changed FROM program
    WHERE state = 'published' AND id > $1 ORDER BY id LIMIT $2
  ]], after, limit)
end

--- The key before each page of the map: pages are cut by counting, once an hour.
function store.program_pages(size)
  return query.rows([[
    SELECT n, id AS after FROM (
      SELECT 0::bigint AS n, 0::bigint AS id
      UNION ALL
      SELECT n / $1, id FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM program WHERE state = 'published') numbered WHERE n % $1 = 0
    ) cuts ORDER BY n
  ]], size)
end

function store.partner_addresses()
  return query.rows("SELECT id FROM organization WHERE is_partner AND state = 'active' ORDER BY id LIMIT 10000")
end

--- Programmes whose intakes opened last, for RSS.
function store.newest_programs(limit)
  return query.rows([[
    SELECT p.slug, p.title, p.annotation, p.hours_total, o.short_name AS organization, i.starts_on, i.closes_on, i.price, i.id AS intake_id, ]]
    .. http_date("greatest(i.created_at, i.opens_on::timestamptz)") .. [[ AS published, ]] .. http_date("greatest(i.updated_at, p.updated_at)") .. [[ AS changed,
      extract(epoch FROM greatest(i.updated_at, p.updated_at))::bigint AS changed_s
    FROM intake i JOIN program p ON p.id = i.program_id JOIN organization o ON o.id = i.deliverer_id
    WHERE i.state = 'open' AND current_date BETWEEN i.opens_on AND i.closes_on AND p.state = 'published'
    ORDER BY i.opens_on DESC, i.id DESC LIMIT $1
  ]], limit)
end

function store.newest_news(limit)
  return query.rows([[
    SELECT p.slug, v.title, v.lead, ]] .. http_date("p.dated_on::timestamptz") .. [[ AS published, ]] .. http_date("p.published_at") .. [[ AS changed,
      extract(epoch FROM p.published_at)::bigint AS changed_s
    FROM site_page p JOIN site_page_version v ON v.id = p.published_id WHERE p.kind = 'news'
    ORDER BY p.dated_on DESC, p.id DESC LIMIT $1
  ]], limit)
end

--- Partners for the form that makes the frame.
function store.partners()
  return query.rows("SELECT id, short_name FROM organization WHERE is_partner AND state = 'active' ORDER BY short_name COLLATE ru LIMIT 300")
end

return store
