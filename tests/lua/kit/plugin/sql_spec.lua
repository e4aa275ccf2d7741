local ddl = require("kit.plugin.ddl")
local sql = require("kit.plugin.sql")

local READABLE = { lesson = true, study_group = true, room = true, lesson_room = true }

describe("a statement of a plugin", function()
  local good = {
    "SELECT id FROM lesson WHERE id = $1",
    "SELECT l.id, count(*) AS n FROM lesson l JOIN study_group g ON g.id = l.group_id, room r WHERE l.held_on >= $1::date GROUP BY l.id ORDER BY n DESC LIMIT 10",
    "WITH q_a AS (SELECT id FROM lesson), q_b(x) AS (SELECT 1) SELECT * FROM q_a JOIN q_b ON q_a.id = q_b.x",
    "INSERT INTO p_x_norm (room_id, qty) VALUES ($1, $2) ON CONFLICT (room_id) DO UPDATE SET qty = excluded.qty RETURNING id",
    "UPDATE p_x_norm SET qty = $1 FROM lesson l WHERE l.id = p_x_norm.id",
    "DELETE FROM p_x_norm WHERE id = $1",
    "SELECT extract(epoch FROM now()) AS t, a.x IS DISTINCT FROM 3 AS y FROM p_x_norm a",
    "SELECT g.day::date FROM generate_series(now(), now() + make_interval(days => $1), interval '1 day') AS g(day)",
    "SELECT * FROM (SELECT id FROM lesson) q LEFT JOIN LATERAL (SELECT 1 AS one FROM room r WHERE r.id = q.id) z ON true",
  }
  for _, text in ipairs(good) do
    it("may be: " .. text:sub(1, 70), function()
      local statement, fault = sql.check(text, "p_x_", READABLE)
      assert.truthy(statement, fault and fault.text)
    end)
  end

  local bad = {
    "SELECT * FROM user_account",
    "SELECT * FROM lesson, user_account",
    "SELECT * FROM lesson l JOIN (user_account u JOIN room r ON true) ON true",
    "SELECT * FROM public.user_account",
    "SELECT (SELECT email FROM user_account LIMIT 1)",
    "SELECT pg_read_file('x')",
    "SELECT query_to_xml('select 1', true, true, '')",
    "SELECT set_config('role','none',true)",
    "SELECT 1; DROP TABLE lesson",
    "DROP TABLE lesson",
    "UPDATE lesson SET state = 'x'",
    "DELETE FROM lesson",
    "INSERT INTO lesson (id) VALUES (1)",
    "SELECT * INTO p_x_y FROM lesson",
    "WITH x AS (DELETE FROM lesson RETURNING id) SELECT * FROM x",
    "WITH lesson2 AS (TABLE user_account) SELECT * FROM lesson2",
    "SELECT \"email\" FROM \"user_account\"",
    "SELECT * FROM lesson FOR UPDATE",
    "DELETE FROM p_x_n USING user_account u WHERE u.id = p_x_n.id",
    "SELECT pg_catalog.pg_sleep(1)",
    "SELECT x.pg_sleep(10) FROM lesson x",
    "SELECT * FROM lesson /* */",
    "SELECT $$a$$",
    "UPDATE p_x_a SET x = 1 FROM lesson l, user_account u",
    "SELECT * FROM ONLY user_account",
    "SELECT * FROM lesson WHERE EXISTS (SELECT FROM user_account)",
    "SELECT * FROM ((user_account))",
    "SELECT * FROM lesson CROSS JOIN user_account",
    "SELECT * FROM lesson NATURAL JOIN user_account",
    "SELECT * FROM ROWS FROM (pg_ls_dir('/')) x",
    "SELECT dblink('a')",
    "MERGE INTO p_x_a USING user_account ON true WHEN MATCHED THEN DELETE",
    "SELECT a.* FROM generate_series(1,2) AS a, user_account",
    "SELECT * FROM lesson l JOIN room r USING (id), user_account",
    "SELECT * FROM lesson WHERE id IN (SELECT id FROM room UNION SELECT id FROM user_account)",
    "SELECT user_account FROM lesson, LATERAL user_account",
    "WITH user_account2 AS (SELECT 1) SELECT 1 FROM lesson l, LATERAL (SELECT * FROM user_account) q",
    "SELECT count(x) FILTER (WHERE EXISTS (SELECT 1 FROM secret)) FROM lesson",
    "SELECT substring(a FROM 1), b FROM user_account",
    "SELECT extract(day FROM (SELECT created_at FROM user_account LIMIT 1))",
    "SELECT trim(both FROM x) FROM user_account",
    "SELECT position('a' in (SELECT email FROM user_account LIMIT 1))",
    "SELECT 1 FROM lesson LIMIT (SELECT 1 FROM user_account)",
    "INSERT INTO p_x_a SELECT id FROM user_account",
    "INSERT INTO p_x_a SELECT 1 UNION ALL SELECT id FROM user_account",
    "UPDATE p_x_a AS lesson SET x = (SELECT 1 FROM user_account)",
    "WITH a AS (SELECT 1), user_account AS (SELECT 1) INSERT INTO user_account VALUES (1)",
    "SELECT 1 AS user_account, (WITH user_account AS (SELECT 1) SELECT 1) FROM user_account",
    "SELECT U&'x' FROM lesson, \"a\"",
    "SELECT E'\\'; drop' FROM lesson",
    "WITH user_account AS (SELECT * FROM user_account) SELECT * FROM user_account",
    "SELECT current_user",
    "SELECT * FROM information_schema.tables",
  }
  for _, text in ipairs(bad) do
    it("is refused: " .. text:sub(1, 70), function()
      local statement, fault = sql.check(text, "p_x_", READABLE)
      assert.is_nil(statement)
      assert.equal("string", type(fault.text))
    end)
  end

  it("tells the line of its fault", function()
    local _, fault = sql.check("SELECT id\nFROM lesson,\n  user_account", "p_x_", READABLE)
    assert.equal(2, fault.line)
  end)
end)

