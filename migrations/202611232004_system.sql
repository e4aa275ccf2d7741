-- Why: what the platform itself needs: jobs, mail, audit, outbox, decisions, idempotency.
CREATE TABLE job (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind             text NOT NULL,
  payload          jsonb NOT NULL DEFAULT '{}',
  unique_key       text,
  priority         int NOT NULL DEFAULT 100, -- lower runs first
  state            text NOT NULL DEFAULT 'queued'
                   CHECK (state IN ('queued', 'running', 'done', 'failed', 'dead', 'cancelled')),
  run_at           timestamptz NOT NULL DEFAULT now(),
  attempts         int NOT NULL DEFAULT 0,
  max_attempts     int NOT NULL DEFAULT 8,
  locked_by        text,
  locked_until     timestamptz, -- a lease: a dead worker's job is taken again
  progress         int NOT NULL DEFAULT 0,
  progress_total   int NOT NULL DEFAULT 0,
  progress_text    text,
  cancel_requested boolean NOT NULL DEFAULT false,
  result           jsonb,
  error            text,
  created_at       timestamptz NOT NULL DEFAULT now(),
  created_by       bigint REFERENCES user_account,
  finished_at      timestamptz
);
CREATE UNIQUE INDEX job_unique_key ON job (unique_key) WHERE state IN ('queued', 'running');
CREATE INDEX job_ready_idx ON job (priority, run_at, id) WHERE state IN ('queued', 'running');
CREATE INDEX job_finished_idx ON job (finished_at) WHERE finished_at IS NOT NULL;

CREATE FUNCTION notify_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('copp', '{"topic":"job"}');
  RETURN NULL;
END $$;
CREATE TRIGGER job_queued AFTER INSERT ON job FOR EACH STATEMENT EXECUTE FUNCTION notify_job();

CREATE TABLE mail_message (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind       text NOT NULL, -- template name
  to_address text NOT NULL,
  subject    text NOT NULL,
  body_text  text NOT NULL,
  body_html  text,
  state      text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'failed')),
  error      text,
  created_at timestamptz NOT NULL DEFAULT now(),
  sent_at    timestamptz
);
CREATE INDEX mail_message_queued_idx ON mail_message (id) WHERE state = 'queued';

-- Who did what. Writers never wait for each other: the hash chain is laid over the rows afterwards, in
-- audit_link, by a periodic job that appends rows in the order in which it sees them.
CREATE TABLE audit_event (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at         timestamptz NOT NULL DEFAULT now(),
  user_id    bigint REFERENCES user_account, -- NULL: the system itself
  grant_id   bigint,
  action     text NOT NULL, -- application.submit, user.login …
  entity     text,
  entity_id  bigint,
  diff       jsonb NOT NULL DEFAULT '{}', -- {"field": [old, new]}; special personal data masked
  reason     text,
  ip         inet,
  request_id text
);
CREATE INDEX audit_event_entity_idx ON audit_event (entity, entity_id, id);
CREATE INDEX audit_event_user_idx ON audit_event (user_id, id);
CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE ON audit_event
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE audit_link (
  position  bigint PRIMARY KEY,
  event_id  bigint NOT NULL UNIQUE REFERENCES audit_event,
  hash      char(64) NOT NULL -- sha256(previous hash || row as text)
);
CREATE TRIGGER audit_link_append_only BEFORE UPDATE OR DELETE ON audit_link
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION audit_row_hash(previous text, e audit_event) RETURNS char(64) LANGUAGE sql STABLE AS $$
  SELECT encode(sha256(convert_to(concat_ws('|', previous, e.id, extract(epoch FROM e.at), e.user_id, e.grant_id,
    e.action, e.entity, e.entity_id, e.diff::text, e.reason, host(e.ip), e.request_id), 'UTF8')), 'hex')
$$;

-- Extends the chain by at most `most` rows; returns how many. Only one sealer at a time.
CREATE FUNCTION audit_seal(most int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  event audit_event;
  last_position bigint;
  last_hash text;
  sealed int := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('audit_seal'));
  SELECT position, hash INTO last_position, last_hash FROM audit_link ORDER BY position DESC LIMIT 1;
  FOR event IN
    SELECT e.* FROM audit_event e
    WHERE NOT EXISTS (SELECT FROM audit_link l WHERE l.event_id = e.id)
      AND e.id > coalesce((SELECT max(event_id) FROM audit_link), 0) - 100000 -- late committers are near the end
    ORDER BY e.id LIMIT most
  LOOP
    last_position := coalesce(last_position, 0) + 1;
    last_hash := audit_row_hash(coalesce(last_hash, ''), event);
    INSERT INTO audit_link (position, event_id, hash) VALUES (last_position, event.id, last_hash);
    sealed := sealed + 1;
  END LOOP;
  RETURN sealed;
END $$;

-- NULL when the chain is whole, otherwise the first position that does not fit.
CREATE FUNCTION audit_verify() RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  link record;
  previous text := '';
  expected bigint := 1;
BEGIN
  FOR link IN SELECT l.position, l.hash, e FROM audit_link l JOIN audit_event e ON e.id = l.event_id ORDER BY l.position LOOP
    IF link.position <> expected OR link.hash <> audit_row_hash(previous, link.e) THEN RETURN expected; END IF;
    previous := link.hash;
    expected := expected + 1;
  END LOOP;
  RETURN NULL;
END $$;

CREATE TABLE outbox_event (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic         text NOT NULL, -- application.approved …
  key           text UNIQUE, -- makes an event happen once
  payload       jsonb NOT NULL DEFAULT '{}',
  created_at    timestamptz NOT NULL DEFAULT now(),
  dispatched_at timestamptz
);
CREATE INDEX outbox_event_new_idx ON outbox_event (id) WHERE dispatched_at IS NULL;

-- Each transition of each state machine: the timeline that people see and the answer to «Почему?».
CREATE TABLE workflow_event (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  machine     text NOT NULL,
  object_id   bigint NOT NULL,
  action      text NOT NULL,
  from_state  text NOT NULL,
  to_state    text NOT NULL,
  at          timestamptz NOT NULL DEFAULT now(),
  user_id     bigint REFERENCES user_account, -- NULL: system
  role        text NOT NULL,
  reason      text,
  decision    jsonb NOT NULL DEFAULT '{}' -- rule set, version, guards with verdicts
);
CREATE INDEX workflow_event_object_idx ON workflow_event (machine, object_id, id);
CREATE TRIGGER workflow_event_append_only BEFORE UPDATE OR DELETE ON workflow_event
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Claimed as the first statement of the first transaction of a request: a resend after a crash finds it.
CREATE TABLE idempotency_key (
  user_id    bigint NOT NULL,
  key        text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
  method     text NOT NULL,
  path       text NOT NULL,
  body_hash  char(64) NOT NULL,
  status     int, -- NULL: committed, answer not stored (the process died in between)
  body       text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_key_age_idx ON idempotency_key (created_at);

-- The secret address of a person's calendar; replaced by a new one when it leaks.
CREATE TABLE calendar_feed (
  user_id    bigint PRIMARY KEY REFERENCES user_account,
  token      text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now()
);
