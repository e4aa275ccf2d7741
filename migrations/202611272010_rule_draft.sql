-- Why: rules are published from the browser and from Git. What somebody is still writing is one row a pack and layer, so that
-- two administrators see each other's work; what is checked and published becomes a version that never changes.
CREATE TABLE rule_draft (
  pack            text NOT NULL CHECK (pack ~ '^[a-z_]+/[a-z0-9_]+$'),
  organization_id bigint NOT NULL DEFAULT 0, -- 0: the region's layer
  files           jsonb NOT NULL,            -- {part: text}
  base_version    int NOT NULL DEFAULT 0,    -- rule_active.version when it was begun: what is in force may be newer now
  version         int NOT NULL DEFAULT 1,
  updated_at      timestamptz NOT NULL DEFAULT now(),
  updated_by      bigint REFERENCES user_account,
  PRIMARY KEY (pack, organization_id)
);

-- The set of the layers below is kept, too: the base of a three-way diff when they change.
ALTER TABLE rule_version ADD COLUMN set_hash text REFERENCES rule_set;

-- A new version is found by whoever looks for a former one of the same layer.
CREATE INDEX rule_version_layer_idx ON rule_version (pack, organization_id, created_at DESC);
