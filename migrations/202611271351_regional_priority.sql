-- Why: a region names the competences that it puts first, for some years; the list changes, the competence stays.
CREATE TABLE regional_priority (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  book       text NOT NULL DEFAULT 'competence' CHECK (book = 'competence'), -- for the key below
  competence text NOT NULL,
  year_from  int NOT NULL CHECK (year_from BETWEEN 2018 AND 2100),
  year_to    int NOT NULL CHECK (year_to BETWEEN 2018 AND 2100),
  summary    text NOT NULL DEFAULT '', -- one sentence for the card
  about      text NOT NULL DEFAULT '', -- why it matters to the region
  sort       int NOT NULL DEFAULT 100,
  version    int NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by bigint REFERENCES user_account,
  updated_at timestamptz NOT NULL DEFAULT now(),
  updated_by bigint REFERENCES user_account,
  CHECK (year_to >= year_from),
  FOREIGN KEY (book, competence) REFERENCES ref_item (book, code),
  CONSTRAINT regional_priority_years EXCLUDE USING gist (competence WITH =, int4range(year_from, year_to, '[]') WITH &&)
);
CREATE INDEX regional_priority_sort_idx ON regional_priority (sort, id);
CREATE TRIGGER regional_priority_version BEFORE UPDATE ON regional_priority FOR EACH ROW EXECUTE FUNCTION bump_version();
