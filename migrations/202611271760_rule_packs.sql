-- Why: regions change rules in the browser. Texts are named by their hash and never change; what is in force is one row a
-- pack and layer; a case remembers the set of texts it started under (docs/rule-packs.md).

-- One layer's texts of one pack.
CREATE TABLE rule_version (
  hash         text PRIMARY KEY CHECK (hash ~ '^[0-9a-f]{64}$'),
  pack         text NOT NULL CHECK (pack ~ '^[a-z_]+/[a-z0-9_]+$'),
  layer        text NOT NULL CHECK (layer IN ('published', 'organization')),
  organization_id bigint REFERENCES organization,
  files        jsonb NOT NULL,    -- {part: text}; {} gives the lower layers back their word
  parent_hash  text REFERENCES rule_version,
  lower_hash   text NOT NULL,     -- of the layers below when it was written: the base of a three-way diff
  comment      text NOT NULL CHECK (comment <> ''),
  signature    text NOT NULL,     -- HMAC of the platform over hash, author and comment
  state        text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'checked', 'canary', 'active', 'retired')),
  report       jsonb,             -- of the checks
  created_at   timestamptz NOT NULL DEFAULT now(),
  created_by   bigint REFERENCES user_account, -- NULL: from the command line
  published_at timestamptz,
  CHECK ((layer = 'organization') = (organization_id IS NOT NULL))
);
CREATE INDEX rule_version_pack_idx ON rule_version (pack, layer, created_at DESC);

CREATE FUNCTION rule_version_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (NEW.hash, NEW.pack, NEW.layer, NEW.organization_id, NEW.files, NEW.parent_hash, NEW.lower_hash, NEW.comment,
      NEW.signature, NEW.created_at, NEW.created_by) IS DISTINCT FROM (OLD.hash, OLD.pack, OLD.layer, OLD.organization_id, OLD.files,
      OLD.parent_hash, OLD.lower_hash, OLD.comment, OLD.signature, OLD.created_at, OLD.created_by) THEN
    RAISE EXCEPTION 'a version of rules does not change';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER rule_version_immutable BEFORE UPDATE OR DELETE ON rule_version
  FOR EACH ROW EXECUTE FUNCTION rule_version_is_immutable();

-- All layers of a pack as they acted together.
CREATE TABLE rule_set (
  hash       text PRIMARY KEY CHECK (hash ~ '^[0-9a-f]{64}$'),
  pack       text NOT NULL,
  chunks     jsonb NOT NULL, -- [{name, text}]
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX rule_set_pack_idx ON rule_set (pack);
CREATE TRIGGER rule_set_append_only BEFORE UPDATE OR DELETE ON rule_set FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What is in force; organization_id 0 is the region's layer.
CREATE TABLE rule_active (
  pack            text NOT NULL,
  organization_id bigint NOT NULL DEFAULT 0,
  hash            text REFERENCES rule_version,
  set_hash        text REFERENCES rule_set, -- what it made together with the layers below, when it was published
  canary_hash     text REFERENCES rule_version,
  canary_share    int NOT NULL DEFAULT 0 CHECK (canary_share BETWEEN 0 AND 100),
  version         int NOT NULL DEFAULT 1,
  updated_at      timestamptz NOT NULL DEFAULT now(),
  updated_by      bigint REFERENCES user_account,
  PRIMARY KEY (pack, organization_id)
);

-- Who switched what, and why.
CREATE TABLE rule_switch (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  pack            text NOT NULL,
  organization_id bigint NOT NULL DEFAULT 0,
  from_hash       text REFERENCES rule_version,
  to_hash         text REFERENCES rule_version,
  canary_share    int NOT NULL DEFAULT 0,
  reason          text NOT NULL CHECK (reason <> ''),
  at              timestamptz NOT NULL DEFAULT now(),
  user_id         bigint REFERENCES user_account
);
CREATE INDEX rule_switch_pack_idx ON rule_switch (pack, id DESC);
CREATE TRIGGER rule_switch_append_only BEFORE UPDATE OR DELETE ON rule_switch FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The rules a case lives under.
CREATE TABLE case_rules (
  machine   text NOT NULL,
  object_id bigint NOT NULL,
  set_hash  text NOT NULL REFERENCES rule_set,
  PRIMARY KEY (machine, object_id)
);
CREATE INDEX case_rules_set_idx ON case_rules (set_hash);

-- Pins a case to a set when it has none yet; returns the one it has.
CREATE FUNCTION pin_case_rules(of_machine text, of_object bigint, wanted text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  found text;
BEGIN
  SELECT set_hash INTO found FROM case_rules WHERE machine = of_machine AND object_id = of_object;
  IF found IS NULL THEN
    INSERT INTO case_rules VALUES (of_machine, of_object, wanted) ON CONFLICT DO NOTHING;
    SELECT set_hash INTO found FROM case_rules WHERE machine = of_machine AND object_id = of_object;
  END IF;
  RETURN found;
END $$;

-- A dry run replays decisions by machine and time.
CREATE INDEX workflow_event_machine_idx ON workflow_event (machine, id);
