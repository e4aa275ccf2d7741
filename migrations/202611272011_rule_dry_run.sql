-- Why: before a rule is published a region sees on its own past what would have been decided otherwise. What was refused is kept for
-- that, too: a rule that lets more through shows only there.
CREATE TABLE workflow_refusal (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  machine    text NOT NULL,
  object_id  bigint NOT NULL,
  action     text NOT NULL,
  from_state text NOT NULL,
  code       text NOT NULL,
  at         timestamptz NOT NULL DEFAULT now(),
  user_id    bigint REFERENCES user_account,
  role       text NOT NULL,
  decision   jsonb NOT NULL,
  inputs     text
);
CREATE INDEX workflow_refusal_machine_idx ON workflow_refusal (machine, id);
CREATE INDEX workflow_refusal_at_idx ON workflow_refusal (at);
CREATE TRIGGER workflow_refusal_unchanged BEFORE UPDATE ON workflow_refusal FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE rule_dry_run (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  pack            text NOT NULL,
  organization_id bigint NOT NULL DEFAULT 0,
  set_hash        text NOT NULL REFERENCES rule_set,
  since           timestamptz NOT NULL,
  state           text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'cancelled', 'failed')),
  error           text,
  created_at      timestamptz NOT NULL DEFAULT now(),
  created_by      bigint REFERENCES user_account,
  finished_at     timestamptz
);
CREATE INDEX rule_dry_run_pack_idx ON rule_dry_run (pack, organization_id, id DESC);

-- The past is parted by number; several jobs take the parts, so that all cores have work. A part may be run twice: it begins anew.
CREATE TABLE rule_dry_span (
  dry_run_id bigint NOT NULL REFERENCES rule_dry_run ON DELETE CASCADE,
  number     int NOT NULL,
  source     text NOT NULL CHECK (source IN ('event', 'refusal')),
  first_id   bigint NOT NULL,
  last_id    bigint NOT NULL,
  reached_id bigint NOT NULL, -- up to here it is done
  done       bigint NOT NULL DEFAULT 0,
  differ     bigint NOT NULL DEFAULT 0,
  unknown    bigint NOT NULL DEFAULT 0, -- what the new rule asks was not recorded
  is_over    boolean NOT NULL DEFAULT false,
  PRIMARY KEY (dry_run_id, number)
);

CREATE TABLE rule_dry_case (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  dry_run_id bigint NOT NULL REFERENCES rule_dry_run ON DELETE CASCADE,
  source     text NOT NULL CHECK (source IN ('event', 'refusal')),
  source_id  bigint NOT NULL,
  object_id  bigint NOT NULL,
  at         timestamptz NOT NULL,
  action     text NOT NULL,
  from_state text NOT NULL,
  before     jsonb NOT NULL, -- {to} or {refused, guard, text}
  after      jsonb NOT NULL,
  file       text,
  line       int,
  is_unsure  boolean NOT NULL DEFAULT false, -- what it asks was not recorded
  UNIQUE (dry_run_id, source, source_id)     -- a span may be run twice
);
CREATE INDEX rule_dry_case_run_idx ON rule_dry_case (dry_run_id, id);

-- What the guards were given, as JSON. A dry run reads a million of them: as text of its own it costs PostgreSQL a tenth of what it
-- costs to take it out of the decision.
ALTER TABLE workflow_event ADD COLUMN inputs text;
