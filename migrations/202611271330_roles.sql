-- Why: roles and permission sets are the region's to change. The product ships seven roles and some sets (lua/rules/roles);
-- a region adds its own and moves rights. Only differences from the shipped table lie here.
CREATE TABLE access_role (
  code               text PRIMARY KEY CHECK (code ~ '^[a-z][a-z0-9_]{1,30}$'),
  kind               text NOT NULL CHECK (kind IN ('role', 'set')),
  name               text CHECK (name <> ''), -- NULL: the product's word
  note               text,
  base               text REFERENCES access_role, -- as which of the seven it acts in state machines
  cabinet            text REFERENCES access_role, -- on whose first screen it lands
  inherits           boolean NOT NULL DEFAULT false, -- own role: has the rights of its base until changed
  needs_organization boolean NOT NULL DEFAULT false,
  is_product         boolean NOT NULL DEFAULT false,
  manages_users      boolean NOT NULL DEFAULT false, -- kept by a trigger; see the last administrator below
  archived_at        timestamptz,
  version            int NOT NULL DEFAULT 1,
  created_at         timestamptz NOT NULL DEFAULT now(),
  created_by         bigint REFERENCES user_account,
  updated_at         timestamptz NOT NULL DEFAULT now(),
  updated_by         bigint REFERENCES user_account,
  CHECK (kind = 'set' OR (base IS NOT NULL AND cabinet IS NOT NULL)),
  CHECK (is_product OR name IS NOT NULL),
  CHECK (NOT (is_product AND archived_at IS NOT NULL))
);
CREATE TRIGGER access_role_version BEFORE UPDATE ON access_role FOR EACH ROW EXECUTE FUNCTION bump_version();

INSERT INTO access_role (code, kind, base, cabinet, needs_organization, is_product, manages_users)
SELECT code, 'role', code, code, code IN ('partner', 'customer'), true, code = 'admin'
FROM unnest(ARRAY['learner', 'teacher', 'partner', 'customer', 'staff', 'coordinator', 'admin']) AS code;
INSERT INTO access_role (code, kind, is_product)
SELECT code, 'set', true
FROM unnest(ARRAY['director', 'registrar', 'scheduler', 'methodist', 'account_manager', 'event_manager', 'curator', 'member']) AS code;

CREATE TABLE access_rule (
  permission text NOT NULL,
  role       text NOT NULL REFERENCES access_role,
  scope      text NOT NULL CHECK (scope IN ('none', 'own', 'organization', 'all')),
  reason     text,
  updated_at timestamptz NOT NULL DEFAULT now(),
  updated_by bigint REFERENCES user_account,
  PRIMARY KEY (permission, role)
);

-- ---- grants point at roles

ALTER TABLE role_grant DROP CONSTRAINT role_grant_role_check;
ALTER TABLE role_grant DROP CONSTRAINT role_grant_check1;
ALTER TABLE role_grant ADD FOREIGN KEY (role) REFERENCES access_role;
CREATE INDEX role_grant_role_idx ON role_grant (role, id);

CREATE FUNCTION check_role_grant() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  granted access_role;
  unknown text;
BEGIN
  SELECT * INTO granted FROM access_role WHERE code = NEW.role FOR SHARE; -- nobody archives it meanwhile
  IF granted.kind = 'set' THEN
    RAISE EXCEPTION 'a set is not a role' USING ERRCODE = '23514', CONSTRAINT = 'role_grant_is_role', HINT = 'not_a_role';
  END IF;
  IF granted.archived_at IS NOT NULL AND NEW.valid_to IS NULL THEN
    RAISE EXCEPTION 'the role is archived' USING ERRCODE = '23514', CONSTRAINT = 'role_grant_archived', HINT = 'role_archived';
  END IF;
  IF granted.needs_organization AND NEW.organization_id IS NULL THEN
    RAISE EXCEPTION 'no organisation' USING ERRCODE = '23514', CONSTRAINT = 'role_grant_organization', HINT = 'organization_required';
  END IF;
  SELECT s INTO unknown FROM unnest(NEW.sets) AS s
  WHERE NOT EXISTS (SELECT FROM access_role r WHERE r.code = s AND r.kind = 'set') LIMIT 1;
  IF unknown IS NOT NULL THEN
    RAISE EXCEPTION 'no set %', unknown USING ERRCODE = '23514', CONSTRAINT = 'role_grant_sets', HINT = 'unknown_set';
  END IF;
  RETURN NEW;
