return {
  insert = [[
    INSERT INTO p_webhook_delivery (key, hook, payload) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING RETURNING id]],
  take = [[SELECT id, hook, payload, attempts FROM p_webhook_delivery WHERE id = $1 AND sent_at IS NULL]],
  sent = [[UPDATE p_webhook_delivery SET sent_at = now(), status = $2, error = NULL, attempts = attempts + 1 WHERE id = $1]],
  failed = [[UPDATE p_webhook_delivery SET status = $2, error = $3, attempts = attempts + 1 WHERE id = $1]],
  journal = [[
    SELECT id, hook, status, error, attempts, to_char(created_at, 'DD.MM.YYYY HH24:MI') AS created, sent_at IS NOT NULL AS is_sent
    FROM p_webhook_delivery ORDER BY id DESC LIMIT 50]],
  sweep = [[DELETE FROM p_webhook_delivery WHERE created_at < now() - make_interval(days => $1::int)]],
}
