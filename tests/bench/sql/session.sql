SELECT s.id, s.grant_id, s.preview, u.id AS user_id, u.email, p.id AS person_id, short_name(p) AS name,
  s.last_seen_at < now() - interval '1 minute' AS is_stale, s.idle_minutes, u.otp_since IS NOT NULL AS has_otp,
  extract(epoch FROM s.expires_at - now())::int AS left_s, extract(epoch FROM now() - s.proved_at)::int AS proved_s,
ARRAY(SELECT g.id || '|' || g.role || '|' || coalesce(g.organization_id::text, '') || '|'
    || array_to_string(g.sets, ',') || '|' || coalesce(o.short_name, '')
 FROM role_grant g LEFT JOIN organization o ON o.id = g.organization_id
 WHERE g.user_id = u.id AND g.valid_from <= current_date AND (g.valid_to IS NULL OR g.valid_to >= current_date)
   AND (o.id IS NULL OR o.state = 'active')
 ORDER BY g.id) AS grants

FROM session s
JOIN user_account u ON u.id = s.user_id
LEFT JOIN person p ON p.user_id = u.id
WHERE s.token_hash = $1 AND s.kind = $2 AND s.revoked_at IS NULL AND s.expires_at > now()
  AND s.last_seen_at > now() - s.idle_minutes * interval '1 minute' AND u.state IN ('active', 'locked')
