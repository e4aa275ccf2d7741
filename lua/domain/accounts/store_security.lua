--- SQL of what guards an account: second factor, steps of a log-in, sessions, devices, a change of the address.
local query = require("kit.query")
local store = {}

-- ---- second factor

function store.factor(user_id)
  return query.row("SELECT sealed, confirmed_at, last_step FROM second_factor WHERE user_id = $1", user_id)
end

--- A new key, not yet proved; one that is in force stays.
function store.put_factor(user_id, sealed)
  return query.row([[
    INSERT INTO second_factor AS f (user_id, sealed) VALUES ($1, $2)
    ON CONFLICT (user_id) DO UPDATE SET sealed = excluded.sealed, last_step = 0, created_at = now() WHERE f.confirmed_at IS NULL
    RETURNING user_id
  ]], user_id, sealed)
end

--- Uses a code up; 0 when somebody was first.
function store.use_step(user_id, step)
  return query.exec("UPDATE second_factor SET last_step = $2 WHERE user_id = $1 AND last_step < $2", user_id, step)
end

function store.confirm_factor(user_id)
  query.exec("UPDATE second_factor SET confirmed_at = now() WHERE user_id = $1", user_id)
  return query.exec("UPDATE user_account SET otp_since = now(), updated_by = $1 WHERE id = $1", user_id)
end

function store.drop_factor(user_id, by)
  query.exec("DELETE FROM recovery_code WHERE user_id = $1", user_id)
  local count = query.exec("DELETE FROM second_factor WHERE user_id = $1", user_id)
  query.exec("UPDATE user_account SET otp_since = NULL, updated_by = $2 WHERE id = $1 AND otp_since IS NOT NULL", user_id, by)
  return count
end

function store.put_recovery_codes(user_id, hashes)
  query.exec("DELETE FROM recovery_code WHERE user_id = $1", user_id)
  return query.exec("INSERT INTO recovery_code (code_hash, user_id) SELECT unnest($2::text[]), $1", user_id, hashes)
end

--- Uses a recovery code up; 0 when it is none.
function store.use_recovery_code(user_id, hash)
  return query.exec("UPDATE recovery_code SET used_at = now() WHERE code_hash = $2 AND user_id = $1 AND used_at IS NULL", user_id, hash)
end

function store.recovery_codes_left(user_id)
  return query.row("SELECT count(*) AS n FROM recovery_code WHERE user_id = $1 AND used_at IS NULL", user_id).n
end

-- ---- steps of a log-in

function store.insert_step(token_hash, user_id, next_path, minutes)
  query.exec("DELETE FROM login_step WHERE expires_at < now()")
  return query.exec([[
    INSERT INTO login_step (token_hash, user_id, next, expires_at) VALUES ($1, $2, $3, now() + make_interval(mins => $4))
  ]], token_hash, user_id, next_path, minutes)
end

function store.step(token_hash)
  return query.row([[
    SELECT s.user_id, s.next, u.email, u.state FROM login_step s JOIN user_account u ON u.id = s.user_id
    WHERE s.token_hash = $1 AND s.expires_at > now()
  ]], token_hash)
end

function store.drop_step(token_hash) return query.exec("DELETE FROM login_step WHERE token_hash = $1", token_hash) end

-- ---- the account and its sessions

function store.account(user_id)
  return query.row([[
    SELECT u.id, u.email, u.password_hash, u.state, u.otp_since, u.last_login_at, p.first_name
    FROM user_account u LEFT JOIN person p ON p.user_id = u.id WHERE u.id = $1
  ]], user_id)
end

--- Log-ins and failures of an account, the latest first.
function store.logins(user_id, most)
  return query.rows([[
    SELECT at, action, host(ip) AS ip, diff -> 'kind' ->> 1 AS kind, diff -> 'device' ->> 1 AS device
    FROM audit_event WHERE entity = 'user_account' AND entity_id = $1 AND action IN ('user.login', 'user.login_failed', 'user.otp_failed')
    ORDER BY id DESC LIMIT $2
  ]], user_id, most)
end

-- ---- devices

function store.device(token_hash, user_id)
  return query.row("UPDATE known_device SET seen_at = now() WHERE token_hash = $1 AND user_id = $2 RETURNING user_id", token_hash, user_id)
end

function store.insert_device(token_hash, user_id)
  return query.exec("INSERT INTO known_device (token_hash, user_id) VALUES ($1, $2)", token_hash, user_id)
end

function store.forget_devices(user_id) return query.exec("DELETE FROM known_device WHERE user_id = $1", user_id) end

function store.purge()
  query.exec("DELETE FROM login_step WHERE expires_at < now()")
  query.exec("DELETE FROM email_change WHERE expires_at < now()")
  return query.exec("DELETE FROM known_device WHERE seen_at < now() - interval '1 year'")
end

-- ---- a change of the address

function store.put_email_change(user_id, email, hours)
  return query.exec([[
    INSERT INTO email_change (user_id, new_email, expires_at) VALUES ($1, $2, now() + make_interval(hours => $3))
    ON CONFLICT (user_id) DO UPDATE SET new_email = excluded.new_email, old_agreed_at = NULL, new_agreed_at = NULL,
      expires_at = excluded.expires_at, created_at = now()
  ]], user_id, email, hours)
end

function store.email_change(user_id)
  return query.row("SELECT new_email, old_agreed_at, new_agreed_at, expires_at FROM email_change WHERE user_id = $1 AND expires_at > now()", user_id)
end

--- One side says yes; the row tells whether both have.
function store.agree_email(user_id, is_old)
  return query.row([[
    UPDATE email_change SET old_agreed_at = CASE WHEN $2 THEN now() ELSE old_agreed_at END,
      new_agreed_at = CASE WHEN $2 THEN new_agreed_at ELSE now() END
    WHERE user_id = $1 AND expires_at > now() RETURNING new_email, old_agreed_at, new_agreed_at
  ]], user_id, is_old)
end

function store.drop_email_change(user_id) return query.exec("DELETE FROM email_change WHERE user_id = $1", user_id) end

--- Refused by user_account_email_key when somebody has taken the address meanwhile.
function store.set_email(user_id, email)
  local count, err = query.exec("UPDATE user_account SET email = $2, updated_by = $1 WHERE id = $1", user_id, email)
  if not count then return nil, err end
  query.exec("UPDATE person SET email = $2, updated_by = $1 WHERE user_id = $1", user_id, email)
  return count
end

return store
