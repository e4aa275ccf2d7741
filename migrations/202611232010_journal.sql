-- Why: marks bind to lesson and learner, so that they survive a change of group; a signed page does not change.
CREATE TABLE attendance (
  lesson_id     bigint NOT NULL REFERENCES lesson,
  enrollment_id bigint NOT NULL REFERENCES enrollment,
  mark          text NOT NULL CHECK (mark IN ('present', 'absent', 'excused', 'sick', 'late', 'online')),
  minutes       int CHECK (minutes >= 0), -- of presence, when not the whole lesson
  source        text NOT NULL DEFAULT 'manual' CHECK (source IN ('manual', 'qr', 'bbb', 'lms')),
  version       int NOT NULL DEFAULT 1,
  updated_at    timestamptz NOT NULL DEFAULT now(),
  updated_by    bigint REFERENCES user_account,
  PRIMARY KEY (lesson_id, enrollment_id)
);
CREATE INDEX attendance_enrollment_idx ON attendance (enrollment_id);
CREATE TRIGGER attendance_version BEFORE UPDATE ON attendance FOR EACH ROW EXECUTE FUNCTION bump_version();

CREATE TABLE grade (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  enrollment_id bigint NOT NULL REFERENCES enrollment,
  lesson_id     bigint REFERENCES lesson, -- a current mark …
  module_id     bigint REFERENCES program_module, -- … or the mark of a module …
  kind          text NOT NULL DEFAULT 'current' CHECK (kind IN ('current', 'interim', 'final')),
  scale         text NOT NULL DEFAULT 'five' CHECK (scale IN ('five', 'pass_fail', 'hundred')),
  value         text NOT NULL, -- '5', 'pass', '87', 'na': «не аттестован» is not «2»
  attempt       int NOT NULL DEFAULT 1 CHECK (attempt > 0),
  version       int NOT NULL DEFAULT 1,
  created_at    timestamptz NOT NULL DEFAULT now(),
  created_by    bigint REFERENCES user_account,
  updated_at    timestamptz NOT NULL DEFAULT now(),
  updated_by    bigint REFERENCES user_account,
  CHECK (CASE scale
    WHEN 'five' THEN value IN ('5', '4', '3', '2', 'na')
    WHEN 'pass_fail' THEN value IN ('pass', 'fail', 'na')
    ELSE value = 'na' OR (value ~ '^\d{1,3}$' AND value::int <= 100) END),
  CHECK ((kind = 'current') = (lesson_id IS NOT NULL))
);
CREATE UNIQUE INDEX grade_lesson_key ON grade (enrollment_id, lesson_id) WHERE lesson_id IS NOT NULL;
CREATE UNIQUE INDEX grade_module_key ON grade (enrollment_id, module_id, kind, attempt) WHERE lesson_id IS NULL;
CREATE INDEX grade_by_lesson_idx ON grade (lesson_id) WHERE lesson_id IS NOT NULL;
CREATE TRIGGER grade_version BEFORE UPDATE ON grade FOR EACH ROW EXECUTE FUNCTION bump_version();

-- The page of a lesson takes marks only while the lesson is held and not signed.
CREATE FUNCTION journal_page_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  asked bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.lesson_id ELSE NEW.lesson_id END;
  found text;
BEGIN
  IF asked IS NOT NULL THEN
    SELECT state INTO found FROM lesson WHERE id = asked FOR SHARE;
    IF found <> 'held' THEN
      RAISE EXCEPTION 'journal of lesson % is not open (%)', asked, found
        USING HINT = CASE WHEN found IN ('signed', 'locked') THEN 'journal_signed' ELSE 'lesson_not_held' END;
    END IF;
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER attendance_open BEFORE INSERT OR UPDATE OR DELETE ON attendance
  FOR EACH ROW EXECUTE FUNCTION journal_page_is_open();
CREATE TRIGGER grade_open BEFORE INSERT OR UPDATE OR DELETE ON grade
  FOR EACH ROW EXECUTE FUNCTION journal_page_is_open();
