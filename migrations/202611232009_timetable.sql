-- Why: nothing is ever booked twice, whoever writes, even psql. A lesson of the live plan holds bookings; they
-- are derived from it by triggers here, and an exclusion constraint judges them. Lua explains, this guarantees.
CREATE TABLE lesson (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  group_id    bigint NOT NULL REFERENCES study_group,
  subgroup_id bigint REFERENCES subgroup,
  module_id   bigint REFERENCES program_module,
  site_id     bigint REFERENCES site, -- NULL for an online lesson
  kind        text NOT NULL DEFAULT 'lecture', -- ref_book lesson_kind
  mode        text NOT NULL DEFAULT 'offline' CHECK (mode IN ('offline', 'online', 'mixed')),
  held_on     date NOT NULL,  -- local date of the site …
  starts      time NOT NULL,  -- … and local time …
  zone        text NOT NULL,  -- … in this IANA zone: a change of the zone's rules must not move the lesson
  minutes     int NOT NULL CHECK (minutes BETWEEN 5 AND 720),
  academic_hours int NOT NULL CHECK (academic_hours > 0), -- 45 minutes each; a pair is 2
  during      tstzrange GENERATED ALWAYS AS (tstzrange(
                (held_on + starts) AT TIME ZONE zone,
                (held_on + starts + make_interval(mins => minutes)) AT TIME ZONE zone)) STORED,
  topic       text NOT NULL DEFAULT '',
  homework    text NOT NULL DEFAULT '',
  meeting_url text,
  state       text NOT NULL DEFAULT 'planned'
              CHECK (state IN ('planned', 'published', 'held', 'signed', 'cancelled', 'locked')),
  reason      text, -- of a cancellation
  signed_at   timestamptz,
  signed_by   bigint REFERENCES user_account,
  sequence    int NOT NULL DEFAULT 0, -- SEQUENCE of iCalendar: grows with every visible change
  version     int NOT NULL DEFAULT 1,
  created_at  timestamptz NOT NULL DEFAULT now(),
  created_by  bigint REFERENCES user_account,
  updated_at  timestamptz NOT NULL DEFAULT now(),
  updated_by  bigint REFERENCES user_account
);
CREATE INDEX lesson_group_idx ON lesson (group_id, held_on, starts);
CREATE INDEX lesson_day_idx ON lesson (held_on, starts, id) WHERE state <> 'cancelled';
CREATE INDEX lesson_site_idx ON lesson (site_id, held_on);
CREATE INDEX lesson_module_idx ON lesson (module_id);
CREATE TRIGGER lesson_zone BEFORE INSERT OR UPDATE OF zone ON lesson FOR EACH ROW EXECUTE FUNCTION zone_is_known();
CREATE TRIGGER lesson_version BEFORE UPDATE ON lesson FOR EACH ROW EXECUTE FUNCTION bump_version();

CREATE TABLE lesson_teacher (
  lesson_id bigint NOT NULL REFERENCES lesson ON DELETE CASCADE,
  staff_id  bigint NOT NULL REFERENCES staff_resource,
  PRIMARY KEY (lesson_id, staff_id)
);
CREATE INDEX lesson_teacher_staff_idx ON lesson_teacher (staff_id, lesson_id);

CREATE TABLE lesson_room (
  lesson_id bigint NOT NULL REFERENCES lesson ON DELETE CASCADE,
  room_id   bigint NOT NULL REFERENCES room,
  PRIMARY KEY (lesson_id, room_id)
);
CREATE INDEX lesson_room_room_idx ON lesson_room (room_id, lesson_id);

CREATE TABLE lesson_equipment (
  lesson_id    bigint NOT NULL REFERENCES lesson ON DELETE CASCADE,
  equipment_id bigint NOT NULL REFERENCES equipment,
  qty          int NOT NULL CHECK (qty > 0),
  PRIMARY KEY (lesson_id, equipment_id)
);

CREATE TABLE booking (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  resource_id bigint NOT NULL REFERENCES resource,
  during      tstzrange NOT NULL CHECK (NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)),
  purpose     text NOT NULL DEFAULT 'lesson' CHECK (purpose IN ('lesson', 'event', 'exam', 'maintenance', 'absence')),
  lesson_id   bigint REFERENCES lesson ON DELETE CASCADE,
  exclusive   boolean NOT NULL DEFAULT true,
  qty         int NOT NULL DEFAULT 1 CHECK (qty > 0),
  state       text NOT NULL DEFAULT 'confirmed'
              CHECK (state IN ('requested', 'confirmed', 'in_use', 'finished', 'declined', 'cancelled')),
  note        text NOT NULL DEFAULT '',
  CONSTRAINT booking_overlap EXCLUDE USING gist (resource_id WITH =, during WITH &&)
    WHERE (exclusive AND state IN ('confirmed', 'in_use', 'finished')) DEFERRABLE INITIALLY IMMEDIATE
);
CREATE UNIQUE INDEX booking_lesson_key ON booking (lesson_id, resource_id) WHERE lesson_id IS NOT NULL;

