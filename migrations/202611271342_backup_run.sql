-- Why: backups by the clock: when, where, how large, and whether the archive was restored for a trial.
CREATE TABLE backup_run (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  path        text NOT NULL,
  state       text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'failed')),
  size_bytes  bigint,
  error       text,
  started_at  timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  verified_at timestamptz,
  verify_error text
);
CREATE INDEX backup_run_started_idx ON backup_run (started_at DESC);

-- Verification of the audit chain, by the clock and on demand.
CREATE TABLE audit_check (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  checked_at  timestamptz NOT NULL DEFAULT now(),
  checked     bigint NOT NULL,
  broken      bigint, -- first position that does not fit; NULL: whole
  asked_by    bigint REFERENCES user_account
);

CREATE INDEX job_state_idx ON job (state, id);
