-- Why: people come in through Госуслуги (ЕСИА) or another provider of OpenID Connect. What the region was given by the provider lies
-- here, secrets apart (integration_secret); who is who at a provider; and each log-in under way, bound to one browser and used once.
CREATE TABLE signin_provider (
  code       text PRIMARY KEY CHECK (code ~ '^[a-z][a-z0-9_]{1,30}$'),
  kind       text NOT NULL CHECK (kind IN ('esia', 'oidc')),
  is_on      boolean NOT NULL DEFAULT false,
  is_mock    boolean NOT NULL DEFAULT false, -- speaks with /dev/esia of this very server
  settings   jsonb NOT NULL DEFAULT '{}',
  version    int NOT NULL DEFAULT 1,
  updated_at timestamptz NOT NULL DEFAULT now(),
  updated_by bigint REFERENCES user_account
);
CREATE TRIGGER signin_provider_version BEFORE UPDATE ON signin_provider FOR EACH ROW EXECUTE FUNCTION bump_version();
INSERT INTO signin_provider (code, kind) VALUES ('esia', 'esia'), ('oidc', 'oidc');

CREATE TABLE user_identity (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id      bigint NOT NULL REFERENCES user_account,
  provider     text NOT NULL REFERENCES signin_provider,
  subject      text NOT NULL CHECK (subject <> ''),
  is_trusted   boolean NOT NULL DEFAULT false, -- the provider has checked the person's papers
  created_at   timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (provider, subject),
  UNIQUE (user_id, provider)
);

-- A log-in under way: the hash of `state`, and of the cookie of the browser that began it.
CREATE TABLE signin_attempt (
  state_hash   char(64) PRIMARY KEY,
  provider     text NOT NULL REFERENCES signin_provider,
  browser_hash char(64) NOT NULL,
  purpose      text NOT NULL CHECK (purpose IN ('login', 'link', 'prove')),
  user_id      bigint REFERENCES user_account,
  next         text NOT NULL,
  proof        text NOT NULL DEFAULT '', -- sealed: nonce and code verifier
  expires_at   timestamptz NOT NULL,
  CHECK ((purpose = 'login') = (user_id IS NULL))
);
CREATE INDEX signin_attempt_age_idx ON signin_attempt (expires_at);

-- Somebody new: what the provider said, until he decides whether to make an account or to link one. Sealed.
CREATE TABLE signin_newcomer (
  token_hash char(64) PRIMARY KEY,
  profile    text NOT NULL,
  next       text NOT NULL,
  expires_at timestamptz NOT NULL
);

-- The head of an organisation, as ЕСИА says, may act for it without a check by hand.
CREATE TABLE signin_offer (
  user_id         bigint NOT NULL REFERENCES user_account,
  organization_id bigint NOT NULL REFERENCES organization,
  expires_at      timestamptz NOT NULL,
  PRIMARY KEY (user_id, organization_id)
);

-- Codes that the mock has given out and taken back: each works once.
CREATE TABLE signin_mock_code (
  code_hash  char(64) PRIMARY KEY,
  expires_at timestamptz NOT NULL
);
