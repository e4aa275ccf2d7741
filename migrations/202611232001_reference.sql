-- Why: reference books are data of the region, edited by its administrator, never constants.
CREATE TABLE ref_book (
  code       text PRIMARY KEY CHECK (code ~ '^[a-z][a-z0-9_]*$'),
  title      text NOT NULL,
  is_system  boolean NOT NULL DEFAULT false, -- shipped with the product: items may be archived, not removed
  sort       int NOT NULL DEFAULT 100
);

CREATE TABLE ref_item (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  book        text NOT NULL REFERENCES ref_book,
  code        text NOT NULL,
  name        text NOT NULL,
  parent_id   bigint REFERENCES ref_item,
  external    jsonb NOT NULL DEFAULT '{}', -- codes of the same item in other systems
  sort        int NOT NULL DEFAULT 100,
  valid_from  date,
  valid_to    date,
  archived_at timestamptz,
  version     int NOT NULL DEFAULT 1,
  created_at  timestamptz NOT NULL DEFAULT now(),
  created_by  bigint,
  updated_at  timestamptz NOT NULL DEFAULT now(),
  updated_by  bigint,
  UNIQUE (book, code)
);
CREATE INDEX ref_item_name_idx ON ref_item USING gin (fold(name) gin_trgm_ops);
CREATE TRIGGER ref_item_version BEFORE UPDATE ON ref_item FOR EACH ROW EXECUTE FUNCTION bump_version();

-- Days that differ from the plain week, by decree of each year.
CREATE TABLE production_calendar (
  day        date PRIMARY KEY,
  kind       text NOT NULL CHECK (kind IN ('day_off', 'short_day', 'working_weekend')),
  holiday    text,
  moved_from date
);

CREATE FUNCTION is_working_day(asked date) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE (SELECT kind FROM production_calendar WHERE production_calendar.day = asked)
    WHEN 'day_off' THEN false
    WHEN 'short_day' THEN true
    WHEN 'working_weekend' THEN true
    ELSE extract(isodow FROM asked) < 6
  END
$$;

-- The moment `days` working days after `since`, at the same time of day: deadlines of applications.
CREATE FUNCTION add_working_days(since timestamptz, days int) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE
  day date := since::date;
  rest int := days;
BEGIN
  WHILE rest > 0 LOOP
    day := day + 1;
    IF is_working_day(day) THEN rest := rest - 1; END IF;
  END LOOP;
  RETURN since + (day - since::date) * interval '1 day';
END $$;

-- Settings that an administrator changes in the browser; the rest is in config/default.lua.
CREATE TABLE site_setting (
  key        text PRIMARY KEY,
  value      jsonb NOT NULL,
  version    int NOT NULL DEFAULT 1,
  updated_at timestamptz NOT NULL DEFAULT now(),
  updated_by bigint
);
