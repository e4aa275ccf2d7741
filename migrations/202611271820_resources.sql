-- Why: partners keep their own sites, rooms, teachers, equipment, software and stock; the staff looks after them. All kinds go through
-- the states of one machine (`resource`), carry the same columns for it, and differ in what they say of themselves.

ALTER TABLE site
  ADD COLUMN state text NOT NULL DEFAULT 'active' CHECK (state IN ('draft', 'moderation', 'active', 'maintenance', 'rejected', 'archived')),
  ADD COLUMN access_note text,  -- how people with disabilities get in
  ADD COLUMN reason text,       -- why it was returned or taken out of work
  ADD COLUMN held_until date,   -- out of work up to this day, as far as it is known
  ADD COLUMN note text;
UPDATE site SET state = 'archived' WHERE archived_at IS NOT NULL;
CREATE FUNCTION site_archived() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.archived_at := CASE WHEN NEW.state = 'archived' THEN coalesce(NEW.archived_at, now()) END;
  RETURN NEW;
END $$;
CREATE TRIGGER site_archived BEFORE INSERT OR UPDATE OF state ON site FOR EACH ROW EXECUTE FUNCTION site_archived();

ALTER TABLE room
  ADD COLUMN accreditation_no text,     -- as a centre of demonstration exams
  ADD COLUMN accreditation_until date,
  ADD COLUMN accreditation_kits text,   -- sets of assessment documents it is good for
  ADD COLUMN grant_year int CHECK (grant_year BETWEEN 2000 AND 2100),
  ADD COLUMN reason text, ADD COLUMN held_until date, ADD COLUMN note text;

ALTER TABLE equipment
  ADD COLUMN kind text NOT NULL DEFAULT 'equipment' CHECK (kind IN ('equipment', 'tool')),
  ADD COLUMN serial_no text,
  ADD COLUMN commissioned_on date,
  ADD COLUMN competences text[] NOT NULL DEFAULT '{}',
  ADD COLUMN reason text, ADD COLUMN held_until date, ADD COLUMN note text;
CREATE INDEX equipment_room_idx ON equipment (room_id);

ALTER TABLE staff_resource
  ADD COLUMN degree text,              -- academic degree
  ADD COLUMN category text,            -- qualification category
  ADD COLUMN education text,
  ADD COLUMN prof_years int CHECK (prof_years BETWEEN 0 AND 80),
  ADD COLUMN teaching_years int CHECK (teaching_years BETWEEN 0 AND 80),
  ADD COLUMN expert_status text CHECK (expert_status IN ('chief', 'industrial', 'demo_exam')),
  ADD COLUMN expert_until date,
  ADD COLUMN reason text, ADD COLUMN held_until date, ADD COLUMN note text,
  ADD CHECK (max_hours_per_day BETWEEN 1 AND 12), ADD CHECK (max_hours_per_week BETWEEN 1 AND 60);
CREATE INDEX staff_resource_person_idx ON staff_resource (person_id);

-- When a teacher can be asked; without rows: any time.
CREATE TABLE staff_availability (
  staff_id bigint NOT NULL REFERENCES staff_resource ON DELETE CASCADE,
  weekday  int NOT NULL CHECK (weekday BETWEEN 1 AND 7),
  starts   time NOT NULL,
  ends     time NOT NULL CHECK (ends > starts),
  PRIMARY KEY (staff_id, weekday, starts)
);

-- Training of teachers: every three years.
CREATE TABLE staff_qualification (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  staff_id  bigint NOT NULL REFERENCES staff_resource ON DELETE CASCADE,
  title     text NOT NULL CHECK (title <> ''),
  number    text,
  hours     int CHECK (hours > 0),
  issued_on date NOT NULL,
  valid_to  date CHECK (valid_to >= issued_on),
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by bigint REFERENCES user_account
);
CREATE INDEX staff_qualification_idx ON staff_qualification (staff_id, issued_on);

-- Minutes on the way between two sites, the same in both directions.
CREATE TABLE site_travel (
  site_a  bigint NOT NULL REFERENCES site ON DELETE CASCADE,
  site_b  bigint NOT NULL REFERENCES site ON DELETE CASCADE,
  minutes int NOT NULL CHECK (minutes BETWEEN 1 AND 600),
  PRIMARY KEY (site_a, site_b),
  CHECK (site_a < site_b)
);
CREATE INDEX site_travel_b_idx ON site_travel (site_b);

-- Counted things are resources under the same key; how many there are stands in resource.capacity.
CREATE FUNCTION make_counted_resource() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO resource (kind, exclusive, capacity) VALUES (TG_ARGV[0], false, 1) RETURNING id INTO NEW.id;
  RETURN NEW;
