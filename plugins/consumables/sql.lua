return {
  materials = [[
    SELECT m.id, m.room_id, r.name AS room, m.name, m.unit, m.stock::float8 AS stock, m.norm::float8 AS norm
    FROM p_consumables_material m JOIN room r ON r.id = m.room_id
    WHERE $1::bigint IS NULL OR m.room_id = $1 ORDER BY r.name, m.name LIMIT 500]],
  of_group = [[
    SELECT DISTINCT m.id, m.room_id, r.name AS room, m.name, m.unit, m.stock::float8 AS stock, m.norm::float8 AS norm
    FROM p_consumables_material m JOIN room r ON r.id = m.room_id JOIN lesson_room lr ON lr.room_id = m.room_id JOIN lesson l ON l.id = lr.lesson_id
    WHERE l.group_id = $1 AND l.held_on >= $2::date AND l.state IN ('planned', 'published') ORDER BY r.name, m.name LIMIT 100]],
  -- Сколько человеко-часов в день уйдёт в каждой мастерской.
  load = [[
    SELECT lr.room_id, l.held_on::text AS day, sum(l.academic_hours * g.seats_taken)::bigint AS hours
    FROM lesson l JOIN lesson_room lr ON lr.lesson_id = l.id JOIN study_group g ON g.id = l.group_id
    WHERE l.held_on BETWEEN $1::date AND $1::date + $2::int AND l.state IN ('planned', 'published')
      AND EXISTS (SELECT FROM p_consumables_material m WHERE m.room_id = lr.room_id)
    GROUP BY lr.room_id, l.held_on ORDER BY l.held_on LIMIT 1000]],
  rooms = [[
    SELECT r.id, r.name, s.name AS site FROM room r JOIN site s ON s.id = r.site_id
    WHERE r.state = 'active' AND r.kind IN ('workshop', 'lab') ORDER BY r.name LIMIT 300]],
  put = [[
    INSERT INTO p_consumables_material (room_id, name, unit, stock, norm) VALUES ($1, $2, $3, $4::numeric, $5::numeric)
    ON CONFLICT (room_id, name) DO UPDATE SET unit = excluded.unit, stock = excluded.stock, norm = excluded.norm, counted_on = now()]],
  note = [[UPDATE p_consumables_material SET short_on = $2::date WHERE id = $1 AND short_on IS DISTINCT FROM $2::date]],
}
