-- Why: people and accounts are two things. A person may be listed by an employer and never log in; an account
-- may hold several grants (role, organisation, dates), of which one is in force in a session.
CREATE TABLE file_object (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  public_id  uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
  sha256     char(64) NOT NULL, -- names the bytes below $COPP_DATA_DIR/files
  size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
  name       text NOT NULL,
  mime       text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by bigint
);
CREATE INDEX file_object_sha256_idx ON file_object (sha256);

CREATE TABLE user_account (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  public_id     uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
  email         text CHECK (email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  phone         text,
  password_hash text,
  state         text NOT NULL DEFAULT 'registered'
                CHECK (state IN ('registered', 'active', 'locked', 'blocked', 'deleted')),
  esia_oid      text UNIQUE,
  esia_trusted  boolean NOT NULL DEFAULT false,
  totp_secret   text,
  last_login_at timestamptz,
  failed_count  int NOT NULL DEFAULT 0,
  locked_until  timestamptz,
  locale        text NOT NULL DEFAULT 'ru',
  version       int NOT NULL DEFAULT 1,
  created_at    timestamptz NOT NULL DEFAULT now(),
  created_by    bigint REFERENCES user_account,
  updated_at    timestamptz NOT NULL DEFAULT now(),
  updated_by    bigint REFERENCES user_account
);
CREATE UNIQUE INDEX user_account_email_key ON user_account (lower(email)) WHERE state <> 'deleted';
CREATE TRIGGER user_account_version BEFORE UPDATE ON user_account FOR EACH ROW EXECUTE FUNCTION bump_version();

CREATE TABLE person (
  id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  public_id         uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
  user_id           bigint UNIQUE REFERENCES user_account,
  last_name         text NOT NULL,
  first_name        text NOT NULL DEFAULT '',   -- some people have one name only
  middle_name       text CHECK (middle_name <> ''), -- NULL: has none; never an empty string
  has_middle_name   boolean NOT NULL DEFAULT true,  -- false: the person said «Отчества нет»
  name_cases        jsonb NOT NULL DEFAULT '{}', -- overrides of declension: {"gen": "…", "dat": "…"}
  gender            text CHECK (gender IN ('male', 'female')),
  birth_date        date CHECK (birth_date BETWEEN '1900-01-01' AND '2100-01-01'),
  snils             char(11) CHECK (snils_is_valid(snils)),
  inn               varchar(12),
  citizenship_oksm  char(3) NOT NULL DEFAULT '643',
  birth_place       text,
  phone             text,
  email             text,
  address           text,
  education_level   text,
  education_doc     jsonb NOT NULL DEFAULT '{}', -- kind, series, number, issued_at, org, last_name_in_document, year
  health_limit      text,
  citizen_category  text,
  listener_category text,
  employment        jsonb NOT NULL DEFAULT '{}', -- organisation, post, is_head
  resource_id       bigint UNIQUE, -- what bookings of this person point at; made when first needed
  merged_into       bigint REFERENCES person,
  deceased_at       date,
  version           int NOT NULL DEFAULT 1,
  created_at        timestamptz NOT NULL DEFAULT now(),
  created_by        bigint REFERENCES user_account,
  updated_at        timestamptz NOT NULL DEFAULT now(),
  updated_by        bigint REFERENCES user_account
);
CREATE UNIQUE INDEX person_snils_key ON person (snils) WHERE merged_into IS NULL;
CREATE INDEX person_name_idx ON person
  USING gin (fold(last_name || ' ' || first_name || ' ' || coalesce(middle_name, '')) gin_trgm_ops);
CREATE TRIGGER person_version BEFORE UPDATE ON person FOR EACH ROW EXECUTE FUNCTION bump_version();

-- Documents are issued in the name at the moment of issue.
CREATE TABLE person_name_history (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person_id   bigint NOT NULL REFERENCES person,
  last_name   text NOT NULL,
  first_name  text NOT NULL,
  middle_name text,
  valid_to    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX person_name_history_idx ON person_name_history (person_id);
CREATE FUNCTION keep_person_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO person_name_history (person_id, last_name, first_name, middle_name)
  VALUES (OLD.id, OLD.last_name, OLD.first_name, OLD.middle_name);
  RETURN NULL;
END $$;
CREATE TRIGGER person_name_changed AFTER UPDATE ON person FOR EACH ROW
  WHEN ((OLD.last_name, OLD.first_name, OLD.middle_name)
        IS DISTINCT FROM (NEW.last_name, NEW.first_name, NEW.middle_name))
  EXECUTE FUNCTION keep_person_name();

CREATE FUNCTION full_name(p person) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT concat_ws(' ', p.last_name, nullif(p.first_name, ''), p.middle_name) $$;

-- «Сидорова А. П.»: no-break spaces keep a name on one line.
CREATE FUNCTION short_name(p person) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT p.last_name || coalesce(U&'\00A0' || nullif(left(p.first_name, 1), '') || '.', '')
                     || coalesce(U&'\00A0' || left(p.middle_name, 1) || '.', '')
$$;

CREATE TABLE guardian_link (
  id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  minor_id           bigint NOT NULL REFERENCES person,
  guardian_id        bigint NOT NULL REFERENCES person,
  relation           text NOT NULL, -- мать, отец, опекун …
  consented_at       timestamptz,
  revoked_at         timestamptz,
  created_at         timestamptz NOT NULL DEFAULT now(),
  CHECK (minor_id <> guardian_id)
);
CREATE UNIQUE INDEX guardian_link_key ON guardian_link (minor_id, guardian_id) WHERE revoked_at IS NULL;

CREATE TABLE consent (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person_id     bigint NOT NULL REFERENCES person,
  kind          text NOT NULL, -- personal_data, distribution, portfolio …
  text_version  text NOT NULL, -- which wording was agreed to
  state         text NOT NULL DEFAULT 'given' CHECK (state IN ('given', 'withdrawn', 'expired', 'superseded')),
  channel       text NOT NULL DEFAULT 'web' CHECK (channel IN ('paper', 'web', 'esia')),
  given_at      timestamptz NOT NULL DEFAULT now(),
  given_by_guardian_id bigint REFERENCES person,
  valid_to      date,
  withdrawn_at  timestamptz
);
CREATE UNIQUE INDEX consent_in_force_key ON consent (person_id, kind) WHERE state = 'given';
