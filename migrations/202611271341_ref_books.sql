-- Why: an administrator keeps the reference books in the browser: own books, order, periods, codes of other systems.
ALTER TABLE ref_book
  ADD COLUMN parent_book text REFERENCES ref_book, -- whose items stand above those of this one; itself: a tree
  ADD COLUMN version int NOT NULL DEFAULT 1,
  ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN updated_by bigint;
CREATE TRIGGER ref_book_version BEFORE UPDATE ON ref_book FOR EACH ROW EXECUTE FUNCTION bump_version();

ALTER TABLE ref_item
  ADD COLUMN is_system boolean NOT NULL DEFAULT false, -- shipped with the product: archived, never removed
  ADD CHECK (valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from),
  ADD CHECK (code <> '' AND name <> ''),
  ADD CHECK (parent_id <> id);
CREATE INDEX ref_item_order_idx ON ref_item (book, sort, id);
CREATE INDEX ref_item_parent_idx ON ref_item (parent_id) WHERE parent_id IS NOT NULL;

UPDATE ref_item SET is_system = true;
UPDATE ref_book b SET parent_book = (
  SELECT p.book FROM ref_item i JOIN ref_item p ON p.id = i.parent_id WHERE i.book = b.code LIMIT 1);

CREATE FUNCTION refuse_system_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.is_system THEN
    RAISE EXCEPTION 'item % of book % came with the product', OLD.code, OLD.book USING ERRCODE = 'restrict_violation', HINT = 'system_item';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER ref_item_system BEFORE DELETE ON ref_item FOR EACH ROW EXECUTE FUNCTION refuse_system_item();

ALTER TABLE production_calendar
  ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN updated_by bigint; -- NULL: by the import

-- No item stands below itself, whatever way it was moved.
CREATE FUNCTION refuse_ref_cycle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('ref_item ' || NEW.book)); -- two moves at once could make a ring
  IF EXISTS (
    WITH RECURSIVE up AS (
      SELECT parent_id FROM ref_item WHERE id = NEW.parent_id
      UNION SELECT i.parent_id FROM ref_item i JOIN up ON i.id = up.parent_id)
    SELECT FROM up WHERE parent_id = NEW.id)
  THEN
    RAISE EXCEPTION 'item % would stand below itself', NEW.code USING ERRCODE = 'check_violation', HINT = 'ref_cycle';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ref_item_cycle BEFORE UPDATE OF parent_id ON ref_item
  FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL AND NEW.parent_id IS DISTINCT FROM OLD.parent_id) EXECUTE FUNCTION refuse_ref_cycle();
