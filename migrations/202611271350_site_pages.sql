-- Why: an administrator makes pages, news and menus in the browser. The draft lies in site_page; what visitors see is a
-- version that never changes, so that a wrong publication is undone by publishing an older one.
CREATE TABLE site_page (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  slug         text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 80),
  kind         text NOT NULL CHECK (kind IN ('page', 'news', 'section')), -- section: stands inside a page of the product
  title        text NOT NULL CHECK (title <> ''),
  lead         text NOT NULL DEFAULT '', -- one paragraph: under the heading, in lists, for search engines
  dated_on     date, -- of news
  picture_id   bigint REFERENCES file_object,
  picture_alt  text NOT NULL DEFAULT '',
  blocks       jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(blocks) = 'array'),
  published_id bigint, -- the version that visitors see; NULL: none
  published_at timestamptz,
  archived_at  timestamptz, -- once public, now gone: 410 instead of 404
  version      int NOT NULL DEFAULT 1,
  created_at   timestamptz NOT NULL DEFAULT now(),
  created_by   bigint REFERENCES user_account,
  updated_at   timestamptz NOT NULL DEFAULT now(),
  updated_by   bigint REFERENCES user_account,
  CONSTRAINT site_page_picture_alt CHECK (picture_id IS NULL OR picture_alt <> ''),
  CONSTRAINT site_page_news_date CHECK (kind <> 'news' OR dated_on IS NOT NULL),
  CHECK (archived_at IS NULL OR published_id IS NULL)
);
CREATE INDEX site_page_published_idx ON site_page (kind, id) WHERE published_id IS NOT NULL;
CREATE TRIGGER site_page_version BEFORE UPDATE ON site_page FOR EACH ROW EXECUTE FUNCTION bump_version();

CREATE TABLE site_page_version (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  page_id     bigint NOT NULL REFERENCES site_page,
  no          int NOT NULL,
  title       text NOT NULL,
  lead        text NOT NULL,
  dated_on    date,
  picture_id  bigint REFERENCES file_object,
  picture_alt text NOT NULL,
  blocks      jsonb NOT NULL,
  body_text   text NOT NULL, -- the words of the blocks, for search
  search      tsvector GENERATED ALWAYS AS (
                setweight(to_tsvector('russian', fold(title)), 'A') || setweight(to_tsvector('russian', fold(lead)), 'B')
                || setweight(to_tsvector('russian', fold(body_text)), 'C')) STORED,
  created_at  timestamptz NOT NULL DEFAULT now(),
  created_by  bigint REFERENCES user_account,
  UNIQUE (page_id, no),
  UNIQUE (page_id, id)
);
CREATE INDEX site_page_version_search_idx ON site_page_version USING gin (search);
CREATE INDEX site_page_version_title_idx ON site_page_version USING gin (fold(title) gin_trgm_ops);
CREATE TRIGGER site_page_version_append_only BEFORE UPDATE OR DELETE ON site_page_version
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE site_page ADD FOREIGN KEY (id, published_id) REFERENCES site_page_version (page_id, id);
CREATE INDEX site_page_news_idx ON site_page (dated_on DESC, id DESC) WHERE kind = 'news' AND published_id IS NOT NULL;

-- Pictures and documents of pages. A file is public while a published version shows it.
CREATE TABLE site_file (
  file_id bigint PRIMARY KEY REFERENCES file_object
);
CREATE TABLE site_version_file (
  version_id bigint NOT NULL REFERENCES site_page_version,
  file_id    bigint NOT NULL REFERENCES site_file,
  PRIMARY KEY (file_id, version_id)
);

CREATE TABLE site_menu (
  code       text PRIMARY KEY CHECK (code IN ('header', 'footer')),
  items      jsonb NOT NULL CHECK (jsonb_typeof(items) = 'array'),
  version    int NOT NULL DEFAULT 1,
  updated_at timestamptz NOT NULL DEFAULT now(),
  updated_by bigint REFERENCES user_account
);
CREATE TRIGGER site_menu_version BEFORE UPDATE ON site_menu FOR EACH ROW EXECUTE FUNCTION bump_version();

-- Numbers of the first page: counted now and then by a timer, since counting a million rows is no work for a visit.
CREATE TABLE site_number (
  code       text PRIMARY KEY,
  value      bigint NOT NULL,
  counted_at timestamptz NOT NULL DEFAULT now()
);
