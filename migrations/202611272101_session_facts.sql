-- Why: each page asked PostgreSQL anew who the user is and what he may, which cost twice what the page's own rows did. Workers keep
-- these facts of a session now, and ask only whether its number of them is still the same: the triggers below raise it in the very
-- transaction that changes a name, an address, a grant or an organisation, so a right that is taken away is gone with the commit.

ALTER TABLE session ADD COLUMN facts int NOT NULL DEFAULT 1;

-- Whoever opens a session locks the account first, as these triggers do: otherwise a session opened while a change is under way would begin with
-- the facts from before it and never hear of the change.
CREATE FUNCTION raise_session_facts(users bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM user_account WHERE id = ANY (users) ORDER BY id FOR NO KEY UPDATE;
  UPDATE session SET facts = facts + 1 WHERE user_id = ANY (users) AND revoked_at IS NULL;
END $$;

-- Of person and role_grant, for those that come in numbers: once a statement.
CREATE FUNCTION session_facts_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM raise_session_facts(ARRAY(SELECT DISTINCT user_id FROM added WHERE user_id IS NOT NULL));
  RETURN NULL;
END $$;
CREATE FUNCTION session_facts_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM raise_session_facts(ARRAY[OLD.user_id, NEW.user_id]);
  RETURN NULL;
END $$;
CREATE FUNCTION session_facts_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM raise_session_facts(ARRAY[OLD.user_id]);
  RETURN NULL;
END $$;

CREATE TRIGGER person_facts_added AFTER INSERT ON person REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION session_facts_added();
CREATE TRIGGER person_facts_changed AFTER UPDATE ON person FOR EACH ROW
  WHEN ((OLD.user_id, OLD.last_name, OLD.first_name, OLD.middle_name) IS DISTINCT FROM (NEW.user_id, NEW.last_name, NEW.first_name, NEW.middle_name))
  EXECUTE FUNCTION session_facts_changed();
CREATE TRIGGER person_facts_gone AFTER DELETE ON person FOR EACH ROW WHEN (OLD.user_id IS NOT NULL) EXECUTE FUNCTION session_facts_gone();

CREATE TRIGGER role_grant_facts_added AFTER INSERT ON role_grant REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION session_facts_added();
CREATE TRIGGER role_grant_facts_changed AFTER UPDATE ON role_grant FOR EACH ROW EXECUTE FUNCTION session_facts_changed();
CREATE TRIGGER role_grant_facts_gone AFTER DELETE ON role_grant FOR EACH ROW EXECUTE FUNCTION session_facts_gone();

CREATE FUNCTION session_facts_of_organization() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM raise_session_facts(ARRAY(SELECT DISTINCT user_id FROM role_grant WHERE organization_id = NEW.id));
  RETURN NULL;
END $$;
CREATE TRIGGER organization_facts_changed AFTER UPDATE ON organization FOR EACH ROW
  WHEN ((OLD.state, OLD.short_name) IS DISTINCT FROM (NEW.state, NEW.short_name)) EXECUTE FUNCTION session_facts_of_organization();

-- An account that may not enter has no sessions.
CREATE FUNCTION session_facts_of_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state IN ('active', 'locked') THEN
    UPDATE session SET facts = facts + 1 WHERE user_id = NEW.id AND revoked_at IS NULL;
  ELSE
    UPDATE session SET revoked_at = now() WHERE user_id = NEW.id AND revoked_at IS NULL;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER user_account_facts_changed AFTER UPDATE ON user_account FOR EACH ROW
  WHEN ((OLD.state, OLD.email, OLD.otp_since) IS DISTINCT FROM (NEW.state, NEW.email, NEW.otp_since)) EXECUTE FUNCTION session_facts_of_account();

-- Answers that stay open end with rights that change, too.
DROP TRIGGER session_ended ON session;
CREATE TRIGGER session_ended AFTER UPDATE OF revoked_at, grant_id, token_hash, expires_at, facts OR DELETE ON session
  FOR EACH ROW EXECUTE FUNCTION notify_session();
