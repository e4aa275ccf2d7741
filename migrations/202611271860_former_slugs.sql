-- Why: people and search engines keep the addresses of pages. When the slug of something public changes, its former address leads
-- on. It names the thing and not the next address, so that there are no chains; what is there under a slug always goes first.
CREATE TABLE site_page_former_slug (
  slug    text PRIMARY KEY,
  page_id bigint NOT NULL REFERENCES site_page ON DELETE CASCADE
);
CREATE INDEX site_page_former_slug_page_idx ON site_page_former_slug (page_id);

CREATE TABLE program_former_slug (
  slug       text PRIMARY KEY,
  program_id bigint NOT NULL REFERENCES program ON DELETE CASCADE
);
CREATE INDEX program_former_slug_program_idx ON program_former_slug (program_id);

CREATE FUNCTION keep_former_page_slug() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO site_page_former_slug VALUES (OLD.slug, OLD.id) ON CONFLICT (slug) DO UPDATE SET page_id = excluded.page_id;
  DELETE FROM site_page_former_slug WHERE slug = NEW.slug;
  RETURN NULL;
END $$;
CREATE TRIGGER site_page_former_slug AFTER UPDATE OF slug ON site_page FOR EACH ROW
  WHEN (OLD.slug <> NEW.slug AND (OLD.published_id IS NOT NULL OR OLD.archived_at IS NOT NULL)) EXECUTE FUNCTION keep_former_page_slug();

CREATE FUNCTION keep_former_program_slug() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO program_former_slug VALUES (OLD.slug, OLD.id) ON CONFLICT (slug) DO UPDATE SET program_id = excluded.program_id;
  DELETE FROM program_former_slug WHERE slug = NEW.slug;
  RETURN NULL;
END $$;
CREATE TRIGGER program_former_slug AFTER UPDATE OF slug ON program FOR EACH ROW
  WHEN (OLD.slug <> NEW.slug AND OLD.state IN ('published', 'suspended', 'archived')) EXECUTE FUNCTION keep_former_program_slug();
