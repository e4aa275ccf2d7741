-- Why: developers add plugins. Which are enabled is a file of the published layer; here lies what they leave behind: applied
-- migrations, deliveries of events, faults, and whether the platform itself has switched one off.
CREATE TABLE plugin_state (
  plugin       text PRIMARY KEY CHECK (plugin ~ '^[a-z][a-z0-9_]{1,29}$'),
  suspended_at timestamptz, -- by too many faults; an administrator resumes it
  reason       text,
  resumed_at   timestamptz, -- faults before do not count any more
  version      int NOT NULL DEFAULT 1,
  updated_at   timestamptz NOT NULL DEFAULT now(),
  updated_by   bigint REFERENCES user_account
);

CREATE TABLE plugin_migration (
  plugin     text NOT NULL,
  name       text NOT NULL,
  checksum   char(64) NOT NULL,
  down_sql   text, -- kept, so that a plugin whose folder is gone can still be uninstalled; NULL: irreversible
  applied_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (plugin, name)
);

-- An event on its way to a plugin. Of one case they go in order: one that fails for good holds those behind it, not others.
CREATE TABLE plugin_delivery (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  plugin     text NOT NULL,
  hook       text NOT NULL,
  case_key   text NOT NULL, -- "application:812"
  event_key  text NOT NULL, -- the same at each try: what the plugin tells twice the same by
  payload    jsonb NOT NULL,
  state      text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'quarantined', 'skipped')),
  attempts   int NOT NULL DEFAULT 0,
  run_at     timestamptz NOT NULL DEFAULT now(),
  error      text,
  created_at timestamptz NOT NULL DEFAULT now(),
  done_at    timestamptz,
  UNIQUE (plugin, hook, event_key)
);
CREATE INDEX plugin_delivery_open_idx ON plugin_delivery (plugin, case_key, id) WHERE state IN ('waiting', 'quarantined');
CREATE INDEX plugin_delivery_due_idx ON plugin_delivery (run_at, id) WHERE state = 'waiting';
CREATE INDEX plugin_delivery_done_idx ON plugin_delivery (done_at) WHERE done_at IS NOT NULL;

CREATE TABLE plugin_fault (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  plugin   text NOT NULL,
  version  text NOT NULL,
  point    text NOT NULL, -- hook, route, slot, job
  code     text NOT NULL, -- runtime, time, memory, output, denied …
  text     text NOT NULL,
  case_key text,
  at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX plugin_fault_plugin_idx ON plugin_fault (plugin, id);
CREATE INDEX plugin_fault_age_idx ON plugin_fault (at);

-- Tables of an uninstalled plugin, kept as a file.
CREATE TABLE plugin_archive (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  plugin     text NOT NULL,
  version    text NOT NULL,
  file_id    bigint NOT NULL REFERENCES file_object,
  rows       bigint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by bigint REFERENCES user_account
);

-- What plugins may read of applications and enrolments: no names, no words of people, no marks.
CREATE VIEW plugin_application AS
SELECT id, public_id, number, program_id, intake_id, organization_id, group_id, source, channel, funding, state, submitted_at, sla_due_at,
  decided_at, created_at FROM application;
CREATE VIEW plugin_enrollment AS
SELECT id, group_id, subgroup_id, application_id, funding, enrolled_on, left_on, state FROM enrollment;
