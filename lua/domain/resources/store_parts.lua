--- SQL of the tables on cards: units of equipment, moves of stock, ways between sites, training of teachers.
local query = require("kit.query")
local store = {}

store.units = {
  rows = function(id)
    return query.rows("SELECT id, inventory_no, serial_no, state FROM equipment_unit WHERE equipment_id = $1 ORDER BY inventory_no LIMIT 500", id)
  end,
  insert = function(id, input, user_id)
    return query.row("INSERT INTO equipment_unit (equipment_id, inventory_no, serial_no, state, created_by) VALUES ($1, $2, $3, $4, $5) RETURNING id",
      id, input.inventory_no, input.serial_no, input.state or "works", user_id)
  end,
  change = function(id, row_id, state)
    return query.row("UPDATE equipment_unit SET state = $3 WHERE id = $2 AND equipment_id = $1 RETURNING id, inventory_no", id, row_id, state)
  end,
  --- The quantity of a card with units is how many of them work.
  count = function(id)
    return query.exec([[
      UPDATE resource SET capacity = (SELECT count(*) FROM equipment_unit WHERE equipment_id = $1 AND state = 'works')
      WHERE id = $1 AND EXISTS (SELECT FROM equipment_unit WHERE equipment_id = $1)
    ]], id)
  end,
}

store.moves = {
  rows = function(id)
    return query.rows([[
      SELECT m.id, m.kind, m.qty, m.moved_on, m.note, coalesce(short_name(p), u.email) AS who FROM consumable_move m
      LEFT JOIN user_account u ON u.id = m.created_by LEFT JOIN person p ON p.user_id = u.id
      WHERE m.consumable_id = $1 ORDER BY m.id DESC LIMIT 50
    ]], id)
  end,
  insert = function(id, input, user_id)
    return query.row([[
      INSERT INTO consumable_move (consumable_id, kind, qty, moved_on, note, created_by) VALUES ($1, $2, $3, coalesce($4, current_date), $5, $6) RETURNING id
    ]], id, input.kind, input.qty, input.moved_on, input.note, user_id)
  end,
}

store.travel = {
  --- All other sites: those with minutes are the rows, the others can be chosen.
  rows = function(id)
    local rows, choices = {}, {}
    for _, site in ipairs(query.rows([[
      SELECT s.id, s.name, s.address, o.short_name AS organization, t.minutes FROM site s JOIN organization o ON o.id = s.organization_id
      LEFT JOIN site_travel t ON t.site_a = least(s.id, $1::bigint) AND t.site_b = greatest(s.id, $1::bigint)
      WHERE s.id <> $1 AND s.state <> 'archived' ORDER BY t.minutes NULLS LAST, o.short_name COLLATE ru, s.name COLLATE ru LIMIT 1000
    ]], id)) do
      if site.minutes then rows[#rows + 1] = site end
      choices[#choices + 1] = { value = site.id, label = site.organization .. ": " .. site.name }
    end
    return rows, choices
  end,
  insert = function(id, input)
    return query.row([[
      INSERT INTO site_travel (site_a, site_b, minutes) VALUES (least($1::bigint, $2::bigint), greatest($1::bigint, $2::bigint), $3)
      ON CONFLICT (site_a, site_b) DO UPDATE SET minutes = excluded.minutes RETURNING site_a AS id
    ]], id, input.site_id, input.minutes)
  end,
  delete = function(id, other)
    return query.row([[
      DELETE FROM site_travel WHERE site_a = least($1::bigint, $2::bigint) AND site_b = greatest($1::bigint, $2::bigint) RETURNING site_a AS id
    ]], id, other)
  end,
}

store.qualifications = {
  rows = function(id)
    return query.rows([[
      SELECT id, title, number, hours, issued_on, valid_to, coalesce(valid_to, (issued_on + interval '3 years')::date) < current_date AS is_over
      FROM staff_qualification WHERE staff_id = $1 ORDER BY issued_on DESC, id DESC LIMIT 100
    ]], id)
  end,
  insert = function(id, input, user_id)
    return query.row([[
      INSERT INTO staff_qualification (staff_id, title, number, hours, issued_on, valid_to, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id
    ]], id, input.title, input.number, input.hours, input.issued_on, input.valid_to, user_id)
  end,
  delete = function(id, row_id) return query.row("DELETE FROM staff_qualification WHERE id = $2 AND staff_id = $1 RETURNING title AS id", id, row_id) end,
}

return store
