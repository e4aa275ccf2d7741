-- Why: a password alone is not enough for those who see other people's data: one-time codes of a phone (RFC 6238) with recovery codes;
-- sessions that know when their owner last proved himself; devices that keep their owner in while somebody guesses the password.
ALTER TABLE user_account DROP COLUMN totp_secret;
ALTER TABLE user_account ADD COLUMN otp_since timestamptz; -- a second factor is in force; kept by accounts/second_factor

CREATE TABLE second_factor (
  user_id      bigint PRIMARY KEY REFERENCES user_account,
  sealed       text NOT NULL,          -- the key of the codes, encrypted (core.crypto.seal)
  confirmed_at timestamptz,            -- NULL: shown as a picture, not yet proved by a code
  last_step    bigint NOT NULL DEFAULT 0, -- half minute of the last code that was used: each code works once
  created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE recovery_code (
  code_hash  char(64) PRIMARY KEY,
  user_id    bigint NOT NULL REFERENCES user_account,
  created_at timestamptz NOT NULL DEFAULT now(),
  used_at    timestamptz
);
CREATE INDEX recovery_code_user_idx ON recovery_code (user_id);

-- Between password and code: who may go on, for ten minutes.
CREATE TABLE login_step (
  token_hash char(64) PRIMARY KEY,
  user_id    bigint NOT NULL REFERENCES user_account,
  next       text NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX login_step_age_idx ON login_step (expires_at);

ALTER TABLE session ADD COLUMN proved_at timestamptz NOT NULL DEFAULT now(); -- when the owner last gave password or code

-- A browser from which the owner has come in before: guesses from elsewhere do not slow it.
CREATE TABLE known_device (
  token_hash char(64) PRIMARY KEY,
  user_id    bigint NOT NULL REFERENCES user_account,
  created_at timestamptz NOT NULL DEFAULT now(),
  seen_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX known_device_user_idx ON known_device (user_id);

-- A new address counts when both, the old and the new one, have said yes.
CREATE TABLE email_change (
  user_id       bigint PRIMARY KEY REFERENCES user_account,
  new_email     text NOT NULL CHECK (new_email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  old_agreed_at timestamptz,
  new_agreed_at timestamptz,
  expires_at    timestamptz NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE mail_token DROP CONSTRAINT mail_token_purpose_check;
ALTER TABLE mail_token ADD CHECK (purpose IN ('confirm', 'reset', 'email_old', 'email_new'));
