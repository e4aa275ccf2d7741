-- Why: administration of users at a million rows, and duplicates of people put together.
CREATE INDEX user_account_state_idx ON user_account (state, id);
CREATE INDEX user_account_login_idx ON user_account (coalesce(last_login_at, '-infinity'), id);
CREATE INDEX user_account_email_idx ON user_account USING gin (lower(email) gin_trgm_ops);
-- Who holds a set: staff have them, hardly anybody else.
CREATE INDEX role_grant_sets_idx ON role_grant (id) WHERE sets <> '{}';

-- Every column that points at a table, found in the catalogue: what is added later is not forgotten.
CREATE FUNCTION references_to(target regclass) RETURNS TABLE (table_name text, column_name text) LANGUAGE sql STABLE AS $$
  SELECT c.conrelid::regclass::text, a.attname::text
  FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
  WHERE c.contype = 'f' AND c.confrelid = target AND cardinality(c.conkey) = 1 AND c.conparentid = 0
    AND NOT (c.conrelid = 'person'::regclass AND a.attname = 'merged_into')
  ORDER BY 1, 2
$$;

-- Points rows at another one. A row that the new owner has already (a consent of the kind, a place in the group) stays where it is.
CREATE FUNCTION move_references(target regclass, old_id bigint, new_id bigint)
RETURNS TABLE (table_name text, column_name text, moved bigint, kept bigint) LANGUAGE plpgsql AS $$
DECLARE
  place record;
  line tid;
BEGIN
  FOR place IN SELECT * FROM references_to(target) LOOP
    table_name := place.table_name;
    column_name := place.column_name;
    moved := 0;
    kept := 0;
    FOR line IN EXECUTE format('SELECT ctid FROM %s WHERE %I = $1', place.table_name, place.column_name) USING old_id LOOP
      BEGIN
        EXECUTE format('UPDATE %s SET %I = $1 WHERE ctid = $2', place.table_name, place.column_name) USING new_id, line;
        moved := moved + 1;
      EXCEPTION WHEN integrity_constraint_violation OR raise_exception THEN
        kept := kept + 1;
      END;
    END LOOP;
    IF moved + kept > 0 THEN RETURN NEXT; END IF;
  END LOOP;
END $$;

-- Puts a duplicate into the person who stays. Returns what moved. The duplicate remains as a row that says where it went.
CREATE FUNCTION merge_person(duplicate_id bigint, person_id bigint)
RETURNS TABLE (table_name text, column_name text, moved bigint, kept bigint) LANGUAGE plpgsql AS $$
DECLARE
  duplicate person;
  stays person;
BEGIN
  PERFORM FROM person p WHERE p.id IN (duplicate_id, person_id) ORDER BY p.id FOR UPDATE;
  SELECT * INTO duplicate FROM person p WHERE p.id = duplicate_id;
  SELECT * INTO stays FROM person p WHERE p.id = person_id;
  IF duplicate.id IS NULL OR stays.id IS NULL OR duplicate.id = stays.id OR duplicate.merged_into IS NOT NULL OR stays.merged_into IS NOT NULL THEN
    RAISE EXCEPTION 'not two people' USING ERRCODE = '23514', CONSTRAINT = 'merge_two', HINT = 'merge_two';
  END IF;
  IF duplicate.snils <> stays.snils THEN
    RAISE EXCEPTION 'two different numbers' USING ERRCODE = '23514', CONSTRAINT = 'merge_snils', HINT = 'different_snils';
  END IF;
  IF duplicate.birth_date <> stays.birth_date THEN
    RAISE EXCEPTION 'two different birthdays' USING ERRCODE = '23514', CONSTRAINT = 'merge_birth_date', HINT = 'different_birth_date';
  END IF;
  UPDATE person SET merged_into = stays.id, user_id = NULL, resource_id = NULL WHERE id = duplicate.id;
  RETURN QUERY SELECT * FROM move_references('person', duplicate.id, stays.id);
  IF duplicate.resource_id IS NOT NULL AND stays.resource_id IS NOT NULL THEN
    RETURN QUERY SELECT m.* FROM move_references('resource', duplicate.resource_id, stays.resource_id) m
      WHERE m.table_name <> 'person';
  END IF;
  IF duplicate.user_id IS NOT NULL AND stays.user_id IS NOT NULL THEN
    RETURN QUERY SELECT * FROM merge_account(duplicate.user_id, stays.user_id);
  END IF;
  UPDATE person p SET
    user_id = coalesce(p.user_id, duplicate.user_id), resource_id = coalesce(p.resource_id, duplicate.resource_id),
    snils = coalesce(p.snils, duplicate.snils), inn = coalesce(p.inn, duplicate.inn), gender = coalesce(p.gender, duplicate.gender),
    birth_date = coalesce(p.birth_date, duplicate.birth_date), middle_name = coalesce(p.middle_name, duplicate.middle_name),
    has_middle_name = p.has_middle_name AND (p.middle_name IS NOT NULL OR duplicate.has_middle_name),
    birth_place = coalesce(p.birth_place, duplicate.birth_place), phone = coalesce(p.phone, duplicate.phone),
    email = coalesce(p.email, duplicate.email), address = coalesce(p.address, duplicate.address),
    education_level = coalesce(p.education_level, duplicate.education_level),
    education_doc = duplicate.education_doc || p.education_doc, employment = duplicate.employment || p.employment,
    health_limit = coalesce(p.health_limit, duplicate.health_limit),
    citizen_category = coalesce(p.citizen_category, duplicate.citizen_category),
    listener_category = coalesce(p.listener_category, duplicate.listener_category)
  WHERE p.id = stays.id;
END $$;

-- The second account of a person: its roles go to the first one, itself it is closed. What it wrote stays its own.
CREATE FUNCTION merge_account(duplicate_id bigint, account_id bigint)
RETURNS TABLE (table_name text, column_name text, moved bigint, kept bigint) LANGUAGE plpgsql AS $$
DECLARE
  line bigint;
BEGIN
  table_name := 'role_grant';
  column_name := 'user_id';
  moved := 0;
  kept := 0;
  FOR line IN SELECT id FROM role_grant WHERE user_id = duplicate_id LOOP
    BEGIN
      UPDATE role_grant SET user_id = account_id WHERE id = line;
      moved := moved + 1;
    EXCEPTION WHEN unique_violation THEN
      kept := kept + 1;
    END;
  END LOOP;
  UPDATE session SET revoked_at = now() WHERE user_id = duplicate_id AND revoked_at IS NULL;
  UPDATE mail_token SET used_at = now() WHERE user_id = duplicate_id AND used_at IS NULL;
  UPDATE user_account SET state = 'deleted', password_hash = NULL WHERE id = duplicate_id;
  IF moved + kept > 0 THEN RETURN NEXT; END IF;
END $$;
