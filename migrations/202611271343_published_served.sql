-- Why: a page must not say "done" before the workers serve what it published: accepted comes first, served a moment later.
ALTER TABLE published_change ADD COLUMN served_at timestamptz;

CREATE OR REPLACE FUNCTION notify_published_change(change bigint) RETURNS void LANGUAGE sql AS $$
  UPDATE published_change SET served_at = now() WHERE id = change;
  SELECT pg_notify('copp', json_build_object('topic', 'published.' || change)::text);
$$;
