--- Who may do what: permission → {role or permission set = scope}. Scopes: kit/access.lua. From the matrix of the domain
--- (m, a → "all", r → "organization", o → "own", v where a module narrows what is shown).
--- Whoever is not named may not. `director`, `registrar`, `scheduler` … are permission sets of a staff grant.
return {
  -- F10, F19: applications of citizens
  ["application.list"] = { staff = "all", partner = "organization", coordinator = "all", admin = "all" },
  ["application.read"] = { staff = "all", partner = "organization", learner = "own", coordinator = "all", admin = "all" },
  ["application.read_applicant"] = { staff = "all", partner = "organization", learner = "own" },
  ["application.create"] = { learner = "own" },
  ["application.decide"] = { staff = "all", partner = "organization" },
  ["application.enroll"] = { staff = "all" },
  ["application.note"] = { staff = "all", partner = "organization" },
  ["application.export"] = { staff = "all" },

  -- F14, F09: programmes and intakes (the catalogue is public)
  ["program.read"] = { guest = "all", user = "all" },
  ["program.edit"] = { staff = "all", partner = "organization", teacher = "own" },
  ["intake.manage"] = { staff = "all", partner = "organization" },

  -- F20: groups, orders, journal
  ["group.read"] = { staff = "all", partner = "organization", teacher = "all", learner = "all", customer = "all", coordinator = "all",
    admin = "all" },
  ["group.read_learners"] = { staff = "all", partner = "organization", teacher = "own", admin = "all" },
  ["group.create"] = { staff = "all", partner = "organization" },
  ["group.manage"] = { staff = "all", partner = "organization" },
  ["order.read"] = { staff = "all", partner = "organization", coordinator = "all", admin = "all" },
  ["order.create"] = { staff = "all" },
  ["order.sign"] = { director = "all" },
  ["order.print"] = { staff = "all", partner = "organization", admin = "all" },
  ["journal.read"] = { staff = "all", partner = "organization", teacher = "own", coordinator = "all", admin = "all" },
  ["journal.write"] = { staff = "all", teacher = "own" },
  ["journal.open"] = { staff = "all" },
  ["journal.history"] = { staff = "all", admin = "all" },

  -- F21: timetable
  ["lesson.read"] = { staff = "all", partner = "all", teacher = "all", learner = "all", customer = "all", coordinator = "all", admin = "all" },
  ["lesson.plan"] = { staff = "all", partner = "organization" },
  ["lesson.override"] = { staff = "all" },
  ["room.book"] = { staff = "all", partner = "organization" },

  -- People. Special data (СНИЛС, health …): every view leaves an audit record.
  ["person.read"] = { staff = "all", partner = "organization", teacher = "own", learner = "own" },
  ["person.read_special"] = { staff = "all", learner = "own" },
  ["person.edit"] = { staff = "all", learner = "own" },

  -- F16, F17, F18
  ["organization.read"] = { user = "all" },
  ["organization.manage"] = { staff = "all", partner = "organization", customer = "organization", admin = "all" },
  ["resource.read"] = { staff = "all", partner = "organization", teacher = "all", coordinator = "all", admin = "all" },
  ["resource.manage"] = { staff = "all", partner = "organization" },

  -- F29, F30 and the system
  ["user.manage"] = { admin = "all" },
  ["ref.read"] = { staff = "all", coordinator = "all", admin = "all" },
  ["ref.manage"] = { admin = "all" },
  ["audit.read"] = { admin = "all" },
  ["mail.read"] = { admin = "all" },
  ["job.read"] = { admin = "all", staff = "own" },
  ["rule.read"] = { admin = "all", staff = "all" },
  ["rule.manage"] = { admin = "all" },
}
