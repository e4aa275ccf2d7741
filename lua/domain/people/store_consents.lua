--- SQL of consents.
local query = require("kit.query")
local store = {}

--- A consent to the wording `version`; an older wording is superseded. nil when it is in force already.
function store.give(person_id, kind, version, channel, guardian_id, given_on, file_id, user_id)
  query.exec("UPDATE consent SET state = 'superseded' WHERE person_id = $1 AND kind = $2 AND state = 'given' AND text_version <> $3",
    person_id, kind, version)
  return query.row([[
    INSERT INTO consent (person_id, kind, text_version, channel, given_by_guardian_id, given_at, file_id, given_by_user_id)
    VALUES ($1, $2, $3, $4, $5, coalesce($6::date::timestamptz, now()), $7, $8)
    ON CONFLICT (person_id, kind) WHERE state = 'given' DO NOTHING
    RETURNING id
  ]], person_id, kind, version, channel, guardian_id, given_on, file_id, user_id)
end

function store.withdraw(person_id, kind, user_id)
  return query.row([[
    UPDATE consent SET state = 'withdrawn', withdrawn_at = now(), withdrawn_by = $3
    WHERE person_id = $1 AND kind = $2 AND state = 'given' RETURNING id
  ]], person_id, kind, user_id)
end

--- All that were ever given, newest first.
function store.all(person_id)
  return query.rows([[
    SELECT c.id, c.kind, c.text_version, c.state, c.channel, c.given_at, c.withdrawn_at, c.valid_to, full_name(g) AS guardian,
      CASE WHEN c.channel = 'paper' THEN short_name(b) END AS entered_by, f.public_id AS file_public_id, f.name AS file_name
    FROM consent c LEFT JOIN person g ON g.id = c.given_by_guardian_id LEFT JOIN person b ON b.user_id = c.given_by_user_id
      LEFT JOIN file_object f ON f.id = c.file_id
    WHERE c.person_id = $1 ORDER BY c.id DESC LIMIT 200
  ]], person_id)
end

function store.person(public_id)
  return query.row("SELECT id, id AS person_id, public_id, full_name(person) AS name FROM person WHERE public_id = $1", public_id)
end

--- The person whose paper this file is; nil when it is none.
function store.owner_of_file(file_id)
  return query.row("SELECT person_id FROM consent WHERE file_id = $1 LIMIT 1", file_id)
end

return store
