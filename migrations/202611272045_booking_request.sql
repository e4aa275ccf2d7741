-- Why: a room of another organisation is asked for. A request holds nothing until its owner confirms it; a lesson that waits for
-- a room cannot be published. Rooms are also booked for events, exams and maintenance.
ALTER TABLE booking
  ADD COLUMN organization_id bigint REFERENCES organization, -- who asks; NULL: derived from a lesson of one's own
  ADD COLUMN requested_by    bigint REFERENCES user_account,
  ADD COLUMN reason          text,                           -- of a refusal or a cancellation
  ADD COLUMN version         int NOT NULL DEFAULT 1,
  ADD COLUMN created_at      timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN updated_at      timestamptz NOT NULL DEFAULT now();
CREATE INDEX booking_asked_idx ON booking (organization_id, id) WHERE organization_id IS NOT NULL;
CREATE INDEX booking_requested_idx ON booking (resource_id, id) WHERE state = 'requested';
CREATE TRIGGER booking_version BEFORE UPDATE OF state ON booking
  FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION bump_version();

ALTER TABLE lesson_room ADD COLUMN is_requested boolean NOT NULL DEFAULT false;

-- As before, and a room that is only requested is booked as a request.
CREATE OR REPLACE FUNCTION lesson_rebook(asked bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  l lesson;
  needed record;
  wanted text;
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
    wanted := CASE WHEN EXISTS (SELECT FROM lesson_room r WHERE r.lesson_id = asked AND r.room_id = needed.resource_id AND r.is_requested)
      THEN 'requested' ELSE 'confirmed' END;
    UPDATE booking SET during = l.during, exclusive = needed.exclusive, qty = needed.qty, state = wanted
    WHERE lesson_id = asked AND resource_id = needed.resource_id
      AND (during, exclusive, qty, state) IS DISTINCT FROM (l.during, needed.exclusive, needed.qty, wanted);
    INSERT INTO booking (resource_id, during, lesson_id, exclusive, qty, state)
    SELECT needed.resource_id, l.during, asked, needed.exclusive, needed.qty, wanted
    WHERE NOT EXISTS (SELECT FROM booking WHERE lesson_id = asked AND resource_id = needed.resource_id);
  END LOOP;
END $$;