describe("a migration of a plugin", function()
  it("makes its own tables and indexes, and says what it locks", function()
    local list = assert(ddl.check([[-- Why: x
CREATE TABLE p_x_norm (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, room_id bigint NOT NULL REFERENCES room (id) ON DELETE CASCADE,
  qty numeric(10,2) NOT NULL DEFAULT 0 CHECK (qty >= 0), at timestamptz NOT NULL DEFAULT now(), UNIQUE (room_id));
CREATE UNIQUE INDEX p_x_norm_i ON p_x_norm (room_id) WHERE qty > 0;
INSERT INTO p_x_norm (room_id) SELECT id FROM room;]], "p_x_", { room = true }))
    assert.equal(3, #list)
    assert.equal("room", list[1].locks[1].table)
    assert.equal("p_x_norm", list[2].locks[1].table)
  end)

  for _, text in ipairs({
    "CREATE TABLE other (id int)",
    "DROP TABLE lesson",
    "DROP TABLE p_x_a CASCADE",
    "DROP TABLE p_x_a, lesson",
    "ALTER TABLE lesson ADD COLUMN x int",
    "ALTER TABLE p_x_a RENAME TO lesson2",
    "CREATE TABLE p_x_a (id int REFERENCES user_account)",
    "CREATE TABLE p_x_a AS SELECT * FROM user_account",
    "CREATE FUNCTION p_x_f() RETURNS int LANGUAGE sql AS 'select 1'",
    "CREATE TRIGGER p_x_t AFTER INSERT ON lesson EXECUTE FUNCTION x()",
    "CREATE INDEX p_x_i ON lesson (id)",
    "CREATE TABLE p_x_a (id int DEFAULT pg_sleep(10))",
    "GRANT ALL ON lesson TO PUBLIC",
    "INSERT INTO lesson (id) VALUES (1)",
    "ALTER TABLE p_x_a OWNER TO x",
    "ALTER TABLE p_x_a SET SCHEMA x",
    "CREATE TABLE public.p_x_a (id int)",
    "CREATE TABLE p_x_a.b (id int)",
  }) do
    it("is refused: " .. text:sub(1, 70), function()
      assert.is_nil((ddl.check(text, "p_x_", { room = true })))
    end)
  end
end)
