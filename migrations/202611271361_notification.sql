-- Why: people learn of what concerns them in one place: a list in the cabinet, and letters as each has chosen. A row is told
-- once, whatever runs twice: its key names the event and the rule.
CREATE TABLE notification (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id    bigint NOT NULL REFERENCES user_account,
  kind       text NOT NULL, -- of lua/rules/notifications.lua
  title      text NOT NULL CHECK (title <> ''),
  text       text NOT NULL DEFAULT '',
  link       text CHECK (link ~ '^/[^/\\]'), -- of this site only
  key        text NOT NULL,
  in_page    boolean NOT NULL DEFAULT true, -- false: this person wants letters only
  mail       text NOT NULL DEFAULT 'off' CHECK (mail IN ('off', 'sent', 'digest')),
  mail_at    timestamptz, -- when the digest that takes it is due
  created_at timestamptz NOT NULL DEFAULT now(),
  read_at    timestamptz,
  CONSTRAINT notification_once UNIQUE (user_id, key),
  CHECK ((mail = 'digest') = (mail_at IS NOT NULL))
);
CREATE INDEX notification_list_idx ON notification (user_id, id DESC) WHERE in_page;
CREATE INDEX notification_unread_idx ON notification (user_id) WHERE in_page AND read_at IS NULL;
CREATE INDEX notification_digest_idx ON notification (mail_at) WHERE mail = 'digest';
CREATE INDEX notification_age_idx ON notification (created_at);

-- What a person has chosen otherwise than the rule of the kind says.
CREATE TABLE notification_choice (
  user_id bigint NOT NULL REFERENCES user_account,
  kind    text NOT NULL,
  page    boolean NOT NULL,
  mail    text NOT NULL CHECK (mail IN ('now', 'digest', 'off')),
  PRIMARY KEY (user_id, kind)
);

CREATE TABLE notification_setting (
  user_id    bigint PRIMARY KEY REFERENCES user_account,
  zone       text NOT NULL,
  digest_at  time NOT NULL DEFAULT '09:00', -- local
  quiet_from time,
  quiet_to   time,
  stop_token uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE, -- of the link that ends letters without a log-in
  CHECK ((quiet_from IS NULL) = (quiet_to IS NULL)),
  CHECK (quiet_from <> quiet_to)
);
CREATE TRIGGER notification_setting_zone BEFORE INSERT OR UPDATE OF zone ON notification_setting
  FOR EACH ROW EXECUTE FUNCTION zone_is_known();

-- The next time a clock of this zone shows `wanted`.
CREATE FUNCTION next_local_time(wanted time, zone text, since timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT ((since AT TIME ZONE zone)::date + wanted
    + CASE WHEN (since AT TIME ZONE zone)::time < wanted THEN interval '0' ELSE interval '1 day' END) AT TIME ZONE zone
$$;

-- When the quiet hours that hold at the moment end; NULL outside of them. They may go over midnight.
CREATE FUNCTION quiet_until(s notification_setting, since timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN s.quiet_from IS NOT NULL AND CASE WHEN s.quiet_from < s.quiet_to
      THEN (since AT TIME ZONE s.zone)::time >= s.quiet_from AND (since AT TIME ZONE s.zone)::time < s.quiet_to
      ELSE (since AT TIME ZONE s.zone)::time >= s.quiet_from OR (since AT TIME ZONE s.zone)::time < s.quiet_to END
    THEN next_local_time(s.quiet_to, s.zone, since) END
$$;