END $$;
-- Learners are by far the most, and always all right.
CREATE TRIGGER role_grant_check BEFORE INSERT OR UPDATE ON role_grant FOR EACH ROW
  WHEN (NEW.role <> 'learner' OR NEW.sets <> '{}') EXECUTE FUNCTION check_role_grant();

-- ---- the last administrator

-- A role manages users when `user.manage` reaches everybody. The right is not inherited.
CREATE FUNCTION keep_manages_users() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed text := coalesce(NEW.role, OLD.role);
BEGIN
  UPDATE access_role SET manages_users = coalesce(
    (SELECT scope = 'all' FROM access_rule WHERE permission = 'user.manage' AND role = changed), changed = 'admin')
  WHERE code = changed AND kind = 'role';
  RETURN NULL;
END $$;
CREATE TRIGGER access_rule_manages_users AFTER INSERT OR UPDATE ON access_rule FOR EACH ROW
  WHEN (NEW.permission = 'user.manage') EXECUTE FUNCTION keep_manages_users();
CREATE TRIGGER access_rule_manages_users_gone AFTER DELETE ON access_rule FOR EACH ROW
  WHEN (OLD.permission = 'user.manage') EXECUTE FUNCTION keep_manages_users();

-- One row that every change of an administrator writes: two who remove each other wait for one another, whatever their isolation.
CREATE TABLE admin_guard (
  is_single boolean PRIMARY KEY DEFAULT true CHECK (is_single),
  changes   bigint NOT NULL DEFAULT 0
);
INSERT INTO admin_guard DEFAULT VALUES;

CREATE FUNCTION need_an_administrator() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE admin_guard SET changes = changes + 1;
  PERFORM FROM role_grant g JOIN access_role r ON r.code = g.role JOIN user_account u ON u.id = g.user_id
  WHERE r.manages_users AND r.archived_at IS NULL AND u.state IN ('active', 'locked')
    AND g.valid_from <= current_date AND g.valid_to IS NULL
  LIMIT 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the last administrator' USING ERRCODE = '23514', CONSTRAINT = 'last_admin', HINT = 'last_admin';
  END IF;
END $$;

CREATE FUNCTION keep_last_admin_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT manages_users FROM access_role WHERE code = OLD.role) THEN PERFORM need_an_administrator(); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER role_grant_last_admin AFTER UPDATE ON role_grant FOR EACH ROW
  WHEN (OLD.valid_to IS NULL AND OLD.role <> 'learner' AND (NEW.valid_to IS NOT NULL OR NEW.role <> OLD.role
    OR NEW.user_id <> OLD.user_id OR NEW.valid_from > OLD.valid_from))
  EXECUTE FUNCTION keep_last_admin_grant();
CREATE TRIGGER role_grant_last_admin_gone AFTER DELETE ON role_grant FOR EACH ROW
  WHEN (OLD.valid_to IS NULL AND OLD.role <> 'learner') EXECUTE FUNCTION keep_last_admin_grant();

CREATE FUNCTION keep_last_admin_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM role_grant g JOIN access_role r ON r.code = g.role WHERE g.user_id = OLD.id AND r.manages_users) THEN
    PERFORM need_an_administrator();
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER user_account_last_admin AFTER UPDATE ON user_account FOR EACH ROW
  WHEN (OLD.state IN ('active', 'locked') AND NEW.state NOT IN ('active', 'locked'))
  EXECUTE FUNCTION keep_last_admin_account();

CREATE FUNCTION keep_last_admin_role() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM need_an_administrator();
  RETURN NULL;
END $$;
CREATE TRIGGER access_role_last_admin AFTER UPDATE ON access_role FOR EACH ROW
  WHEN (OLD.manages_users AND (NOT NEW.manages_users OR NEW.archived_at IS NOT NULL))
  EXECUTE FUNCTION keep_last_admin_role();
CREATE TRIGGER access_role_last_admin_gone AFTER DELETE ON access_role FOR EACH ROW
  WHEN (OLD.manages_users) EXECUTE FUNCTION keep_last_admin_role();
