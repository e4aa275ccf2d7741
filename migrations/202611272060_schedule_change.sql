-- Why: the engine of a node keeps who is busy when in memory and must follow every writer, psql included. A trigger notes which thing
-- has changed; the engine takes the notes between two snapshots and reads those things anew. A time of change would lose what a long
-- transaction commits late; a snapshot cannot. A note says only what to look at, so one too many does no harm.
CREATE TABLE schedule_change (
  xid     xid8 NOT NULL DEFAULT pg_current_xact_id(), -- of the top transaction, also inside a savepoint
  kind    "char" NOT NULL, -- l lesson, b booking of its own, r resource, g group, t teacher's card, w ways and zones
  key     bigint NOT NULL,
  made_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (xid, kind, key)
);
CREATE INDEX schedule_change_made_idx ON schedule_change (made_at);

-- Notes of transactions below this one may have been thrown away: who has not seen them all loads anew.
CREATE TABLE schedule_trim (
  upto xid8 NOT NULL
);
INSERT INTO schedule_trim VALUES ('0');

CREATE FUNCTION note_schedule(kind "char", key bigint) RETURNS void LANGUAGE sql AS
$$ INSERT INTO schedule_change (kind, key) SELECT kind, key WHERE key IS NOT NULL ON CONFLICT DO NOTHING $$;

-- Old notes go; a transaction that is still open keeps its own.
CREATE FUNCTION trim_schedule_changes(older interval) RETURNS bigint LANGUAGE sql AS $$
  WITH gone AS (
    DELETE FROM schedule_change
    WHERE made_at < now() - older AND xid < pg_snapshot_xmin(pg_current_snapshot())
    RETURNING xid
  ), last AS (
    SELECT xid FROM gone ORDER BY xid DESC LIMIT 1
  ), moved AS (
    UPDATE schedule_trim SET upto = (last.xid::text::numeric + 1)::text::xid8 FROM last WHERE upto <= last.xid RETURNING upto
  )
  SELECT count(*) FROM gone
$$;

CREATE FUNCTION note_booking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    PERFORM note_schedule(CASE WHEN OLD.lesson_id IS NULL THEN 'b' ELSE 'l' END::"char", coalesce(OLD.lesson_id, OLD.id));
  END IF;
  IF TG_OP <> 'DELETE' THEN
    PERFORM note_schedule(CASE WHEN NEW.lesson_id IS NULL THEN 'b' ELSE 'l' END::"char", coalesce(NEW.lesson_id, NEW.id));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER booking_noted AFTER INSERT OR UPDATE OR DELETE ON booking FOR EACH ROW EXECUTE FUNCTION note_booking();

-- The key of the row itself: TG_ARGV is the kind and the column.
CREATE FUNCTION note_row() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was bigint := CASE WHEN TG_OP <> 'INSERT' THEN (to_jsonb(OLD) ->> TG_ARGV[1])::bigint END;
  is_now bigint := CASE WHEN TG_OP <> 'DELETE' THEN (to_jsonb(NEW) ->> TG_ARGV[1])::bigint END;
BEGIN
  PERFORM note_schedule(TG_ARGV[0]::"char", was);
  IF is_now IS DISTINCT FROM was THEN PERFORM note_schedule(TG_ARGV[0]::"char", is_now); END IF;
  RETURN NULL;
END $$;
-- Site, hours and lock are not in the bookings.
CREATE TRIGGER lesson_noted AFTER UPDATE OF site_id, academic_hours, state ON lesson
  FOR EACH ROW EXECUTE FUNCTION note_row('l', 'id');
CREATE TRIGGER resource_noted AFTER INSERT OR UPDATE ON resource FOR EACH ROW EXECUTE FUNCTION note_row('r', 'id');
CREATE TRIGGER study_group_noted AFTER INSERT OR UPDATE OF resource_id ON study_group
  FOR EACH ROW EXECUTE FUNCTION note_row('g', 'id');
CREATE TRIGGER subgroup_noted AFTER INSERT OR UPDATE OR DELETE ON subgroup FOR EACH ROW EXECUTE FUNCTION note_row('g', 'group_id');
CREATE TRIGGER enrollment_noted AFTER INSERT OR DELETE OR UPDATE OF state, group_id, subgroup_id, person_id ON enrollment
  FOR EACH ROW EXECUTE FUNCTION note_row('g', 'group_id');
CREATE TRIGGER staff_resource_noted
  AFTER INSERT OR DELETE OR UPDATE OF person_id, state, max_hours_per_day, max_hours_per_week ON staff_resource
  FOR EACH ROW EXECUTE FUNCTION note_row('t', 'id');
CREATE TRIGGER staff_availability_noted AFTER INSERT OR UPDATE OR DELETE ON staff_availability
  FOR EACH ROW EXECUTE FUNCTION note_row('t', 'staff_id');
CREATE TRIGGER site_travel_noted AFTER INSERT OR UPDATE OR DELETE ON site_travel FOR EACH ROW EXECUTE FUNCTION note_row('w', 'site_a');
CREATE TRIGGER site_noted AFTER INSERT OR UPDATE OF zone ON site FOR EACH ROW EXECUTE FUNCTION note_row('w', 'id');

-- A person becomes a resource at the first need: cards and groups that name this person lead to it from then on.
CREATE FUNCTION note_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_schedule('t', id) FROM staff_resource WHERE person_id = NEW.id;
  PERFORM note_schedule('g', group_id) FROM enrollment WHERE person_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER person_noted AFTER UPDATE OF resource_id ON person FOR EACH ROW
  WHEN (OLD.resource_id IS DISTINCT FROM NEW.resource_id) EXECUTE FUNCTION note_person();

-- TRUNCATE fires no row trigger: all is loaded anew.
CREATE FUNCTION note_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_schedule('w', 0);
  RETURN NULL;
END $$;
CREATE TRIGGER booking_emptied AFTER TRUNCATE ON booking FOR EACH STATEMENT EXECUTE FUNCTION note_all();
