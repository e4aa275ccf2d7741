-- Why: a word in a journal of a million rows is found by index, and so are an action and an address.
CREATE INDEX audit_event_words_idx ON audit_event USING gin (fold(diff::text || ' ' || coalesce(reason, '')) gin_trgm_ops);
CREATE INDEX audit_event_action_idx ON audit_event (action, id);
CREATE INDEX audit_event_ip_idx ON audit_event (host(ip), id);
