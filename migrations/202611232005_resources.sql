-- Why: whatever can be busy is a resource: a room, a person, a group, a subgroup, a set of equipment. Bookings
-- point at resources only, so one constraint guards them all.
CREATE TABLE resource (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind            text NOT NULL CHECK (kind IN ('room', 'equipment', 'person', 'group', 'subgroup', 'software', 'licence')),
  exclusive       boolean NOT NULL DEFAULT true, -- false: counted, several users at a time up to capacity
  capacity        int NOT NULL DEFAULT 1 CHECK (capacity >= 0),
  CHECK (NOT exclusive OR capacity = 1)
);

CREATE TABLE site (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organization_id bigint NOT NULL REFERENCES organization,
  name            text NOT NULL,
  address         text NOT NULL,
  latitude        numeric(9,6),
  longitude       numeric(9,6),
  zone            text NOT NULL, -- IANA name; lessons here are in this local time
  is_accessible   boolean NOT NULL DEFAULT false,
  opens           time NOT NULL DEFAULT '08:00',
  closes          time NOT NULL DEFAULT '21:30',
  works_saturday  boolean NOT NULL DEFAULT true,
  archived_at     timestamptz,
  version         int NOT NULL DEFAULT 1,
  created_at      timestamptz NOT NULL DEFAULT now(),
  created_by      bigint REFERENCES user_account,
  updated_at      timestamptz NOT NULL DEFAULT now(),
  updated_by      bigint REFERENCES user_account
);
CREATE INDEX site_organization_idx ON site (organization_id);
CREATE TRIGGER site_version BEFORE UPDATE ON site FOR EACH ROW EXECUTE FUNCTION bump_version();

CREATE FUNCTION zone_is_known() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM now() AT TIME ZONE NEW.zone; -- raises for an unknown name
  RETURN NEW;
END $$;
CREATE TRIGGER site_zone BEFORE INSERT OR UPDATE OF zone ON site FOR EACH ROW EXECUTE FUNCTION zone_is_known();

-- Bell grid of a site by shift; a pair is two academic hours of 45 minutes.
CREATE TABLE bell_schedule (
  site_id bigint NOT NULL REFERENCES site ON DELETE CASCADE,
  shift   int NOT NULL DEFAULT 1,
  pair_no int NOT NULL CHECK (pair_no BETWEEN 1 AND 12),
  starts  time NOT NULL,
  ends    time NOT NULL CHECK (ends > starts),
  PRIMARY KEY (site_id, shift, pair_no)
);

CREATE TABLE room (
  id              bigint PRIMARY KEY REFERENCES resource,
  organization_id bigint NOT NULL REFERENCES organization,
  site_id         bigint NOT NULL REFERENCES site,
  kind            text NOT NULL DEFAULT 'classroom' CHECK (kind IN ('classroom', 'lab', 'workshop', 'hall', 'computer')),
  number          text NOT NULL,
  name            text NOT NULL,
  competence      text, -- ref_item code of book competence, for a workshop
  area_m2         numeric(7,1),
  seats           int NOT NULL CHECK (seats > 0),
  workplaces      int NOT NULL DEFAULT 0,
  state           text NOT NULL DEFAULT 'active' CHECK (state IN ('draft', 'moderation', 'active', 'maintenance', 'rejected', 'archived')),
  version         int NOT NULL DEFAULT 1,
  created_at      timestamptz NOT NULL DEFAULT now(),
  created_by      bigint REFERENCES user_account,
  updated_at      timestamptz NOT NULL DEFAULT now(),
  updated_by      bigint REFERENCES user_account,
  UNIQUE (site_id, number)
);
CREATE INDEX room_organization_idx ON room (organization_id);
CREATE TRIGGER room_version BEFORE UPDATE ON room FOR EACH ROW EXECUTE FUNCTION bump_version();

-- Counted things of a room: twelve welding posts are one row with qty 12.
CREATE TABLE equipment (
  id              bigint PRIMARY KEY REFERENCES resource,
  organization_id bigint NOT NULL REFERENCES organization,
  room_id         bigint REFERENCES room,
  name            text NOT NULL,
  model           text,
  inventory_no    text,
  state           text NOT NULL DEFAULT 'active' CHECK (state IN ('draft', 'moderation', 'active', 'maintenance', 'rejected', 'archived')),
  verification_due date,
  version         int NOT NULL DEFAULT 1,
  created_at      timestamptz NOT NULL DEFAULT now(),
  created_by      bigint REFERENCES user_account,
  updated_at      timestamptz NOT NULL DEFAULT now(),
  updated_by      bigint REFERENCES user_account
);
CREATE INDEX equipment_organization_idx ON equipment (organization_id);
CREATE TRIGGER equipment_version BEFORE UPDATE ON equipment FOR EACH ROW EXECUTE FUNCTION bump_version();

-- The post of a person in an organisation. One person in several organisations has several cards and is still
-- one person for bookings.
CREATE TABLE staff_resource (
  id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person_id          bigint NOT NULL REFERENCES person,
  organization_id    bigint NOT NULL REFERENCES organization,
  post               text NOT NULL,
  employment         text NOT NULL DEFAULT 'main' CHECK (employment IN ('main', 'part_time', 'gph')),
  competences        text[] NOT NULL DEFAULT '{}',
  max_hours_per_day  int NOT NULL DEFAULT 8,
  max_hours_per_week int NOT NULL DEFAULT 36,
  contract_until     date,
  state              text NOT NULL DEFAULT 'active' CHECK (state IN ('draft', 'moderation', 'active', 'maintenance', 'rejected', 'archived')),
  version            int NOT NULL DEFAULT 1,
  created_at         timestamptz NOT NULL DEFAULT now(),
  created_by         bigint REFERENCES user_account,
  updated_at         timestamptz NOT NULL DEFAULT now(),
  updated_by         bigint REFERENCES user_account,
  UNIQUE (person_id, organization_id)
);
CREATE INDEX staff_resource_organization_idx ON staff_resource (organization_id);
CREATE TRIGGER staff_resource_version BEFORE UPDATE ON staff_resource FOR EACH ROW EXECUTE FUNCTION bump_version();

ALTER TABLE person ADD FOREIGN KEY (resource_id) REFERENCES resource;

-- The resource of a person, made at first need: most learners are never booked singly.
CREATE FUNCTION person_resource(asked bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  found bigint;
BEGIN
  SELECT resource_id INTO found FROM person WHERE id = asked;
  IF found IS NOT NULL THEN RETURN found; END IF;
  SELECT resource_id INTO found FROM person WHERE id = asked FOR UPDATE;
  IF found IS NULL THEN
    INSERT INTO resource (kind) VALUES ('person') RETURNING id INTO found;
    UPDATE person SET resource_id = found WHERE id = asked;
  END IF;
  RETURN found;
END $$;

-- Rooms and equipment are resources under the same key: their row is made before them.
CREATE FUNCTION make_resource() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.id IS NULL THEN
    INSERT INTO resource (kind) VALUES (TG_ARGV[0]) RETURNING id INTO NEW.id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER room_resource BEFORE INSERT ON room FOR EACH ROW EXECUTE FUNCTION make_resource('room');
