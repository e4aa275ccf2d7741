-- Why: indicators of the whole region count millions of rows; a job counts them every few minutes, pages read one row.
CREATE TABLE region_indicator (
  name       text PRIMARY KEY,
  value      jsonb NOT NULL,
  counted_at timestamptz NOT NULL DEFAULT now()
);
