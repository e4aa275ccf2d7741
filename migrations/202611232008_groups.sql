-- Why: enrolment happens only through an order. Seats of a group are guarded by a check, so that fifty clerks
-- cannot sell the last one twice.
CREATE TABLE study_group (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code            text NOT NULL, -- СВ-1
  program_id      bigint NOT NULL REFERENCES program,
  version_id      bigint NOT NULL REFERENCES program_version,
  intake_id       bigint REFERENCES intake,
  organization_id bigint NOT NULL REFERENCES organization, -- who delivers
  site_id         bigint NOT NULL REFERENCES site, -- its home: bells and zone of new lessons
  curator_id      bigint REFERENCES user_account,
  starts_on       date NOT NULL,
  ends_on         date NOT NULL,
  shift           int NOT NULL DEFAULT 1,
  study_form      text NOT NULL DEFAULT 'full',
  capacity_min    int NOT NULL DEFAULT 1 CHECK (capacity_min >= 0),
  capacity_max    int NOT NULL CHECK (capacity_max > 0),
  seats_taken     int NOT NULL DEFAULT 0, -- kept by a trigger on enrollment
  state           text NOT NULL DEFAULT 'planned'
                  CHECK (state IN ('planned', 'recruiting', 'formed', 'studying', 'attestation', 'completed', 'closed', 'cancelled')),
  resource_id     bigint NOT NULL UNIQUE REFERENCES resource,
  version         int NOT NULL DEFAULT 1,
  created_at      timestamptz NOT NULL DEFAULT now(),
  created_by      bigint REFERENCES user_account,
  updated_at      timestamptz NOT NULL DEFAULT now(),
  updated_by      bigint REFERENCES user_account,
  CHECK (ends_on >= starts_on),
  CHECK (capacity_min <= capacity_max),
  CONSTRAINT study_group_seats CHECK (seats_taken <= capacity_max)
);
CREATE UNIQUE INDEX study_group_code_key ON study_group (organization_id, code) WHERE state <> 'cancelled';
CREATE INDEX study_group_state_idx ON study_group (state, starts_on, id);
CREATE INDEX study_group_program_idx ON study_group (program_id);
CREATE INDEX study_group_intake_idx ON study_group (intake_id);
CREATE INDEX study_group_organization_idx ON study_group (organization_id, id);
CREATE INDEX study_group_start_idx ON study_group (starts_on, id);
CREATE TRIGGER study_group_version BEFORE UPDATE ON study_group FOR EACH ROW EXECUTE FUNCTION bump_version();
ALTER TABLE application ADD FOREIGN KEY (group_id) REFERENCES study_group;

CREATE TABLE subgroup (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  group_id    bigint NOT NULL REFERENCES study_group,
  name        text NOT NULL,
  resource_id bigint NOT NULL UNIQUE REFERENCES resource,
  UNIQUE (group_id, name)
);

CREATE FUNCTION make_group_resource() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO resource (kind) VALUES (TG_ARGV[0]) RETURNING id INTO NEW.resource_id;
  RETURN NEW;
END $$;
CREATE TRIGGER study_group_resource BEFORE INSERT ON study_group
  FOR EACH ROW WHEN (NEW.resource_id IS NULL) EXECUTE FUNCTION make_group_resource('group');
CREATE TRIGGER subgroup_resource BEFORE INSERT ON subgroup
  FOR EACH ROW WHEN (NEW.resource_id IS NULL) EXECUTE FUNCTION make_group_resource('subgroup');

CREATE TABLE order_doc (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  public_id       uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
  kind            text NOT NULL, -- ref_book order_kind
  organization_id bigint NOT NULL REFERENCES organization, -- whose order it is
  journal         text NOT NULL DEFAULT 'contingent',
  group_id        bigint REFERENCES study_group,
  number          text, -- 15-з; given at registration
  dated_on        date,
  year            int GENERATED ALWAYS AS (date_part('year', dated_on)::int) STORED,
  effective_on    date NOT NULL, -- from when its persons are enrolled, expelled …
  title           text NOT NULL,
  basis_text      text NOT NULL DEFAULT '',
  body            jsonb NOT NULL DEFAULT '{}',
  state           text NOT NULL DEFAULT 'draft'
                  CHECK (state IN ('draft', 'on_sign', 'signed', 'registered', 'rejected', 'annulled')),
  reason          text, -- of the last return
  signatory_id    bigint REFERENCES user_account,
  signed_at       timestamptz,
  registered_at   timestamptz,
  supersedes_id   bigint REFERENCES order_doc,
  version         int NOT NULL DEFAULT 1,
  created_at      timestamptz NOT NULL DEFAULT now(),
  created_by      bigint REFERENCES user_account,
  updated_at      timestamptz NOT NULL DEFAULT now(),
  updated_by      bigint REFERENCES user_account,
  CHECK (state <> 'registered' OR (number IS NOT NULL AND dated_on IS NOT NULL)),
  CONSTRAINT order_doc_dates CHECK (dated_on <= effective_on)
);
CREATE UNIQUE INDEX order_doc_number_key ON order_doc (organization_id, journal, year, number) WHERE number IS NOT NULL;
CREATE INDEX order_doc_group_idx ON order_doc (group_id);
CREATE INDEX order_doc_state_idx ON order_doc (state, id);
CREATE TRIGGER order_doc_version BEFORE UPDATE ON order_doc FOR EACH ROW EXECUTE FUNCTION bump_version();
-- Orders are never deleted, only replaced by new ones.
CREATE TRIGGER order_doc_kept BEFORE DELETE ON order_doc FOR EACH ROW WHEN (OLD.state <> 'draft')
  EXECUTE FUNCTION refuse_change();

