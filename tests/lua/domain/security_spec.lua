local attempts = require("domain.accounts.attempts")
local db = require("core.db")
local devices = require("domain.accounts.devices")
local otp = require("domain.accounts.otp")
local passwords = require("domain.accounts.passwords")
local policy = require("domain.accounts.policy")

describe("one-time codes", function()
  local key = "12345678901234567890"

  -- RFC 4226, appendix D: counter → code.
  local VECTORS = { [0] = "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489" }

  it("are those of the RFC", function()
    for step, code in pairs(VECTORS) do assert.equal(code, otp.code(key, step)) end
  end)
  it("count for the half minute before and after", function()
    for step = 2, 4 do assert.equal(step, otp.find(key, VECTORS[step], 3 * 30 + 10, 0)) end
    assert.is_nil(otp.find(key, VECTORS[1], 3 * 30 + 10, 0))
    assert.is_nil(otp.find(key, VECTORS[5], 3 * 30 + 10, 0))
  end)
  it("work once: neither the same nor an earlier one comes again", function()
    assert.is_nil(otp.find(key, VECTORS[3], 3 * 30, 3))
    assert.is_nil(otp.find(key, VECTORS[2], 3 * 30, 3))
    assert.equal(4, otp.find(key, VECTORS[4], 3 * 30, 3))
  end)
  it("may be typed with a space, and are nothing but six digits", function()
    assert.equal(1, otp.find(key, "287 082", 30, 0))
    for _, bad in ipairs({ "", "28708", "2870821", "28708a", "287082\0" }) do assert.is_nil(otp.find(key, bad, 30, 0)) end
  end)
  it("have keys in base32, there and back", function()
    assert.equal("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", otp.base32(key))
    assert.equal(key, otp.unbase32("gezd gnbv gy3t qojq gezd gnbv gy3t qojq"))
    assert.is_nil(otp.unbase32("GEZ0"))
  end)
  it("are told to the phone in an address", function()
    assert.equal("otpauth://totp/%D0%A6:a%40b.ru?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%D0%A6", otp.address(key, "a@b.ru", "Ц"))
  end)
end)

describe("pauses of guessing", function()
  it("double up to a quarter of an hour", function()
    assert.same({ 15, 30, 60, 120, 240, 480, 900, 900 }, { attempts.pause(0), attempts.pause(1), attempts.pause(2), attempts.pause(3),
      attempts.pause(4), attempts.pause(5), attempts.pause(6), attempts.pause(60) })
  end)

  -- What the table of attempts says of each limit: {n, quiet_s}.
  local function note(limits, counts)
    db.reset()
    db.answer("INSERT INTO login_attempt", function() return { { id = 1, key = limits[1].key } } end)
    local rows = {}
    for index, count in ipairs(counts) do
      if count then rows[#rows + 1] = { key = limits[index].key, n = count[1], quiet_s = count[2], free_in_s = 100 } end
    end
    db.answer("FROM login_attempt WHERE key", rows)
    return attempts.note(limits)
  end

  it("begin after eight failures from one place", function()
    local limits = policy.login_limits("a@b.ru", "192.0.2.1")
    assert.truthy(note(limits, { { 7, 0 } }))
    local none, err = note(limits, { { 8, 0 } })
    assert.is_nil(none)
    assert.equal(429, err.status)
    assert.equal(15, err.retry_after)
    assert.truthy(note(limits, { { 8, 15 } }))
  end)
  it("never shut the owner out who comes from another place while somebody guesses", function()
    local limits = policy.login_limits("a@b.ru", "198.51.100.7")
    assert.truthy(note(limits, { false, { 5000, 0 } }))
    assert.truthy(note(limits, { { 1, 0 }, { 5000, 0 } }))
    assert.is_nil((note(limits, { { 2, 0 }, { 5000, 0 } })))
  end)
  it("do not touch a browser that the owner has used before", function()
    local known = policy.login_limits("a@b.ru", "192.0.2.1", "hash")
    assert.equal(1, #known)
    assert.are_not.equal(policy.login_limits("a@b.ru", "192.0.2.1")[1].key, known[1].key)
  end)
  it("take a refused try back, so that impatience costs nothing", function()
    note(policy.login_limits("a@b.ru", "192.0.2.1"), { { 8, 0 } })
    assert.equal("{1}", db.last("DELETE FROM login_attempt")[2])
  end)
  it("let few codes be guessed a day", function()
    local limits = policy.otp_limits(7, "192.0.2.1")
    assert.equal(24 * 60, limits.minutes)
    assert.is_true(limits[2].free <= 20)
  end)
end)

describe("what is tried first", function()
  local function fault(password) return (passwords.fault(password)) end
  it("is refused in the other keyboard layout, too", function()
    for _, word in ipairs({ "gfhjkm123", "ghbdtn2024", "cjkysirj", "зфыыцщкв", "yfnfif777", "fktrcfylh" }) do
      assert.equal("too_common", fault(word), word)
    end
  end)
  it("is refused with figures around it or for letters", function()
    for _, word in ipairs({ "Parol2024!", "Пароль123", "p@ssw0rd", "Россия1945", "admin12345", "Январь2026", "copp2026!" }) do
      assert.equal("too_common", fault(word), word)
    end
  end)
  it("is refused as a walk over the keys, forwards and back", function()
    for _, word in ipairs({ "qwertyui", "йцукенгш", "poiuytre", "1q2w3e4r", "1qaz2wsx", "87654321", "абвгдежз", "zxcvbnm1", "asdfghjkl12" }) do
      assert.equal("too_common", fault(word), word)
    end
  end)
  it("is refused as a date and as a piece said again", function()
    for _, word in ipairs({ "01011990", "19.05.1975", "2001-12-31", "лампалампа", "abcabcabc", "12341234" }) do
      assert.equal("too_common", fault(word), word)
    end
  end)
  it("is not what a person has made up", function()
    for _, word in ipairs({ "lampa-i-stul-17", "зелёный трамвай", "кот на крыше 5", "novyi-parol-55", "Xk29fLq0wz" }) do
      assert.is_nil(fault(word), word)
    end
  end)
  it("counts a few thousand words without their variants", function()
    local n = 0
    for _ in require("domain.accounts.common_passwords"):gmatch("%S+") do n = n + 1 end
    assert.is_true(n >= 1000, tostring(n))
  end)
end)

describe("a browser", function()
  it("is named in words", function()
    local agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 %sSafari/537.36"
    assert.equal("Chrome на Windows", devices.words(agent:format("")))
    assert.equal("Яндекс Браузер на Windows", devices.words(agent:format("YaBrowser/24.1 ")))
    assert.equal("Safari на iPhone", devices.words("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1"))
    assert.equal("Неизвестная программа", devices.words(nil))
  end)
end)
