-- Why: organisations register themselves and are checked by the staff; people work for them as curators, members and
-- experts from a day to a day; names change and the old ones stay findable.

ALTER TABLE organization
  ADD COLUMN reason text,                                  -- of the last refusal or suspension, shown to the curator
  ADD COLUMN successor_id bigint REFERENCES organization,  -- who took over what was closed (merger)
  ADD CHECK (successor_id <> id);
CREATE INDEX organization_inn_idx ON organization (inn text_pattern_ops);
CREATE INDEX organization_ogrn_idx ON organization (ogrn);
CREATE INDEX organization_state_idx ON organization (state, id);
CREATE INDEX organization_short_name_idx ON organization (short_name COLLATE ru, id);
CREATE INDEX organization_parent_idx ON organization (parent_id) WHERE parent_id IS NOT NULL;

-- ---- names that were

CREATE TABLE organization_name_history (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organization_id bigint NOT NULL REFERENCES organization,
  full_name       text NOT NULL,
  short_name      text NOT NULL,
  valid_to        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX organization_name_history_idx ON organization_name_history (organization_id, id);
CREATE FUNCTION keep_organization_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO organization_name_history (organization_id, full_name, short_name) VALUES (OLD.id, OLD.full_name, OLD.short_name);
  RETURN NULL;
END $$;
CREATE TRIGGER organization_name_changed AFTER UPDATE ON organization FOR EACH ROW
  WHEN ((OLD.full_name, OLD.short_name) IS DISTINCT FROM (NEW.full_name, NEW.short_name))
  EXECUTE FUNCTION keep_organization_name();

-- ---- who works for it

CREATE TABLE org_member (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organization_id bigint NOT NULL REFERENCES organization,
  user_id         bigint NOT NULL REFERENCES user_account,
  capacity        text NOT NULL CHECK (capacity IN ('curator', 'member', 'expert')),
  post            text,
  started_at      timestamptz NOT NULL DEFAULT now(),
  ended_at        timestamptz,
  by_staff        boolean NOT NULL DEFAULT false, -- who made the last change; see the last curator below
  version         int NOT NULL DEFAULT 1,
  created_at      timestamptz NOT NULL DEFAULT now(),
  created_by      bigint REFERENCES user_account,
  updated_at      timestamptz NOT NULL DEFAULT now(),
  updated_by      bigint REFERENCES user_account
);
-- Curator or member; an expert may be one of them besides.
CREATE UNIQUE INDEX org_member_key ON org_member (organization_id, user_id, (capacity = 'expert')) WHERE ended_at IS NULL;
CREATE INDEX org_member_user_idx ON org_member (user_id);
CREATE TRIGGER org_member_version BEFORE UPDATE ON org_member FOR EACH ROW EXECUTE FUNCTION bump_version();

-- An organisation that works has a curator. Only the staff may leave it without one: they look for a new one.
CREATE FUNCTION keep_last_curator() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Two curators who remove each other wait here for one another.
  PERFORM FROM organization WHERE id = OLD.organization_id AND state = 'active' FOR UPDATE;
  IF FOUND AND NOT EXISTS (SELECT FROM org_member
    WHERE organization_id = OLD.organization_id AND capacity = 'curator' AND ended_at IS NULL) THEN
    RAISE EXCEPTION 'the last curator' USING ERRCODE = '23514', CONSTRAINT = 'last_curator', HINT = 'last_curator';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER org_member_last_curator AFTER UPDATE ON org_member FOR EACH ROW
  WHEN (OLD.capacity = 'curator' AND OLD.ended_at IS NULL AND (NEW.capacity <> 'curator' OR NEW.ended_at IS NOT NULL) AND NOT NEW.by_staff)
  EXECUTE FUNCTION keep_last_curator();

-- ---- a membership carries its grants

ALTER TABLE role_grant ADD COLUMN member_id bigint REFERENCES org_member;
CREATE INDEX role_grant_member_idx ON role_grant (member_id) WHERE member_id IS NOT NULL;

INSERT INTO org_member (organization_id, user_id, capacity, started_at)
SELECT organization_id, user_id, CASE WHEN bool_or('member' = ANY (sets) AND NOT 'curator' = ANY (sets)) THEN 'member' ELSE 'curator' END, min(created_at)
FROM role_grant WHERE role IN ('partner', 'customer') AND valid_to IS NULL GROUP BY organization_id, user_id;
UPDATE role_grant g SET member_id = m.id FROM org_member m
WHERE m.organization_id = g.organization_id AND m.user_id = g.user_id AND g.role IN ('partner', 'customer') AND g.valid_to IS NULL;

-- A grant that comes another way (command line, administrator, import) is a membership, too.
CREATE FUNCTION join_by_grant() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  acts_as text;
BEGIN
  SELECT base INTO acts_as FROM access_role WHERE code = NEW.role;
  IF acts_as NOT IN ('partner', 'customer') OR NEW.valid_to IS NOT NULL THEN RETURN NEW; END IF;
  INSERT INTO org_member (organization_id, user_id, capacity, created_by, updated_by)
  VALUES (NEW.organization_id, NEW.user_id,
    CASE WHEN 'member' = ANY (NEW.sets) AND NOT 'curator' = ANY (NEW.sets) THEN 'member' ELSE 'curator' END, NEW.created_by, NEW.created_by)
  ON CONFLICT (organization_id, user_id, (capacity = 'expert')) WHERE ended_at IS NULL DO NOTHING;
  SELECT id INTO NEW.member_id FROM org_member
  WHERE organization_id = NEW.organization_id AND user_id = NEW.user_id AND capacity <> 'expert' AND ended_at IS NULL;
  RETURN NEW;
END $$;
CREATE TRIGGER role_grant_joins BEFORE INSERT ON role_grant FOR EACH ROW
  WHEN (NEW.organization_id IS NOT NULL AND NEW.member_id IS NULL AND NEW.role <> 'learner') EXECUTE FUNCTION join_by_grant();

-- Whoever loses the last of them by an administrator's hand works there no more.
CREATE FUNCTION leave_by_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE org_member SET ended_at = now(), by_staff = true
  WHERE id = NEW.member_id AND ended_at IS NULL
    AND NOT EXISTS (SELECT FROM role_grant WHERE member_id = NEW.member_id AND valid_to IS NULL);
  RETURN NULL;
END $$;
CREATE TRIGGER role_grant_leaves AFTER UPDATE ON role_grant FOR EACH ROW
  WHEN (NEW.member_id IS NOT NULL AND OLD.valid_to IS NULL AND NEW.valid_to IS NOT NULL) EXECUTE FUNCTION leave_by_grant();

-- ---- asking to be let in

-- kind "register": brings an organisation that the platform does not know; "join": asks one that is there. What a guest has
-- typed waits in `data` until his address is proved.
CREATE TABLE org_claim (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind            text NOT NULL CHECK (kind IN ('register', 'join')),
  user_id         bigint NOT NULL REFERENCES user_account,
  organization_id bigint REFERENCES organization,
  role            text NOT NULL CHECK (role IN ('partner', 'customer')),
  post            text,
  comment         text,
  data            jsonb NOT NULL DEFAULT '{}',
  state           text NOT NULL DEFAULT 'pending' CHECK (state IN ('unconfirmed', 'pending', 'accepted', 'rejected', 'withdrawn')),
  reason          text,
  decided_at      timestamptz,
  decided_by      bigint REFERENCES user_account,
  created_at      timestamptz NOT NULL DEFAULT now(),
  CHECK (state = 'unconfirmed' OR organization_id IS NOT NULL)
);
CREATE UNIQUE INDEX org_claim_key ON org_claim (user_id, organization_id) WHERE state = 'pending';
CREATE INDEX org_claim_organization_idx ON org_claim (organization_id, state);
CREATE INDEX org_claim_unconfirmed_idx ON org_claim (user_id) WHERE state = 'unconfirmed';

-- A link sent by mail: single use, short life. The token itself is nowhere.
CREATE TABLE org_invitation (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token_hash      char(64) NOT NULL UNIQUE,
  organization_id bigint NOT NULL REFERENCES organization,
  email           text NOT NULL,
  capacity        text NOT NULL CHECK (capacity IN ('curator', 'member', 'expert')),
  post            text,
  expires_at      timestamptz NOT NULL,
  accepted_at     timestamptz,
  accepted_by     bigint REFERENCES user_account,
  revoked_at      timestamptz,
  created_at      timestamptz NOT NULL DEFAULT now(),
  created_by      bigint REFERENCES user_account
);
CREATE UNIQUE INDEX org_invitation_key ON org_invitation (organization_id, lower(email)) WHERE accepted_at IS NULL AND revoked_at IS NULL;

-- ---- contacts, agreements

CREATE TABLE org_contact (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organization_id bigint NOT NULL REFERENCES organization,
  name            text NOT NULL CHECK (name <> ''),
  post            text,
  phone           text,
  email           text,
  note            text,
  created_at      timestamptz NOT NULL DEFAULT now(),
  created_by      bigint REFERENCES user_account
);
CREATE INDEX org_contact_idx ON org_contact (organization_id, id);

CREATE TABLE agreement (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organization_id bigint NOT NULL REFERENCES organization,
  kind            text NOT NULL CHECK (kind IN ('network', 'cooperation', 'training', 'practice')),
  number          text NOT NULL CHECK (number <> ''),
  signed_on       date NOT NULL,
  valid_to        date,
  subject         text,
  file_id         bigint REFERENCES file_object,
  ended_on        date, -- terminated before its day
  version         int NOT NULL DEFAULT 1,
  created_at      timestamptz NOT NULL DEFAULT now(),
  created_by      bigint REFERENCES user_account,
  updated_at      timestamptz NOT NULL DEFAULT now(),
  updated_by      bigint REFERENCES user_account,
  CHECK (valid_to IS NULL OR valid_to >= signed_on),
  UNIQUE (organization_id, number, signed_on)
);
CREATE INDEX agreement_file_idx ON agreement (file_id) WHERE file_id IS NOT NULL;
CREATE TRIGGER agreement_version BEFORE UPDATE ON agreement FOR EACH ROW EXECUTE FUNCTION bump_version();
