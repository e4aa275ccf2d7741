--- What the statements of each kind hold besides the columns of its table `x` and the organisation `o`.
---   label = what a card is called · search = the text that is searched · sort = the order by name (default x.name)
---   joins, select = beside it · booked = the key that bookings point at (none: cannot be busy)
---   values = fields that are no plain columns · filters = conditions of the list's own filters
local COMPETENCES = [[(SELECT string_agg(i.name, ', ' ORDER BY i.name COLLATE ru) FROM ref_item i
  WHERE i.book = 'competence' AND i.code = ANY (x.competences)) AS competence_names]]
local OF_KIND = "x.kind = ANY (?::text[])"

return {
  sites = {
    label = "x.name", search = "x.name || ' ' || x.address",
    select = [[to_char(x.opens, 'HH24:MI') || '–' || to_char(x.closes, 'HH24:MI') AS hours,
      (SELECT count(*) FROM room r WHERE r.site_id = x.id AND r.state <> 'archived') AS rooms]],
    values = { opens = "to_char(x.opens, 'HH24:MI')", closes = "to_char(x.closes, 'HH24:MI')" },
  },
  rooms = {
    label = "x.name || ', ' || s.name", search = "x.name || ' ' || x.number", booked = "x.id",
    joins = "JOIN site s ON s.id = x.site_id LEFT JOIN ref_item c ON c.book = 'competence' AND c.code = x.competence",
    select = [[s.name AS site, s.address, s.zone, c.name AS competence_name,
      (CASE WHEN s.works_saturday THEN 6 ELSE 5 END * extract(epoch FROM s.closes - s.opens) / 3600)::float8 AS hours_a_week]],
    filters = { kind = OF_KIND, competence = "x.competence = ?::text", site_id = "x.site_id = ?::bigint" },
  },
  staff = {
    label = "full_name(p)", search = "p.last_name || ' ' || p.first_name || ' ' || coalesce(p.middle_name, '')", booked = "p.resource_id",
    sort = "p.last_name || ' ' || p.first_name", joins = "JOIN person p ON p.id = x.person_id",
    select = "x.person_id, full_name(p) AS name, p.user_id, x.max_hours_per_week * 0.75::float8 AS hours_a_week, " .. COMPETENCES,
    values = { last_name = "p.last_name", first_name = "p.first_name", middle_name = "p.middle_name", snils = "p.snils" },
    filters = { competence = "ARRAY[?::text] <@ x.competences", employment = "x.employment = ANY (?::text[])" },
  },
  equipment = {
    label = "x.name", search = "x.name || ' ' || coalesce(x.model, '') || ' ' || coalesce(x.inventory_no, '')", booked = "x.id",
    joins = "JOIN resource res ON res.id = x.id LEFT JOIN room r ON r.id = x.room_id", select = "r.name AS room, res.capacity, " .. COMPETENCES,
    values = { qty = "res.capacity" },
    filters = { kind = OF_KIND, room_id = "x.room_id = ?::bigint", overdue = "?::boolean AND x.verification_due < current_date" },
  },
  software = {
    label = "x.name", search = "x.name || ' ' || coalesce(x.vendor, '')", booked = "x.id", joins = "JOIN resource res ON res.id = x.id",
    select = [[res.capacity, (SELECT string_agg(r.name, ', ' ORDER BY r.name COLLATE ru) FROM software_room w JOIN room r ON r.id = w.room_id
      WHERE w.software_id = x.id) AS rooms]],
    values = { seats = "res.capacity", room_ids = "(SELECT array_agg(w.room_id) FROM software_room w WHERE w.software_id = x.id)" },
    filters = { licence_kind = "x.licence_kind = ANY (?::text[])", overdue = "?::boolean AND x.valid_to < current_date" },
  },
  consumables = {
    label = "x.name", search = "x.name", joins = "LEFT JOIN site s ON s.id = x.site_id",
    select = "s.name AS site, x.on_hand, x.on_hand < x.min_stock AS is_short", filters = { short = "?::boolean AND x.on_hand < x.min_stock" },
  },
  ict = {
    label = "x.name", search = "x.name", booked = "x.id", joins = "JOIN resource res ON res.id = x.id", values = { seats = "res.capacity" },
    filters = { kind = OF_KIND },
  },
  info = { label = "x.name", search = "x.name", select = COMPETENCES, filters = { kind = OF_KIND } },
}
