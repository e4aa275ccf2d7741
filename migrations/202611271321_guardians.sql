-- Why: a guardian confirms the tie himself, acts for a child under 14 and consents for one of 14 to 17; consents are kept with
-- who gave them, how, and who wrote a paper one down.
ALTER TABLE guardian_link
  ADD COLUMN state text NOT NULL DEFAULT 'active' CHECK (state IN ('declared', 'requested', 'active', 'declined', 'revoked')),
  ADD COLUMN channel text NOT NULL DEFAULT 'web' CHECK (channel IN ('web', 'paper')), -- of the consent
  ADD COLUMN checked_at timestamptz, -- the staff has seen the paper
  ADD COLUMN checked_by bigint REFERENCES user_account,
  ADD COLUMN asked_email text,       -- where the request went
  ADD COLUMN asked_by text CHECK (asked_by IN ('minor', 'guardian')),
  ADD COLUMN token_hash char(64) UNIQUE,
  ADD COLUMN token_expires_at timestamptz,
  ADD COLUMN confirmed_at timestamptz,
  ADD COLUMN revoked_by bigint REFERENCES user_account,
  ADD COLUMN version int NOT NULL DEFAULT 1;
UPDATE guardian_link SET state = 'revoked' WHERE revoked_at IS NOT NULL;
ALTER TABLE guardian_link ADD CHECK ((revoked_at IS NOT NULL) = (state IN ('declined', 'revoked')));
CREATE INDEX guardian_link_guardian_idx ON guardian_link (guardian_id) WHERE revoked_at IS NULL;

ALTER TABLE consent
  ADD COLUMN given_by_user_id bigint REFERENCES user_account,
  ADD COLUMN withdrawn_by bigint REFERENCES user_account,
  ADD COLUMN file_id bigint REFERENCES file_object, -- scan of a paper
  ADD COLUMN created_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX consent_person_idx ON consent (person_id, id);
CREATE INDEX consent_file_idx ON consent (file_id) WHERE file_id IS NOT NULL;
