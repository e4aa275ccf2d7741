-- Why: owner of a programme, who delivers it and whose workshop it runs in may be three organisations; one
-- organisation may be partner and customer at once.
CREATE TABLE organization (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind             text NOT NULL, -- ref_book org_kind
  is_partner       boolean NOT NULL DEFAULT false,
  is_customer      boolean NOT NULL DEFAULT false,
  full_name        text NOT NULL,
  short_name       text NOT NULL,
  inn              varchar(12) CHECK (inn ~ '^(\d{10}|\d{12})$'),
  kpp              char(9) CHECK (kpp ~ '^\d{4}[0-9A-Z]{2}\d{3}$'),
  ogrn             varchar(15) CHECK (ogrn ~ '^(\d{13}|\d{15})$'),
  okved_main       text,
  region_code      char(2),
  municipality     text,
  legal_address    text,
  actual_address   text,
  director_name    text,
  director_post    text,
  director_basis   text, -- «действующего на основании …»
  phone            text,
  email            text,
  site_url         text,
  licence          jsonb NOT NULL DEFAULT '{}', -- number, date, issuer
  bank             jsonb NOT NULL DEFAULT '{}',
  parent_id        bigint REFERENCES organization, -- a branch names its head
  state            text NOT NULL DEFAULT 'pending'
                   CHECK (state IN ('pending', 'checking', 'active', 'suspended', 'rejected', 'closed')),
  version          int NOT NULL DEFAULT 1,
  created_at       timestamptz NOT NULL DEFAULT now(),
  created_by       bigint REFERENCES user_account,
  updated_at       timestamptz NOT NULL DEFAULT now(),
  updated_by       bigint REFERENCES user_account
);
-- A branch shares ИНН with its head but not КПП; a sole trader has no КПП.
CREATE UNIQUE INDEX organization_inn_kpp_key ON organization (inn, coalesce(kpp, '')) WHERE state NOT IN ('rejected', 'closed');
CREATE INDEX organization_name_idx ON organization USING gin (fold(short_name || ' ' || full_name) gin_trgm_ops);
CREATE TRIGGER organization_version BEFORE UPDATE ON organization FOR EACH ROW EXECUTE FUNCTION bump_version();

CREATE TABLE role_grant (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id         bigint NOT NULL REFERENCES user_account,
  role            text NOT NULL
                  CHECK (role IN ('learner', 'teacher', 'partner', 'customer', 'staff', 'coordinator', 'admin')),
  organization_id bigint REFERENCES organization,
  sets            text[] NOT NULL DEFAULT '{}', -- permission sets: director, registrar, scheduler, methodist …
  valid_from      date NOT NULL DEFAULT current_date,
  valid_to        date,
  created_at      timestamptz NOT NULL DEFAULT now(),
  created_by      bigint REFERENCES user_account,
  CHECK (valid_to IS NULL OR valid_to >= valid_from),
  CHECK (organization_id IS NOT NULL OR role NOT IN ('partner', 'customer'))
);
CREATE UNIQUE INDEX role_grant_key ON role_grant (user_id, role, coalesce(organization_id, 0)) WHERE valid_to IS NULL;
CREATE INDEX role_grant_user_idx ON role_grant (user_id);
CREATE INDEX role_grant_organization_idx ON role_grant (organization_id);

CREATE TABLE session (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token_hash   char(64) NOT NULL UNIQUE, -- sha256 of the token; the token itself is nowhere
  kind         text NOT NULL DEFAULT 'web' CHECK (kind IN ('web', 'api')),
  user_id      bigint NOT NULL REFERENCES user_account,
  grant_id     bigint REFERENCES role_grant, -- the grant in force; NULL: the first valid one
  ip           inet,
  user_agent   text,
  created_at   timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz NOT NULL DEFAULT now(), -- written at most once a minute
  idle_minutes int NOT NULL DEFAULT 720,
  expires_at   timestamptz NOT NULL, -- absolute
  revoked_at   timestamptz
);
CREATE INDEX session_user_idx ON session (user_id) WHERE revoked_at IS NULL;

-- Links sent by mail: confirmation of an address, recovery of a password. Single use, short life.
CREATE TABLE mail_token (
  token_hash char(64) PRIMARY KEY,
  user_id    bigint NOT NULL REFERENCES user_account,
  purpose    text NOT NULL CHECK (purpose IN ('confirm', 'reset')),
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  used_at    timestamptz
);
CREATE INDEX mail_token_user_idx ON mail_token (user_id);

-- Throttling of log-ins by account and by address; hashes, so that the table names nobody.
CREATE TABLE login_attempt (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key     char(64) NOT NULL, -- sha256 of "account:<e-mail>" or "ip:<address>"
  at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX login_attempt_key_idx ON login_attempt (key, at);
