-- Why: a region adds states of its own between approval and enrolment. Such a state holds a place when the one before it did;
-- otherwise the waiting list would be promised a place that is taken. NULL: the state itself says.
ALTER TABLE application ADD COLUMN keeps_place boolean;

CREATE FUNCTION application_state_is_known(state text) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT state IN ('draft', 'submitted', 'in_review', 'docs_required', 'docs_review', 'approved', 'waitlisted', 'enrolled', 'studying',
  'completed', 'expelled', 'rejected', 'withdrawn', 'expired') $$;
CREATE FUNCTION application_holds_place(state text, keeps_place boolean) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT application_holds_place(state) OR coalesce(keeps_place, false) $$;

CREATE FUNCTION keep_application_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.keeps_place = CASE WHEN application_state_is_known(NEW.state) THEN NULL ELSE application_holds_place(OLD.state, OLD.keeps_place) END;
  RETURN NEW;
END $$;
CREATE TRIGGER application_keeps_place BEFORE UPDATE OF state ON application FOR EACH ROW
  WHEN (NEW.state IS DISTINCT FROM OLD.state) EXECUTE FUNCTION keep_application_place();

CREATE OR REPLACE FUNCTION count_intake_places() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND application_holds_place(OLD.state, OLD.keeps_place)
     AND (TG_OP = 'DELETE' OR NOT application_holds_place(NEW.state, NEW.keeps_place) OR NEW.intake_id <> OLD.intake_id) THEN
    UPDATE intake SET taken = taken - 1 WHERE id = OLD.intake_id;
  END IF;
  IF TG_OP <> 'DELETE' AND application_holds_place(NEW.state, NEW.keeps_place)
     AND (TG_OP = 'INSERT' OR NOT application_holds_place(OLD.state, OLD.keeps_place) OR NEW.intake_id <> OLD.intake_id) THEN
    UPDATE intake SET taken = taken + 1 WHERE id = NEW.intake_id;
  END IF;
  RETURN NULL;
END $$;
