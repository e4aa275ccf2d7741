-- Why: a letter that need not go any more is cancelled, not deleted; a million letters are searched by index. An event whose handler
-- fails waits longer each time and stands aside after the last attempt, where an administrator sees it: fifty such events at the
-- head of the queue stopped all others.
ALTER TABLE mail_message DROP CONSTRAINT mail_message_state_check;
ALTER TABLE mail_message ADD CHECK (state IN ('queued', 'sent', 'failed', 'cancelled'));
DROP INDEX mail_message_queued_idx;
CREATE INDEX mail_message_state_idx ON mail_message (state, id);
CREATE INDEX mail_message_kind_idx ON mail_message (kind, id);
CREATE INDEX mail_message_words_idx ON mail_message USING gin (fold(to_address || ' ' || subject) gin_trgm_ops);

ALTER TABLE outbox_event
  ADD COLUMN attempts int NOT NULL DEFAULT 0,
  ADD COLUMN error text, -- of the last attempt
  ADD COLUMN retry_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN cancelled_at timestamptz;
DROP INDEX outbox_event_new_idx;
CREATE INDEX outbox_event_new_idx ON outbox_event (id) WHERE dispatched_at IS NULL AND cancelled_at IS NULL;
