local fields = require("domain.applications.fields")
local guards = require("rules.guards.application")
local policy = require("domain.applications.policy")
local given = require("support.given")

-- kit.mail and core.mail are not needed to say in words where an application stands.
local present = require("domain.applications.present")

-- No-break spaces read as spaces.
local function plain(words) return (words:gsub("\u{00A0}", " ")) end

local function ctx(facts, more)
  local made = { facts = facts, object = {}, user = given.user("staff"), data = {}, preview = false }
  for key, value in pairs(more or {}) do made[key] = value end
  return made
end

local function code(name, facts, more)
  local ok, verdict = guards[name](ctx(facts, more))
  return ok and "ok" or verdict.code
end

describe("guards of the submission", function()
  it("count the age on the first day of the training, not today", function()
    local facts = { min_age = 18, age = 17, age_on_start = 18, starts_on_text = "7 декабря 2026" }
    assert.equal("ok", code("age_suits", facts))
    facts.age_on_start = 17
    local _, verdict = guards.age_suits(ctx(facts))
    assert.equal("age_below_minimum", verdict.code)
    assert.equal("На программу принимают с 18 лет. На день начала занятий, 7 декабря 2026, заявителю будет 17 лет.", verdict.text)
  end)

  it("know the upper age, too", function()
    assert.equal("age_above_maximum", code("age_suits", { max_age = 16, age_on_start = 17, starts_on_text = "7 декабря" }))
    assert.equal("ok", code("age_suits", { max_age = 16, age_on_start = 16 }))
  end)

  it("leave the age to the profile while nobody knows it", function()
    assert.equal("ok", code("age_suits", { min_age = 18 }))
  end)

  it("refuse a second application in the works by its number", function()
    local _, verdict = guards.no_active_application(ctx({ active_number = "2026-01861" }))
    assert.equal("already_active", verdict.code)
    assert.truthy(verdict.text:find("У вас уже есть активная заявка", 1, true))
    assert.truthy(verdict.text:find("2026-01861", 1, true))
  end)

  it("tell a closed intake from one that is not open yet", function()
    local facts = { intake_state = "open", today = "2026-11-23", opens_on = "2026-12-01", closes_on = "2026-12-20",
      opens_on_text = "1 декабря 2026", closes_on_text = "20 декабря 2026" }
    local _, verdict = guards.intake_is_open(ctx(facts))
    assert.equal("Приём заявок начнётся 1 декабря 2026.", verdict.text)
    facts.today = "2026-12-21"
    _, verdict = guards.intake_is_open(ctx(facts))
    assert.equal("Приём заявок закончился 20 декабря 2026.", verdict.text)
  end)

  it("name what the profile lacks", function()
    local _, verdict = guards.profile_is_complete(ctx({ profile_missing = { "СНИЛС", "телефон" } }))
    assert.equal("Заполните профиль. Не хватает: СНИЛС, телефон.", verdict.text)
  end)

  it("ask the guardian of a minor only", function()
    assert.equal("guardian_consent_required", code("guardian_consents", { is_minor = true }))
    assert.equal("ok", code("guardian_consents", { is_minor = true, has_guardian_consent = true }))
    assert.equal("ok", code("guardian_consents", { is_minor = false }))
  end)
end)

describe("guards of the clerk", function()
  it("want the documents named, but not while buttons are drawn", function()
    assert.equal("documents_required", code("documents_are_named", {}))
    assert.equal("ok", code("documents_are_named", {}, { preview = true }))
    assert.equal("ok", code("documents_are_named", {}, { data = { documents = { { title = "Диплом" } } } }))
  end)

  it("send papers back only with a word on each rejected one", function()
    assert.equal("nothing_rejected", code("rejections_are_explained", { documents_rejected = 0, documents_uncommented = 0 }))
    assert.equal("comment_required", code("rejections_are_explained", { documents_rejected = 2, documents_uncommented = 1 }))
    assert.equal("ok", code("rejections_are_explained", { documents_rejected = 2, documents_uncommented = 0 }))
  end)

  it("compare the education with what the programme takes", function()
    local facts = { entry_education = { "spo_spec", "bachelor" }, entry_education_names = { "СПО", "Бакалавриат" }, education_level = "basic" }
    assert.equal("education_unsuitable", code("education_suits", facts))
    facts.education_level = "bachelor"
    assert.equal("ok", code("education_suits", facts))
    assert.equal("ok", code("education_suits", { entry_education = {}, education_level = "none" }))
  end)

  it("keep the waiting list for when there are no places", function()
    assert.equal("places_available", code("no_free_places", { free_places = 1 }))
    assert.equal("ok", code("no_free_places", { free_places = 0 }))
    assert.equal("ok", code("no_free_places", { free_places = -2 }))
  end)

  it("keep a partner to its own organisation", function()
    local partner = given.user("partner", { organization_id = 7 })
    assert.equal("ok", code("own_organization", {}, { user = partner, object = { organization_id = 7 } }))
    assert.are_not.equal("ok", code("own_organization", {}, { user = partner, object = { organization_id = 8 } }))
  end)
end)

