-- Why: a dispatcher tries several moves before making one, makes many at once, takes the last back, and pins what must not move.
-- A draft holds no bookings; what is made at once is one row here, with what each lesson was before.
CREATE TABLE plan_change (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id      bigint NOT NULL REFERENCES user_account ON DELETE CASCADE,
  lesson_id    bigint NOT NULL REFERENCES lesson ON DELETE CASCADE,
  kind         text NOT NULL CHECK (kind IN ('move', 'copy', 'cancel')),
  held_on      date NOT NULL,
  starts       time NOT NULL,
  minutes      int NOT NULL CHECK (minutes BETWEEN 5 AND 720),
  room_ids     bigint[] NOT NULL,
  teacher_ids  bigint[] NOT NULL,
  base_version int NOT NULL, -- the lesson as it was seen: another move of it meanwhile is told
  created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX plan_change_lesson_key ON plan_change (user_id, lesson_id) WHERE kind <> 'copy';
CREATE INDEX plan_change_user_idx ON plan_change (user_id, id);
CREATE INDEX plan_change_lesson_idx ON plan_change (lesson_id);

CREATE TABLE plan_commit (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id   bigint NOT NULL REFERENCES user_account,
  title     text NOT NULL,
  made_at   timestamptz NOT NULL DEFAULT now(),
  undone_at timestamptz
);
CREATE INDEX plan_commit_user_idx ON plan_commit (user_id, id);

CREATE TABLE plan_commit_item (
  commit_id bigint NOT NULL REFERENCES plan_commit ON DELETE CASCADE,
  lesson_id bigint NOT NULL REFERENCES lesson ON DELETE CASCADE,
  kind      text NOT NULL CHECK (kind IN ('move', 'create', 'cancel')),
  before    jsonb,         -- {held_on, starts, minutes, room_ids, teacher_ids}; NULL for a new lesson
  version   int NOT NULL,  -- of the lesson afterwards: undone only while nobody has touched it since
  PRIMARY KEY (commit_id, lesson_id)
);
CREATE INDEX plan_commit_item_lesson_idx ON plan_commit_item (lesson_id);

-- What stays where it is: lessons that match every filled column. Breaking a lock needs the right to override and a reason.
CREATE TABLE plan_lock (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organization_id bigint NOT NULL REFERENCES organization,
  lesson_id       bigint REFERENCES lesson ON DELETE CASCADE,
  group_id        bigint REFERENCES study_group ON DELETE CASCADE,
  staff_id        bigint REFERENCES staff_resource ON DELETE CASCADE,
  day             date,
  reason          text NOT NULL DEFAULT '',
  created_at      timestamptz NOT NULL DEFAULT now(),
  created_by      bigint REFERENCES user_account,
  CHECK (num_nonnulls(lesson_id, group_id, staff_id, day) > 0)
);
CREATE INDEX plan_lock_organization_idx ON plan_lock (organization_id);
CREATE UNIQUE INDEX plan_lock_lesson_key ON plan_lock (lesson_id) WHERE lesson_id IS NOT NULL;

-- The lock that holds a lesson, or none.
CREATE FUNCTION lesson_lock(asked lesson) RETURNS plan_lock LANGUAGE sql STABLE AS $$
  SELECT k FROM study_group g JOIN plan_lock k ON k.organization_id = g.organization_id
  WHERE g.id = asked.group_id
    AND (k.lesson_id IS NULL OR k.lesson_id = asked.id)
    AND (k.group_id IS NULL OR k.group_id = asked.group_id)
    AND (k.day IS NULL OR k.day = asked.held_on)
    AND (k.staff_id IS NULL OR EXISTS (SELECT FROM lesson_teacher t WHERE t.lesson_id = asked.id AND t.staff_id = k.staff_id))
  ORDER BY k.lesson_id NULLS LAST, k.id LIMIT 1
$$;