-- Counted resources: how many units are in use in each five minutes.
CREATE TABLE slot_use (
  resource_id bigint NOT NULL REFERENCES resource,
  slot        timestamptz NOT NULL,
  used        int NOT NULL,
  capacity    int NOT NULL,
  PRIMARY KEY (resource_id, slot),
  CONSTRAINT slot_use_capacity CHECK (used <= capacity)
);

CREATE FUNCTION booking_holds(b booking) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT NOT b.exclusive AND b.state IN ('confirmed', 'in_use', 'finished') $$;

CREATE FUNCTION use_slots(asked bigint, during tstzrange, qty int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO slot_use AS u (resource_id, slot, used, capacity)
  SELECT asked, slot, qty, (SELECT capacity FROM resource WHERE id = asked)
  FROM generate_series(date_bin('5 minutes', lower(during), 'epoch'), upper(during) - interval '1 microsecond',
                       interval '5 minutes') AS slot
  ORDER BY slot
  ON CONFLICT (resource_id, slot) DO UPDATE SET used = u.used + excluded.used
$$;

CREATE FUNCTION count_booking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND booking_holds(OLD) THEN PERFORM use_slots(OLD.resource_id, OLD.during, -OLD.qty); END IF;
  IF TG_OP <> 'DELETE' AND booking_holds(NEW) THEN PERFORM use_slots(NEW.resource_id, NEW.during, NEW.qty); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER booking_counted_insert AFTER INSERT ON booking
  FOR EACH ROW WHEN (NOT NEW.exclusive) EXECUTE FUNCTION count_booking();
CREATE TRIGGER booking_counted_update AFTER UPDATE ON booking
  FOR EACH ROW WHEN (NOT OLD.exclusive OR NOT NEW.exclusive) EXECUTE FUNCTION count_booking();
CREATE TRIGGER booking_counted_delete AFTER DELETE ON booking
  FOR EACH ROW WHEN (NOT OLD.exclusive) EXECUTE FUNCTION count_booking();

-- A change of the number of units reaches the counters of the time to come.
CREATE FUNCTION spread_capacity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE slot_use SET capacity = NEW.capacity WHERE resource_id = NEW.id AND slot >= now();
  RETURN NULL;
END $$;
CREATE TRIGGER resource_capacity AFTER UPDATE OF capacity ON resource FOR EACH ROW EXECUTE FUNCTION spread_capacity();

-- Learners of this lesson who also learn elsewhere at the time: they are booked singly.
CREATE FUNCTION lesson_shared_people(asked lesson) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
  SELECT e.person_id FROM enrollment e
  WHERE e.group_id = asked.group_id AND e.state NOT IN ('expelled', 'transferred', 'graduated')
    AND (asked.subgroup_id IS NULL OR e.subgroup_id IS NULL OR e.subgroup_id = asked.subgroup_id)
    AND EXISTS (SELECT FROM enrollment other JOIN study_group g ON g.id = other.group_id
                WHERE other.person_id = e.person_id AND other.group_id <> e.group_id
                  AND other.state NOT IN ('expelled', 'transferred', 'graduated')
                  AND g.ends_on >= asked.held_on AND g.starts_on <= asked.held_on)
$$;

-- What a lesson needs: (resource, exclusive, quantity).
CREATE FUNCTION lesson_needs(asked lesson) RETURNS TABLE (resource_id bigint, exclusive boolean, qty int)
LANGUAGE sql VOLATILE AS $$
  SELECT resource_id, true, 1 FROM study_group WHERE id = asked.group_id AND asked.subgroup_id IS NULL
  UNION
  SELECT resource_id, true, 1 FROM subgroup
  WHERE group_id = asked.group_id AND (asked.subgroup_id IS NULL OR id = asked.subgroup_id)
  UNION
  SELECT person_resource(s.person_id), true, 1
  FROM lesson_teacher t JOIN staff_resource s ON s.id = t.staff_id WHERE t.lesson_id = asked.id
  UNION
  SELECT person_resource(person_id), true, 1 FROM lesson_shared_people(asked) AS person_id
  UNION
  SELECT r.id, r.exclusive, 1 FROM lesson_room l JOIN resource r ON r.id = l.room_id WHERE l.lesson_id = asked.id
  UNION
  SELECT r.id, r.exclusive, e.qty FROM lesson_equipment e JOIN resource r ON r.id = e.equipment_id
  WHERE e.lesson_id = asked.id
$$;

-- Makes the bookings of a lesson equal to its needs. Locks are taken in ascending order of resources, so that
-- two writers wait for each other quietly instead of meeting in a deadlock.
CREATE FUNCTION lesson_rebook(asked bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  l lesson;
  needed record;
BEGIN
  SELECT * INTO l FROM lesson WHERE id = asked;
  IF l.id IS NULL THEN RETURN; END IF;
  IF l.state = 'cancelled' THEN
    DELETE FROM booking WHERE lesson_id = asked;
    RETURN;
  END IF;
  DELETE FROM booking b WHERE b.lesson_id = asked
    AND NOT EXISTS (SELECT FROM lesson_needs(l) n WHERE n.resource_id = b.resource_id);
  FOR needed IN SELECT * FROM lesson_needs(l) ORDER BY resource_id LOOP
    PERFORM pg_advisory_xact_lock(needed.resource_id);
    UPDATE booking SET during = l.during, exclusive = needed.exclusive, qty = needed.qty
    WHERE lesson_id = asked AND resource_id = needed.resource_id
      AND (during, exclusive, qty) IS DISTINCT FROM (l.during, needed.exclusive, needed.qty);
    INSERT INTO booking (resource_id, during, lesson_id, exclusive, qty)
    SELECT needed.resource_id, l.during, asked, needed.exclusive, needed.qty
    WHERE NOT EXISTS (SELECT FROM booking WHERE lesson_id = asked AND resource_id = needed.resource_id);
  END LOOP;
END $$;

CREATE FUNCTION rebook_changed_lesson() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM lesson_rebook(NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER lesson_booked AFTER INSERT OR UPDATE OF group_id, subgroup_id, held_on, starts, zone, minutes, state
  ON lesson FOR EACH ROW EXECUTE FUNCTION rebook_changed_lesson();

CREATE FUNCTION rebook_linked_lesson() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN PERFORM lesson_rebook(OLD.lesson_id); END IF;
  IF TG_OP <> 'DELETE' THEN PERFORM lesson_rebook(NEW.lesson_id); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER lesson_teacher_booked AFTER INSERT OR UPDATE OR DELETE ON lesson_teacher
  FOR EACH ROW EXECUTE FUNCTION rebook_linked_lesson();
CREATE TRIGGER lesson_room_booked AFTER INSERT OR UPDATE OR DELETE ON lesson_room
  FOR EACH ROW EXECUTE FUNCTION rebook_linked_lesson();
CREATE TRIGGER lesson_equipment_booked AFTER INSERT OR UPDATE OR DELETE ON lesson_equipment
  FOR EACH ROW EXECUTE FUNCTION rebook_linked_lesson();

-- A learner who joins or leaves a second group: lessons to come are booked anew.
CREATE FUNCTION rebook_learner() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  asked bigint := coalesce(NEW.person_id, OLD.person_id);
BEGIN
  IF (SELECT count(DISTINCT group_id) FROM enrollment WHERE person_id = asked) > 1 THEN
    PERFORM lesson_rebook(l.id)
    FROM lesson l
    WHERE l.group_id IN (SELECT group_id FROM enrollment WHERE person_id = asked)
      AND l.held_on >= current_date - 1 AND l.state IN ('planned', 'published')
    ORDER BY l.id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER enrollment_booked AFTER INSERT OR DELETE OR UPDATE OF state, group_id, subgroup_id ON enrollment
  FOR EACH ROW EXECUTE FUNCTION rebook_learner();

CREATE FUNCTION rebook_new_subgroup() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM lesson_rebook(l.id) FROM lesson l
  WHERE l.group_id = NEW.group_id AND l.subgroup_id IS NULL AND l.state IN ('planned', 'published')
    AND l.held_on >= current_date - 1
  ORDER BY l.id;
  RETURN NULL;
END $$;
CREATE TRIGGER subgroup_booked AFTER INSERT ON subgroup FOR EACH ROW EXECUTE FUNCTION rebook_new_subgroup();

-- Where a published lesson was before it moved.
CREATE TABLE lesson_history (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  lesson_id  bigint NOT NULL REFERENCES lesson ON DELETE CASCADE,
  held_on    date NOT NULL,
  starts     time NOT NULL,
  minutes    int NOT NULL,
  teachers   bigint[] NOT NULL,
  rooms      bigint[] NOT NULL,
  reason     text,
  moved_at   timestamptz NOT NULL DEFAULT now(),
  moved_by   bigint REFERENCES user_account
);
CREATE INDEX lesson_history_idx ON lesson_history (lesson_id, id);