END $$;
CREATE TRIGGER equipment_resource BEFORE INSERT ON equipment FOR EACH ROW WHEN (NEW.id IS NULL)
  EXECUTE FUNCTION make_counted_resource('equipment');

-- Units with inventory numbers: where they are kept, the quantity of the card is how many of them are at work.
CREATE TABLE equipment_unit (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  equipment_id bigint NOT NULL REFERENCES equipment ON DELETE CASCADE,
  inventory_no text NOT NULL CHECK (inventory_no <> ''),
  serial_no    text,
  state        text NOT NULL DEFAULT 'works' CHECK (state IN ('works', 'repair', 'gone')),
  created_at   timestamptz NOT NULL DEFAULT now(),
  created_by   bigint REFERENCES user_account,
  UNIQUE (equipment_id, inventory_no)
);

CREATE TABLE software (
  id              bigint PRIMARY KEY REFERENCES resource,
  organization_id bigint NOT NULL REFERENCES organization,
  name            text NOT NULL CHECK (name <> ''),
  vendor          text,
  edition         text,
  licence_kind    text NOT NULL DEFAULT 'perpetual' CHECK (licence_kind IN ('perpetual', 'subscription', 'free')),
  licence_no      text,
  valid_to        date,
  is_registered   boolean NOT NULL DEFAULT false, -- in the register of Russian software
  state           text NOT NULL DEFAULT 'active' CHECK (state IN ('draft', 'moderation', 'active', 'maintenance', 'rejected', 'archived')),
  reason          text, held_until date, note text,
  version         int NOT NULL DEFAULT 1,
  created_at      timestamptz NOT NULL DEFAULT now(),
  created_by      bigint REFERENCES user_account,
  updated_at      timestamptz NOT NULL DEFAULT now(),
  updated_by      bigint REFERENCES user_account
);
CREATE TRIGGER software_version BEFORE UPDATE ON software FOR EACH ROW EXECUTE FUNCTION bump_version();
CREATE TRIGGER software_resource BEFORE INSERT ON software FOR EACH ROW WHEN (NEW.id IS NULL)
  EXECUTE FUNCTION make_counted_resource('software');

CREATE TABLE software_room (
  software_id bigint NOT NULL REFERENCES software ON DELETE CASCADE,
  room_id     bigint NOT NULL REFERENCES room,
  PRIMARY KEY (software_id, room_id)
);
CREATE INDEX software_room_room_idx ON software_room (room_id);

CREATE TABLE consumable (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organization_id  bigint NOT NULL REFERENCES organization,
  site_id          bigint REFERENCES site, -- where it lies
  name             text NOT NULL CHECK (name <> ''),
  unit             text NOT NULL CHECK (unit <> ''),
  on_hand          numeric(14,3) NOT NULL DEFAULT 0 CONSTRAINT consumable_on_hand CHECK (on_hand >= 0), -- sum of the moves
  min_stock        numeric(14,3) NOT NULL DEFAULT 0 CHECK (min_stock >= 0),
  norm_per_learner numeric(14,3) CHECK (norm_per_learner >= 0),
  competences      text[] NOT NULL DEFAULT '{}',
  state            text NOT NULL DEFAULT 'active' CHECK (state IN ('draft', 'moderation', 'active', 'maintenance', 'rejected', 'archived')),
  reason           text, held_until date, note text,
  version          int NOT NULL DEFAULT 1,
  created_at       timestamptz NOT NULL DEFAULT now(),
  created_by       bigint REFERENCES user_account,
  updated_at       timestamptz NOT NULL DEFAULT now(),
  updated_by       bigint REFERENCES user_account
);
CREATE TRIGGER consumable_version BEFORE UPDATE ON consumable FOR EACH ROW EXECUTE FUNCTION bump_version();

CREATE TABLE consumable_move (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  consumable_id bigint NOT NULL REFERENCES consumable,
  kind          text NOT NULL CHECK (kind IN ('in', 'out', 'write_off')),
  qty           numeric(14,3) NOT NULL CHECK (qty > 0),
  moved_on      date NOT NULL DEFAULT current_date,
  lesson_id     bigint REFERENCES lesson,
  note          text,
  created_at    timestamptz NOT NULL DEFAULT now(),
  created_by    bigint REFERENCES user_account
);
CREATE INDEX consumable_move_idx ON consumable_move (consumable_id, id);
CREATE INDEX consumable_move_lesson_idx ON consumable_move (lesson_id) WHERE lesson_id IS NOT NULL;
-- Moves are what happened: a mistake is mended by a counter-move.
CREATE TRIGGER consumable_move_append_only BEFORE UPDATE OR DELETE ON consumable_move FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE FUNCTION count_consumable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE consumable SET on_hand = on_hand + CASE NEW.kind WHEN 'in' THEN NEW.qty ELSE -NEW.qty END WHERE id = NEW.consumable_id;
  RETURN NULL;
