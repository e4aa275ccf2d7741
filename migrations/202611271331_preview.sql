-- Why: an administrator looks at the platform as another role or as somebody's grant, read only. What is looked at belongs to
-- the session: "role|partner|7" or "grant|12".
ALTER TABLE session ADD COLUMN preview text CHECK (preview ~ '^(role\|[a-z0-9_]+\|[0-9]*|grant\|[0-9]+)$');
