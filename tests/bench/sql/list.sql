SELECT id, code, title, organization, kind, hours, price, starts_on, places, taken, is_open, updated_at
FROM bench_item WHERE id > $1 ORDER BY id LIMIT 20