describe("who may what", function()
  it("makes the applicant a learner of his own application in any role", function()
    local clerk = given.user("staff", { person_id = 17 })
    assert.is_true(policy.capacities({ person_id = 17 }, clerk).learner)
    assert.is_false(policy.capacities({ person_id = 18 }, clerk).learner)
  end)

  it("hides drafts from everybody else", function()
    local clerk = given.user("staff", { person_id = 5 })
    local ok, err = policy.need_read(clerk, { person_id = 17, state = "draft", organization_id = 1 })
    assert.is_nil(ok)
    assert.equal(404, err.status)
    assert.is_true(policy.need_read(clerk, { person_id = 17, state = "submitted", organization_id = 1 }))
  end)
end)

describe("words about an application", function()
  local function application(changes)
    local a = { state = "submitted", created_at = "2026-11-20 13:50:00+05", sla_due_at = "2026-11-27 14:02:00+05", sla_left_s = 345600,
      sla_left_days = 4, starts_on = "2026-12-14", history = { { to_state = "submitted", at = "2026-11-20 14:02:00+05", role = "learner",
        state = { label = "Подана" } } } }
    for key, value in pairs(changes or {}) do a[key] = value end
    return a
  end

  it("count the deadline in working days", function()
    local sla = present.sla(application())
    assert.equal("4 рабочих дня", plain(sla.text))
    assert.equal("27 ноября", plain(sla.due))
    assert.is_nil(sla.tone)
  end)

  it("turn yellow on the last day and red after it", function()
    assert.equal("warn", present.sla(application({ sla_left_days = 1 })).tone)
    assert.equal("сегодня до 14:02", plain(present.sla(application({ sla_left_days = 0 })).text))
    local late = present.sla(application({ sla_left_s = -4 * 3600, sla_left_days = nil }))
    assert.equal("просрочено на 4 часа", plain(late.text))
    assert.equal("bad", late.tone)
  end)

  it("say nothing while the clock stands still", function()
    local a = application()
    a.sla_due_at = nil
    assert.is_nil(present.sla(a))
  end)

  it("tell the applicant whose step it is, with the date and the rest", function()
    assert.equal("Заявка у сотрудников центра. Решение — до 27 ноября.", plain(present.next_step(application())))
    local asked = application({ state = "docs_required", docs_due_on = "2026-11-27", docs_left_days = 4 })
    assert.equal("Ваш шаг: приложите документы и отправьте их до 27 ноября. Осталось 4 дня.", plain(present.next_step(asked)))
  end)

  it("have a sentence for each state of the machine", function()
    for state in pairs(require("rules.workflows.application").states) do
      assert.is_string(fields.NEXT_STEP[state], state)
    end
  end)

  it("put the tracker where the application stands", function()
    local function states(a)
      local list = {}
      for i, step in ipairs(present.track(a)) do list[i] = step.state or "-" end
      return table.concat(list, " ")
    end
    assert.equal("done cur - - -", states(application()))
    assert.equal("done cur - - -", states(application({ state = "docs_required", docs_due_on = "2026-11-27" })))
    assert.equal("done done cur - -", states(application({ state = "approved" })))
    assert.equal("done done done done cur", states(application({ state = "studying" })))
    assert.equal("done done done done done", states(application({ state = "completed" })))
  end)
end)
