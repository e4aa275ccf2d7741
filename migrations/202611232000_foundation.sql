-- Why: extensions, collation and the small functions that every later table uses.
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- «Ё» next to «Е», case after letters: what a Russian reader expects of a sorted list.
CREATE COLLATION ru (provider = icu, locale = 'ru-RU');

-- Search form of a text: lower case, ё = е, one space between words.
CREATE FUNCTION fold(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT regexp_replace(replace(lower(btrim(value)), 'ё', 'е'), '\s+', ' ', 'g') $$;

-- Checksum of СНИЛС: sum of digit × (9…1) mod 101, where 100 counts as 0. Numbers up to 001-001-998 carry none.
CREATE FUNCTION snils_is_valid(snils text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN snils !~ '^\d{11}$' OR snils = '00000000000' THEN false
    WHEN left(snils, 9) <= '001001998' THEN true
    ELSE (SELECT sum(substr(snils, i, 1)::int * (10 - i)) FROM generate_series(1, 9) AS i) % 101 % 100
         = right(snils, 2)::int
  END
$$;

-- Optimistic locking: any change of a row makes a new version, whoever writes it.
CREATE FUNCTION bump_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := OLD.version + 1;
  NEW.updated_at := now();
  RETURN NEW;
END $$;

-- For tables that only grow: history must not be rewritten, not even by us.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME USING HINT = 'append_only';
END $$;