CREATE TABLE enrollment (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  group_id         bigint NOT NULL REFERENCES study_group,
  subgroup_id      bigint REFERENCES subgroup,
  person_id        bigint NOT NULL REFERENCES person,
  application_id   bigint REFERENCES application,
  order_in_id      bigint NOT NULL REFERENCES order_doc, -- enrolment exists only through an order
  order_out_id     bigint REFERENCES order_doc,
  funding          text, -- of the learner, not of the group
  individual_plan  boolean NOT NULL DEFAULT false,
  enrolled_on      date NOT NULL,
  left_on          date,
  state            text NOT NULL DEFAULT 'enrolled'
                   CHECK (state IN ('enrolled', 'studying', 'admitted', 'passed', 'failed', 'graduated', 'expelled', 'transferred')),
  final_mark       text,
  version          int NOT NULL DEFAULT 1,
  created_at       timestamptz NOT NULL DEFAULT now(),
  created_by       bigint REFERENCES user_account,
  updated_at       timestamptz NOT NULL DEFAULT now(),
  updated_by       bigint REFERENCES user_account
);
CREATE UNIQUE INDEX enrollment_active_key ON enrollment (group_id, person_id) WHERE state NOT IN ('expelled', 'transferred');
CREATE UNIQUE INDEX enrollment_application_key ON enrollment (application_id) WHERE state NOT IN ('expelled', 'transferred');
CREATE INDEX enrollment_person_idx ON enrollment (person_id, id);
-- A journal and its roll take everybody who ever was in the group: the partial key above does not serve them.
CREATE INDEX enrollment_group_idx ON enrollment (group_id, person_id);
CREATE TRIGGER enrollment_version BEFORE UPDATE ON enrollment FOR EACH ROW EXECUTE FUNCTION bump_version();

CREATE FUNCTION enrollment_holds_seat(state text) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT state NOT IN ('expelled', 'transferred') $$;
CREATE FUNCTION count_group_seats() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND enrollment_holds_seat(OLD.state)
     AND (TG_OP = 'DELETE' OR NOT enrollment_holds_seat(NEW.state) OR NEW.group_id <> OLD.group_id) THEN
    UPDATE study_group SET seats_taken = seats_taken - 1 WHERE id = OLD.group_id;
  END IF;
  IF TG_OP <> 'DELETE' AND enrollment_holds_seat(NEW.state)
     AND (TG_OP = 'INSERT' OR NOT enrollment_holds_seat(OLD.state) OR NEW.group_id <> OLD.group_id) THEN
    UPDATE study_group SET seats_taken = seats_taken + 1 WHERE id = NEW.group_id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER enrollment_seats AFTER INSERT OR DELETE OR UPDATE OF state, group_id ON enrollment
  FOR EACH ROW EXECUTE FUNCTION count_group_seats();

CREATE TABLE order_line (
  order_id       bigint NOT NULL REFERENCES order_doc ON DELETE CASCADE,
  position       int NOT NULL, -- alphabetical, Ё with Е
  person_id      bigint NOT NULL REFERENCES person,
  application_id bigint REFERENCES application,
  enrollment_id  bigint REFERENCES enrollment, -- made when the order takes effect, or the one it ends
  full_name      text NOT NULL, -- as it was when the order was made
  act            text NOT NULL DEFAULT 'in' CHECK (act IN ('in', 'out')), -- enters the group or leaves it
  note           text,
  PRIMARY KEY (order_id, position),
  UNIQUE (order_id, person_id)
);
CREATE INDEX order_line_application_idx ON order_line (application_id);
