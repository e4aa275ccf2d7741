-- Why: a plan that the solver makes is a draft until a person publishes it. Drafts hold no bookings, so the live timetable stays as it
-- is however many are made; what has changed meanwhile is found when one is published, and again by the bookings' own constraints.
CREATE TABLE schedule_plan (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind            text NOT NULL CHECK (kind IN ('fill', 'repair')), -- hours that are left; lessons of a teacher who is away
  title           text NOT NULL CHECK (title <> ''),
  organization_id bigint REFERENCES organization, -- whose groups; NULL: of several
  params          jsonb NOT NULL,
  state           text NOT NULL DEFAULT 'queued'
                  CHECK (state IN ('queued', 'solving', 'ready', 'impossible', 'failed', 'published', 'discarded')),
  progress        jsonb NOT NULL DEFAULT '{}',
  stop_asked      boolean NOT NULL DEFAULT false,
  result          jsonb NOT NULL DEFAULT '{}', -- costs in words, what found no place and why
  job_id          bigint,
  version         int NOT NULL DEFAULT 1,
  created_at      timestamptz NOT NULL DEFAULT now(),
  created_by      bigint REFERENCES user_account,
  updated_at      timestamptz NOT NULL DEFAULT now(),
  updated_by      bigint REFERENCES user_account,
  published_at    timestamptz
);
CREATE INDEX schedule_plan_recent_idx ON schedule_plan (id DESC) WHERE state <> 'discarded';
CREATE INDEX schedule_plan_organization_idx ON schedule_plan (organization_id, id DESC) WHERE state <> 'discarded';

CREATE TABLE schedule_plan_item (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  plan_id        bigint NOT NULL REFERENCES schedule_plan ON DELETE CASCADE,
  lesson_id      bigint REFERENCES lesson ON DELETE CASCADE, -- the lesson that moves, or that publishing has made
  lesson_version int, -- of a lesson that moves, as the solver saw it
  group_id       bigint NOT NULL REFERENCES study_group,
  subgroup_id    bigint REFERENCES subgroup,
  module_id      bigint REFERENCES program_module,
  kind           text NOT NULL,
  mode           text NOT NULL DEFAULT 'offline',
  staff_id       bigint REFERENCES staff_resource,
  room_id        bigint REFERENCES room,
  site_id        bigint REFERENCES site,
  held_on        date NOT NULL,
  starts         time NOT NULL,
  zone           text NOT NULL,
  minutes        int NOT NULL,
  academic_hours int NOT NULL,
  was_held_on    date, -- where a moved lesson stood
  was_starts     time,
  was_room_id    bigint
);
CREATE INDEX schedule_plan_item_idx ON schedule_plan_item (plan_id, held_on, starts, id);
CREATE INDEX schedule_plan_item_lesson_idx ON schedule_plan_item (lesson_id) WHERE lesson_id IS NOT NULL;
