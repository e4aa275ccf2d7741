-- Why: a person may have his data corrected by the staff, or ask to be forgotten. A wish to be forgotten rests for some days, so
-- that it can be taken back; then a job carries it out.
CREATE TABLE data_request (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  public_id  uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
  kind       text NOT NULL CHECK (kind IN ('correction', 'erasure')),
  person_id  bigint NOT NULL REFERENCES person,
  user_id    bigint NOT NULL REFERENCES user_account,
  text       text,
  file_id    bigint REFERENCES file_object,
  state      text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'rejected', 'cancelled')),
  due_at     timestamptz NOT NULL, -- answer by; of an erasure: not before
  reason     text,
  decided_at timestamptz,
  decided_by bigint REFERENCES user_account, -- NULL: by the job
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX data_request_erasure_key ON data_request (person_id) WHERE kind = 'erasure' AND state = 'pending';
CREATE INDEX data_request_state_idx ON data_request (state, due_at, id);
CREATE INDEX data_request_person_idx ON data_request (person_id, id);
CREATE INDEX data_request_file_idx ON data_request (file_id) WHERE file_id IS NOT NULL;