END $$;
CREATE TRIGGER consumable_move_counted AFTER INSERT ON consumable_move FOR EACH ROW EXECUTE FUNCTION count_consumable();

-- Systems, conference licences, stands: with places at a time where it has them.
CREATE TABLE ict_resource (
  id              bigint PRIMARY KEY REFERENCES resource,
  organization_id bigint NOT NULL REFERENCES organization,
  kind            text NOT NULL CHECK (kind IN ('lms', 'conference', 'vr', 'stand', 'licence', 'service')),
  name            text NOT NULL CHECK (name <> ''),
  url             text,
  valid_to        date,
  state           text NOT NULL DEFAULT 'active' CHECK (state IN ('draft', 'moderation', 'active', 'maintenance', 'rejected', 'archived')),
  reason          text, held_until date, note text,
  version         int NOT NULL DEFAULT 1,
  created_at      timestamptz NOT NULL DEFAULT now(),
  created_by      bigint REFERENCES user_account,
  updated_at      timestamptz NOT NULL DEFAULT now(),
  updated_by      bigint REFERENCES user_account
);
CREATE TRIGGER ict_resource_version BEFORE UPDATE ON ict_resource FOR EACH ROW EXECUTE FUNCTION bump_version();
CREATE TRIGGER ict_resource_resource BEFORE INSERT ON ict_resource FOR EACH ROW WHEN (NEW.id IS NULL)
  EXECUTE FUNCTION make_counted_resource('licence');

CREATE TABLE info_resource (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organization_id bigint NOT NULL REFERENCES organization,
  kind            text NOT NULL CHECK (kind IN ('act', 'method', 'database', 'link')),
  name            text NOT NULL CHECK (name <> ''),
  url             text,
  valid_to        date,
  competences     text[] NOT NULL DEFAULT '{}',
  state           text NOT NULL DEFAULT 'active' CHECK (state IN ('draft', 'moderation', 'active', 'maintenance', 'rejected', 'archived')),
  reason          text, held_until date, note text,
  version         int NOT NULL DEFAULT 1,
  created_at      timestamptz NOT NULL DEFAULT now(),
  created_by      bigint REFERENCES user_account,
  updated_at      timestamptz NOT NULL DEFAULT now(),
  updated_by      bigint REFERENCES user_account
);
CREATE TRIGGER info_resource_version BEFORE UPDATE ON info_resource FOR EACH ROW EXECUTE FUNCTION bump_version();

-- Pictures of a card; `entity` is the table of the card.
CREATE TABLE resource_photo (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  entity     text NOT NULL CHECK (entity IN ('site', 'room', 'equipment', 'software', 'consumable', 'ict_resource', 'info_resource', 'staff_resource')),
  object_id  bigint NOT NULL,
  file_id    bigint NOT NULL REFERENCES file_object,
  caption    text,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by bigint REFERENCES user_account
);
CREATE INDEX resource_photo_idx ON resource_photo (entity, object_id, id);
CREATE INDEX resource_photo_file_idx ON resource_photo (file_id);

-- Lists: by name, of an organisation, with a part of the name.
CREATE INDEX site_name_idx ON site (name COLLATE ru, id);
CREATE INDEX room_name_idx ON room (name COLLATE ru, id);
CREATE INDEX equipment_name_idx ON equipment (name COLLATE ru, id);
CREATE INDEX software_name_idx ON software (name COLLATE ru, id);
CREATE INDEX consumable_name_idx ON consumable (name COLLATE ru, id);
CREATE INDEX ict_resource_name_idx ON ict_resource (name COLLATE ru, id);
CREATE INDEX info_resource_name_idx ON info_resource (name COLLATE ru, id);
CREATE INDEX software_organization_idx ON software (organization_id);
CREATE INDEX consumable_organization_idx ON consumable (organization_id);
CREATE INDEX ict_resource_organization_idx ON ict_resource (organization_id);
CREATE INDEX info_resource_organization_idx ON info_resource (organization_id);
CREATE INDEX room_search_idx ON room USING gin (fold(name || ' ' || number) gin_trgm_ops);
CREATE INDEX equipment_search_idx ON equipment USING gin (fold(name || ' ' || coalesce(model, '') || ' ' || coalesce(inventory_no, '')) gin_trgm_ops);
CREATE INDEX room_competence_idx ON room (competence) WHERE competence IS NOT NULL;
