-- Why: an administrator changes letters, colours and later rules in the browser. What is in force lies in published_file
-- and joins the layers of each tree; a change is tried by a reload first and accepted or refused as a whole.
CREATE TABLE published_change (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  summary    text NOT NULL CHECK (summary <> ''), -- for people: what was changed
  state      text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'checking', 'accepted', 'refused')),
  claimed_at timestamptz, -- by a node that tries it; one that died leaves it to another
  file       text,        -- why it was refused
  line       int,
  reason     text,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by bigint REFERENCES user_account, -- NULL: the platform itself
  decided_at timestamptz
);
CREATE INDEX published_change_open_idx ON published_change (id) WHERE state IN ('waiting', 'checking');

-- Also the history of each file. No files: the platform is only to be reloaded.
CREATE TABLE published_change_file (
  change_id    bigint NOT NULL REFERENCES published_change,
  path         text NOT NULL CHECK (path ~ '^(views|assets|lua)(/[a-zA-Z0-9_-][a-zA-Z0-9_.-]*)+$' AND path !~ '\.\.'),
  content      bytea CHECK (octet_length(content) <= 4194304), -- NULL: no longer published
  base_version bigint NOT NULL, -- what its author has seen; 0: not published then
  PRIMARY KEY (change_id, path)
);
CREATE INDEX published_change_file_path_idx ON published_change_file (path, change_id);

CREATE TABLE published_file (
  path         text PRIMARY KEY,
  content      bytea NOT NULL,
  version      bigint NOT NULL REFERENCES published_change, -- the change that brought it
  published_at timestamptz NOT NULL DEFAULT now(),
  published_by bigint REFERENCES user_account
);

-- Names the state of the whole layer: nodes compare it with what they serve.
CREATE FUNCTION published_revision() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT md5(coalesce(string_agg(path || ' ' || version, ',' ORDER BY path), '')) FROM published_file
$$;

-- What a tree gets: the files in force with those of a change over them (NULL: none).
CREATE FUNCTION published_layer(change bigint) RETURNS TABLE (path text, content bytea) LANGUAGE sql STABLE AS $$
  SELECT f.path, f.content FROM published_file f
  WHERE NOT EXISTS (SELECT FROM published_change_file c WHERE c.change_id = change AND c.path = f.path)
  UNION ALL
  SELECT c.path, c.content FROM published_change_file c WHERE c.change_id = change AND c.content IS NOT NULL
$$;

-- The oldest change that nobody tries, or NULL.
CREATE FUNCTION published_claim() RETURNS bigint LANGUAGE sql AS $$
  UPDATE published_change SET state = 'checking', claimed_at = now()
  WHERE id = (
    SELECT id FROM published_change
    WHERE state = 'waiting' OR (state = 'checking' AND claimed_at < now() - interval '3 minutes')
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
  RETURNING id
$$;

CREATE FUNCTION notify_published_change(change bigint) RETURNS void LANGUAGE sql AS $$
  SELECT pg_notify('copp', json_build_object('topic', 'published.' || change)::text)
$$;

-- Puts a change in force and returns the new revision; other nodes hear of it.
CREATE FUNCTION published_accept(change bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  stale text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('published'));
  SELECT c.path INTO stale
  FROM published_change_file c LEFT JOIN published_file f USING (path)
  WHERE c.change_id = change AND c.base_version <> coalesce(f.version, 0) LIMIT 1;
  IF stale IS NOT NULL THEN
    RAISE EXCEPTION 'файл % уже изменил кто-то другой', stale USING ERRCODE = 'serialization_failure';
  END IF;
  DELETE FROM published_file f USING published_change_file c
  WHERE c.change_id = change AND c.path = f.path AND c.content IS NULL;
  INSERT INTO published_file (path, content, version, published_by)
  SELECT c.path, c.content, change, h.created_by
  FROM published_change_file c JOIN published_change h ON h.id = c.change_id
  WHERE c.change_id = change AND c.content IS NOT NULL
  ON CONFLICT (path) DO UPDATE SET content = excluded.content, version = excluded.version,
    published_at = now(), published_by = excluded.published_by;
  UPDATE published_change SET state = 'accepted', decided_at = now() WHERE id = change;
  PERFORM pg_notify('copp', '{"topic":"published"}');
  RETURN published_revision();
END $$;

CREATE FUNCTION published_refuse(change bigint, at_file text, at_line int, why text) RETURNS void LANGUAGE sql AS $$
  UPDATE published_change SET state = 'refused', file = nullif(at_file, ''), line = at_line, reason = why, decided_at = now()
  WHERE id = change AND state = 'checking';
  SELECT notify_published_change(change);
$$;

CREATE FUNCTION notify_publish() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('copp', '{"topic":"publish"}');
  RETURN NULL;
END $$;
CREATE TRIGGER published_change_asked AFTER INSERT ON published_change
  FOR EACH STATEMENT EXECUTE FUNCTION notify_publish();
