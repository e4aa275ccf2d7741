-- Why: an answer that stays open (kit.live) has to end at once when its session ends or gets other rights, whoever changes it.
CREATE FUNCTION notify_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('copp', '{"topic":"session.' || OLD.id || '"}');
  RETURN NULL;
END $$;

CREATE TRIGGER session_ended AFTER UPDATE OF revoked_at, grant_id, token_hash, expires_at OR DELETE ON session
  FOR EACH ROW EXECUTE FUNCTION notify_session();
