-- Why: a citizen's application and what hangs on it. The states are those of the workflow in lua/rules.
CREATE SEQUENCE application_number;

CREATE TABLE application (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  public_id        uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
  number           text NOT NULL UNIQUE -- 2026-01861
                   DEFAULT to_char(now(), 'YYYY') || '-' || to_char(nextval('application_number'), 'FM99999999900000'),
  person_id        bigint NOT NULL REFERENCES person,
  program_id       bigint NOT NULL REFERENCES program,
  intake_id        bigint NOT NULL REFERENCES intake,
  organization_id  bigint NOT NULL REFERENCES organization, -- deliverer of the intake: partners see theirs
  group_id         bigint,
  source           text NOT NULL DEFAULT 'citizen' CHECK (source IN ('citizen', 'staff', 'bulk', 'import')),
  channel          text NOT NULL DEFAULT 'web',
  funding          text,
  citizen_category text,
  comment          text, -- the applicant's own words
  state            text NOT NULL DEFAULT 'draft',
  reason           text, -- of the last refusal or withdrawal, shown to the applicant
  responsible_id   bigint REFERENCES user_account,
  submitted_at     timestamptz,
  sla_due_at       timestamptz, -- NULL while the clock is stopped
  docs_due_on      date, -- until when the applicant must send the documents asked
  waiting_since    timestamptz, -- order of the waiting list
  decided_at       timestamptz,
  decided_by       bigint REFERENCES user_account,
  version          int NOT NULL DEFAULT 1,
  created_at       timestamptz NOT NULL DEFAULT now(),
  created_by       bigint REFERENCES user_account,
  updated_at       timestamptz NOT NULL DEFAULT now(),
  updated_by       bigint REFERENCES user_account
);
-- A person has one application in the works for an intake. Drafts do not count: nothing was filed.
CREATE UNIQUE INDEX application_active_key ON application (person_id, intake_id)
  WHERE state NOT IN ('draft', 'completed', 'expelled', 'rejected', 'withdrawn', 'expired');
CREATE INDEX application_person_idx ON application (person_id, id);
CREATE INDEX application_state_idx ON application (state, id);
CREATE INDEX application_intake_idx ON application (intake_id, state, waiting_since);
CREATE INDEX application_organization_idx ON application (organization_id, id);
CREATE INDEX application_responsible_idx ON application (responsible_id, id) WHERE responsible_id IS NOT NULL;
CREATE INDEX application_program_idx ON application (program_id, id);
CREATE INDEX application_sla_idx ON application (sla_due_at, id) WHERE sla_due_at IS NOT NULL;
CREATE INDEX application_group_idx ON application (group_id) WHERE group_id IS NOT NULL;
CREATE INDEX application_submitted_idx ON application (submitted_at, id);
CREATE TRIGGER application_version BEFORE UPDATE ON application FOR EACH ROW EXECUTE FUNCTION bump_version();

-- Free places are read on every card of the catalogue, hence counted when they change. More may be approved
-- than there are places (some will not come); the seats of a group are what cannot be sold twice.
CREATE FUNCTION application_holds_place(state text) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT state IN ('approved', 'enrolled', 'studying', 'completed') $$;
CREATE FUNCTION count_intake_places() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND application_holds_place(OLD.state)
     AND (TG_OP = 'DELETE' OR NOT application_holds_place(NEW.state) OR NEW.intake_id <> OLD.intake_id) THEN
    UPDATE intake SET taken = taken - 1 WHERE id = OLD.intake_id;
  END IF;
  IF TG_OP <> 'DELETE' AND application_holds_place(NEW.state)
     AND (TG_OP = 'INSERT' OR NOT application_holds_place(OLD.state) OR NEW.intake_id <> OLD.intake_id) THEN
    UPDATE intake SET taken = taken + 1 WHERE id = NEW.intake_id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER application_places AFTER INSERT OR DELETE OR UPDATE OF state, intake_id ON application
  FOR EACH ROW EXECUTE FUNCTION count_intake_places();

CREATE TABLE application_document (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  application_id bigint NOT NULL REFERENCES application ON DELETE CASCADE,
  kind           text NOT NULL, -- ref_book application_document
  title          text NOT NULL,
  is_required    boolean NOT NULL DEFAULT true,
  file_id        bigint REFERENCES file_object, -- NULL: asked for, not yet sent
  state          text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'new', 'rejected', 'confirmed', 'expired')),
  comment        text, -- what is wrong with it, for the applicant
  version        int NOT NULL DEFAULT 1,
  created_at     timestamptz NOT NULL DEFAULT now(),
  created_by     bigint REFERENCES user_account,
  updated_at     timestamptz NOT NULL DEFAULT now(),
  updated_by     bigint REFERENCES user_account,
  CHECK ((state = 'asked') = (file_id IS NULL))
);
CREATE INDEX application_document_idx ON application_document (application_id, id);
CREATE TRIGGER application_document_version BEFORE UPDATE ON application_document
  FOR EACH ROW EXECUTE FUNCTION bump_version();

-- A comment to the applicant and an internal note are different things.
CREATE TABLE application_note (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  application_id bigint NOT NULL REFERENCES application ON DELETE CASCADE,
  is_internal    boolean NOT NULL,
  text           text NOT NULL CHECK (text <> ''),
  created_at     timestamptz NOT NULL DEFAULT now(),
  created_by     bigint REFERENCES user_account
);
CREATE INDEX application_note_idx ON application_note (application_id, id);
