-- Why: the journal of actions must hold against the application itself. Who owns a table may drop its trigger, so the server works
-- under a role of its own, copp_app, which may add to the journal and read it. The owner migrates, backs up and restores.
-- Called at every start by the owner: a restored dump carries no rights, a new table gets them by default.
CREATE FUNCTION grant_app() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'copp_app') OR current_user = 'copp_app' THEN RETURN; END IF;
  IF has_table_privilege('copp_app', 'audit_check', 'INSERT') THEN RETURN; END IF;
  GRANT USAGE ON SCHEMA public TO copp_app;
  GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO copp_app;
  GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO copp_app;
  ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO copp_app;
  ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO copp_app;
  REVOKE UPDATE, DELETE ON audit_event, audit_link, audit_check FROM copp_app;
  REVOKE INSERT, UPDATE, DELETE ON schema_migration FROM copp_app;
END $$;

-- The trigger stands for installations that serve with the owner's role; TRUNCATE went past it.
CREATE TRIGGER audit_event_keep BEFORE TRUNCATE ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_link_keep BEFORE TRUNCATE ON audit_link FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
