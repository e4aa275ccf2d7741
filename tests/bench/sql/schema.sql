-- Why: one table of the size and shape of a catalogue, the same for every system that is compared.
CREATE TABLE bench_item (
  id           bigint PRIMARY KEY,
  code         text NOT NULL,
  title        text NOT NULL,
  organization text NOT NULL,
  kind         text NOT NULL,
  hours        int NOT NULL,
  price        numeric(10,2) NOT NULL,
  starts_on    date NOT NULL,
  places       int NOT NULL,
  taken        int NOT NULL,
  is_open      boolean NOT NULL,
  updated_at   timestamptz NOT NULL
);
INSERT INTO bench_item
SELECT n, 'П-' || lpad(n::text, 6, '0'),
  (ARRAY['Сварочные технологии', 'Поварское дело', 'Веб-дизайн и разработка', 'Электромонтаж',
         'Графический дизайн', 'Кирпичная кладка', 'Мехатроника'])[1 + n % 7] || ' <' || n || '>',
  (ARRAY['Колледж А', 'Колледж «Б»', 'Техникум им. Попова'])[1 + n % 3],
  (ARRAY['dpo_pk', 'po', 'dpp_pp'])[1 + n % 3], 16 + n % 7 * 24, (n % 900) * 100 + 0.50,
  date '2026-09-01' + (n % 300)::int, 25, n % 25, n % 4 <> 0,
  timestamptz '2026-08-01 09:00+03' + n * interval '1 minute'
FROM generate_series(1, 100000) AS g (n);

-- 500 people with an account, a grant and a web session; the token of the n-th is 'bench-token-n'.
INSERT INTO user_account (email, state) SELECT 'bench' || n || '@demo.copp', 'active'
FROM generate_series(1, 500) AS g (n);
INSERT INTO person (user_id, last_name, first_name, middle_name)
SELECT id, 'Сидорова', 'Анна', 'Петровна' FROM user_account WHERE email LIKE 'bench%@demo.copp';
INSERT INTO role_grant (user_id, role) SELECT id, 'learner' FROM user_account
WHERE email LIKE 'bench%@demo.copp';
INSERT INTO session (token_hash, user_id, expires_at)
SELECT encode(sha256(convert_to('bench-token-' || substr(email, 6, strpos(email, '@') - 6), 'UTF8')), 'hex'),
  id, now() + interval '1 day'
FROM user_account WHERE email LIKE 'bench%@demo.copp';
VACUUM ANALYZE;
