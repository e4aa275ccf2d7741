-- Why: programme, version, intake and group are four things. A group pins a version; the catalogue shows the
-- current one.
CREATE TABLE program (
  id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner_id           bigint NOT NULL REFERENCES organization,
  kind               text NOT NULL, -- ref_book program_kind
  code               text UNIQUE,
  title              text NOT NULL,
  short_title        text,
  slug               text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  state              text NOT NULL DEFAULT 'draft'
                     CHECK (state IN ('draft', 'on_check', 'revision', 'on_expertise', 'approved', 'published',
                                      'suspended', 'archived', 'rejected')),
  current_version_id bigint,
  competences        text[] NOT NULL DEFAULT '{}', -- codes of ref_book competence
  prof_standard      text,
  worker_profession  text,
  rank_from          text,
  rank_to            text,
  qualification_level int,
  okso               text,
  activity_area      text,
  okved_section      text,
  requires_higher_education boolean NOT NULL DEFAULT false,
  min_age            int CHECK (min_age BETWEEN 0 AND 120),
  max_age            int CHECK (max_age BETWEEN 0 AND 120),
  entry_education    text[] NOT NULL DEFAULT '{}', -- levels that may enter; empty: any
  required_documents text[] NOT NULL DEFAULT '{}', -- kinds asked of an applicant, ref_book application_document
  audience           text[] NOT NULL DEFAULT '{}',
  study_form         text NOT NULL DEFAULT 'full', -- ref_book study_form
  e_learning         text NOT NULL DEFAULT 'none',
  network_form       text NOT NULL DEFAULT 'own',
  hours_total        int NOT NULL CHECK (hours_total > 0), -- academic hours
  hours_distance     int NOT NULL DEFAULT 0 CHECK (hours_distance BETWEEN 0 AND hours_total),
  duration_days      int,
  max_group          int NOT NULL DEFAULT 25,
  min_group          int NOT NULL DEFAULT 1,
  document_kind      text,
  final_attestation  text,
  annotation         text NOT NULL DEFAULT '',
  description        text NOT NULL DEFAULT '',
  outcomes           text[] NOT NULL DEFAULT '{}', -- what a graduate can do
  for_disabled       boolean NOT NULL DEFAULT false,
  modular_with_choice boolean NOT NULL DEFAULT false,
  search             tsvector,
  version            int NOT NULL DEFAULT 1,
  created_at         timestamptz NOT NULL DEFAULT now(),
  created_by         bigint REFERENCES user_account,
  updated_at         timestamptz NOT NULL DEFAULT now(),
  updated_by         bigint REFERENCES user_account,
  CHECK (min_group <= max_group)
);
CREATE INDEX program_search_idx ON program USING gin (search);
CREATE INDEX program_title_idx ON program USING gin (fold(title) gin_trgm_ops);
CREATE INDEX program_competences_idx ON program USING gin (competences);
CREATE INDEX program_published_idx ON program (kind, id) WHERE state = 'published';
CREATE TRIGGER program_version_bump BEFORE UPDATE ON program FOR EACH ROW EXECUTE FUNCTION bump_version();

CREATE FUNCTION program_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.search :=
    setweight(to_tsvector('russian', fold(NEW.title)), 'A') ||
    setweight(to_tsvector('russian', fold(concat_ws(' ', NEW.worker_profession,
      (SELECT string_agg(name, ' ') FROM ref_item WHERE book = 'competence' AND code = ANY (NEW.competences))))), 'B') ||
    setweight(to_tsvector('russian', fold(NEW.annotation || ' ' || NEW.description)), 'C');
  RETURN NEW;
END $$;
CREATE TRIGGER program_search BEFORE INSERT OR UPDATE OF title, annotation, description, competences, worker_profession
  ON program FOR EACH ROW EXECUTE FUNCTION program_search();

CREATE TABLE program_version (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  program_id  bigint NOT NULL REFERENCES program,
  no          int NOT NULL,
  state       text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'approved', 'retired')),
  content     jsonb NOT NULL DEFAULT '{}', -- snapshot for documents and diffs
  valid_from  date,
  valid_to    date,
  created_at  timestamptz NOT NULL DEFAULT now(),
  created_by  bigint REFERENCES user_account,
  UNIQUE (program_id, no)
);
ALTER TABLE program ADD FOREIGN KEY (current_version_id) REFERENCES program_version;

CREATE TABLE program_module (
  id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  version_id        bigint NOT NULL REFERENCES program_version,
  parent_id         bigint REFERENCES program_module,
  position          int NOT NULL,
  code              text NOT NULL, -- М1
  title             text NOT NULL,
  hours_lecture     int NOT NULL DEFAULT 0 CHECK (hours_lecture >= 0),
  hours_practice    int NOT NULL DEFAULT 0 CHECK (hours_practice >= 0),
  hours_lab         int NOT NULL DEFAULT 0 CHECK (hours_lab >= 0),
  hours_seminar     int NOT NULL DEFAULT 0 CHECK (hours_seminar >= 0),
  hours_self        int NOT NULL DEFAULT 0 CHECK (hours_self >= 0),
  hours_control     int NOT NULL DEFAULT 0 CHECK (hours_control >= 0),
  hours_total       int GENERATED ALWAYS AS
    (hours_lecture + hours_practice + hours_lab + hours_seminar + hours_self + hours_control) STORED,
  interim_form      text, -- ref_book attestation
  is_final          boolean NOT NULL DEFAULT false, -- the final attestation
  topics            text[] NOT NULL DEFAULT '{}',
  requirements      jsonb NOT NULL DEFAULT '{}',
  UNIQUE (version_id, position)
);

CREATE TABLE intake (
  id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  program_id        bigint NOT NULL REFERENCES program,
  version_id        bigint NOT NULL REFERENCES program_version,
  deliverer_id      bigint NOT NULL REFERENCES organization,
  site_id           bigint REFERENCES site,
  title             text NOT NULL DEFAULT '',
  starts_on         date NOT NULL,
  ends_on           date NOT NULL,
  shift             text NOT NULL DEFAULT 'day' CHECK (shift IN ('morning', 'day', 'evening', 'weekend')),
  study_form        text NOT NULL DEFAULT 'full',
  places            int NOT NULL CHECK (places > 0),
  opens_on          date NOT NULL, -- applications are taken from … to …, both included
  closes_on         date NOT NULL,
  price             numeric(12,2) NOT NULL DEFAULT 0 CHECK (price >= 0), -- roubles a learner; 0 = free
  funding           text[] NOT NULL DEFAULT '{regional}',
  audience          text[] NOT NULL DEFAULT '{}',
  state             text NOT NULL DEFAULT 'open' CHECK (state IN ('planned', 'open', 'closed', 'cancelled')),
  taken             int NOT NULL DEFAULT 0, -- approved, enrolled or studying applications; kept by a trigger
  version           int NOT NULL DEFAULT 1,
  created_at        timestamptz NOT NULL DEFAULT now(),
  created_by        bigint REFERENCES user_account,
  updated_at        timestamptz NOT NULL DEFAULT now(),
  updated_by        bigint REFERENCES user_account,
  CHECK (ends_on >= starts_on),
  CHECK (closes_on >= opens_on)
);
CREATE INDEX intake_program_idx ON intake (program_id, starts_on);
CREATE INDEX intake_open_idx ON intake (starts_on, id) WHERE state = 'open';
CREATE INDEX intake_deliverer_idx ON intake (deliverer_id);
CREATE TRIGGER intake_version BEFORE UPDATE ON intake FOR EACH ROW EXECUTE FUNCTION bump_version();
