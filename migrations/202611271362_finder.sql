-- Why: the search of the cabinets finds people, groups and orders while somebody types. Groups and orders are looked up by the
-- beginning of their codes; names with a slip of the pen by their trigrams. For people the surname decides: its own index answers
-- in a thirtieth of the time that the whole name takes (22 ms of 100 000, against 800).
CREATE INDEX IF NOT EXISTS person_last_name_idx ON person USING gin (fold(last_name) gin_trgm_ops);
CREATE INDEX study_group_code_prefix_idx ON study_group (fold(code) text_pattern_ops);
CREATE INDEX order_doc_number_prefix_idx ON order_doc (fold(number) text_pattern_ops) WHERE number IS NOT NULL;

SELECT similarity('', ''); -- loads pg_trgm: its parameters are known from here on
CREATE FUNCTION similar_persons(words text[], most int) RETURNS SETOF bigint LANGUAGE sql STABLE
SET pg_trgm.similarity_threshold = 0.4 AS $$
  SELECT p.id FROM unnest(words) AS w(text) JOIN person p ON fold(p.last_name) % w.text
  ORDER BY similarity(fold(p.last_name), w.text) DESC, p.id LIMIT most
$$;
CREATE FUNCTION similar_organizations(words text[], most int) RETURNS SETOF bigint LANGUAGE sql STABLE
SET pg_trgm.strict_word_similarity_threshold = 0.32 AS $$
  SELECT o.id FROM unnest(words) AS w(text) JOIN organization o ON w.text <<% fold(o.short_name || ' ' || o.full_name)
  ORDER BY strict_word_similarity(w.text, fold(o.short_name || ' ' || o.full_name)) DESC, o.id LIMIT most
$$;
CREATE FUNCTION similar_programs(words text[], most int) RETURNS SETOF bigint LANGUAGE sql STABLE
SET pg_trgm.strict_word_similarity_threshold = 0.32 AS $$
  SELECT p.id FROM unnest(words) AS w(text) JOIN program p ON w.text <<% fold(p.title)
  ORDER BY strict_word_similarity(w.text, fold(p.title)) DESC, p.id LIMIT most
$$;
