local completeness = require("domain.people.completeness")
local policy = require("domain.people.policy")

local function profile(changes)
  local p = {
    last_name = "Сидорова", first_name = "Анна", has_middle_name = false, birth_date = "1992-11-23", age = 34, gender = "female",
    snils = "11223344595", citizenship = "643", phone = "+79123456789", education_level = "secondary", citizen_category = "employed",
    consent_given_at = "2026-11-23 10:00:00+05",
  }
  for key, value in pairs(changes or {}) do
    if value == "none" then p[key] = nil else p[key] = value end
  end
  return p
end

local function fields_of(list)
  local names = {}
  for i, lack in ipairs(list) do names[i] = lack.field end
  return table.concat(names, " ")
end

describe("a profile", function()
  it("is complete without a patronymic when the person said there is none", function()
    assert.equal("", fields_of(completeness.missing(profile())))
  end)

  it("lacks a patronymic that is neither there nor denied", function()
    assert.equal("middle_name", fields_of(completeness.missing(profile({ has_middle_name = true }))))
  end)

  it("needs no СНИЛС of a foreigner", function()
    assert.equal("", fields_of(completeness.missing(profile({ citizenship = "398", snils = "none" }))))
    assert.equal("snils", fields_of(completeness.missing(profile({ snils = "none" }))))
  end)

  it("names what is missing in the order of the wizard", function()
    assert.equal("birth_date snils phone", fields_of(completeness.missing(profile({ birth_date = "none", snils = "none", phone = "" }))))
  end)

  it("asks for a guardian below eighteen only", function()
    assert.is_true(completeness.is_minor(profile({ age = 17 })))
    assert.is_false(completeness.is_minor(profile({ age = 18 })))
    assert.is_false(completeness.is_minor(profile({ age = "none" })))
  end)

  it("leads a minor through the step of the guardian", function()
    local minor = profile({ age = 15 })
    assert.equal("guardian", completeness.next_step(minor))
    minor.guardian_consented_at = "2026-11-23 10:00:00+05"
    assert.is_nil(completeness.next_step(minor))
    assert.equal(3, #completeness.steps(profile()))
  end)

  it("ends with the consent", function()
    assert.equal("consent", completeness.next_step(profile({ consent_given_at = "none" })))
  end)
end)

describe("СНИЛС for other eyes", function()
  it("is recognisable and not usable", function()
    assert.equal("•••-•••-445 95", policy.mask_snils("11223344595"))
    assert.is_nil(policy.mask_snils(nil))
  end)

  it("is written with its dashes for those who may see it", function()
    assert.equal("112-233-445 95", policy.format_snils("11223344595"))
  end)
end)
