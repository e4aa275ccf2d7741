-- Why: passwords and keys of integrations are typed in the browser and lie here encrypted (kit.secret): the key is made of the
-- secret file, which is not in the database. The name is bound to the value: one moved to another row does not open.
CREATE TABLE integration_secret (
  name   text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9_.-]{1,99}$'),
  sealed text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now(),
  set_by bigint REFERENCES user_account
);
