--- Study groups in all states, with their learners, orders and timelines. Pure.
local applicants = require("domain.demo.applicants")
local applications = require("domain.demo.applications")
local dates = require("domain.demo.dates")
local orders = require("domain.demo.orders")
local groups = {}

local FILE_FIRST = { day = -38, spread = 14 } -- when learners of a group had applied, before its start

local PATHS = {
  studying = { "submit", "take", "approve", "enroll", "start" },
  formed = { "submit", "take", "approve", "enroll" },
  attestation = { "submit", "take", "approve", "enroll", "start" },
  completed = { "submit", "take", "approve", "enroll", "start" },
  closed = { "submit", "take", "approve", "enroll", "start", "finish" },
  approved = { "submit", "take", "approve" },
  through_documents = { "submit", "take", "ask_docs", "send_docs", "approve" },
  waiting = { "submit", "take", "wait" },
  expelled = { "submit", "take", "approve", "enroll", "start", "expel" },
}
local ENROLLMENTS = { studying = "studying", formed = "enrolled", attestation = "admitted", completed = "passed", closed = "graduated" }
local STEPS_TO = { planned = 0, recruiting = 1, formed = 2, studying = 3, attestation = 4, completed = 5, closed = 6 }
local STEPS = {
  { "open", "planned", "recruiting", "staff" }, { "form", "recruiting", "formed", "staff" },
  { "start", "formed", "studying", "system" }, { "attest", "studying", "attestation", "staff" },
  { "complete", "attestation", "completed", "staff" }, { "close", "completed", "closed", "staff" },
}
-- People who left on the way, and whose order is still being made: by group and kind of order.
local LEAVERS = { ["ЭМ-1"] = "expel_own", ["МС-1"] = "expel_absent", ["ТР-1"] = "expel_own" }
local UNDER_WAY = { ["ПК-1"] = { "expel_own", "on_sign" }, ["БАС-1"] = { "expel_absent", "draft" } }
local ADDED_LATER = { ["МС-1"] = 2 } -- how many days after the start the last learner was enrolled, by an order of his own
local SHARED = { ["1С-1"] = "МС-1" } -- one learner of the second learns in the first too

local function add_group(world, row)
  local intake = world.intakes[row.intake]
  local group = world:add("study_group", {
    code = row.code, program_id = intake.program_id, version_id = intake.version_id, intake_id = intake.id,
    organization_id = intake.deliverer_id, site_id = world.sites[row.site].id,
    curator_id = (world.curators[intake.deliverer_id] or world.fixtures.staff).user_id, starts_on = intake.starts_on,
    ends_on = intake.ends_on, shift = tonumber(row.bell_shift), study_form = intake.study_form, state = row.state,
    capacity_min = tonumber(row.capacity_min), capacity_max = tonumber(row.capacity_max), seats_taken = 0,
    resource_id = world:add_resource("group"),
  })
  group.row, group.intake, group.starts, group.program = row, intake, intake.starts, intake.program
  group.site, group.learners, group.subgroups, group.leavers = world.sites[row.site], {}, {}, {}
  if row.subgroups == "t" then
    for index = 1, 2 do
      group.subgroups[index] = world:add("subgroup", { group_id = group.id, name = index .. " подгруппа",
        resource_id = world:add_resource("subgroup") })
    end
  end
  world.groups[row.code] = group
  world.group_list[#world.group_list + 1] = group
  return group
end

-- Days of the milestones; those of groups that are not so far have no meaning.
local function milestones(world, group)
  local finish = math.min(group.starts + group.program.duration_days, world.today - 3)
  return {
    open = group.intake.opens, form = world.calendar.last_working(math.min(group.starts - 4, world.today - 1)), start = group.starts,
    attest = world.calendar.last_working(math.min(finish - 3, world.today - 1)), complete = world.calendar.last_working(finish),
    close = world.calendar.last_working(math.min(finish + 5, world.today - 1)),
  }
end

local function add_timeline(world, group, days)
  for index = 1, STEPS_TO[group.state] or 0 do
    local step = STEPS[index]
    world:event("group", group.id, step[1], step[2], step[3], dates.moment(days[step[1]], step[4] == "system" and 5 or 640),
      step[4] == "staff" and group.curator_id or nil, group.curator_id == world.fixtures.staff.user_id and "staff" or "partner")
  end
  if group.state == "cancelled" then
    world:event("group", group.id, "open", "planned", "recruiting", dates.moment(days.open, 640), world.fixtures.staff.user_id, "staff")
    world:event("group", group.id, "cancel", "recruiting", "cancelled", dates.moment(world.today - 2, 700),
      world.fixtures.staff.user_id, "staff", "Не набралось нужное число школьников. Приглашаем в следующий набор.")
  end
end

local function add_enrollment(world, group, person, application, order, state)
  local enrollment = world:add("enrollment", {
    group_id = group.id, person_id = person.id, application_id = application.id, order_in_id = order.id,
    subgroup_id = #group.subgroups > 0 and group.subgroups[#group.learners % 2 + 1].id or nil,
    funding = application.funding, enrolled_on = order.effective_on, state = state,
  })
  enrollment.person = person
  if state ~= "enrolled" then
    world:event("enrollment", enrollment.id, "start", "enrolled", "studying", dates.moment(group.starts, 5), nil, "system")
  end
  return enrollment
end

local function enroll(world, group, person, days, path, state, order)
  local submitted = group.starts + FILE_FIRST.day + world.random:below(FILE_FIRST.spread)
  order = order or group.order
  local application = applications.add(world, person, group.intake, path, {
    submitted = submitted, limit = days.form - 1,
    at = { enroll = { day = order.day, minute = 861 }, start = { day = math.max(group.starts, order.day), minute = order.day > group.starts and 862 or 5 },
      finish = { day = days.close, minute = 900 }, expel = { day = days.leave or 0, minute = 865 } },
  })
  application.group_id = group.id
  return add_enrollment(world, group, person, application, order, state)
end

local function shared_person(world, group)
  local other = world.groups[SHARED[group.code]]
  for _, enrollment in ipairs(other and other.learners or {}) do
    local level = enrollment.person.education_level
    if level ~= "basic" and level ~= "secondary" then return enrollment.person end
  end
end

local function add_learners(world, group, days)
  local state = group.state
  local shared = SHARED[group.code] and shared_person(world, group)
  for index = 1, tonumber(group.row.learners) do
    local person = index == 1 and shared or applicants.add(world, group.program, nil, world.today - group.starts + 45)
    local order
    if ADDED_LATER[group.code] and index == tonumber(group.row.learners) then
      local day = world.calendar.last_working(math.min(group.starts + ADDED_LATER[group.code], world.today - 1))
      order = orders.add(world, "enroll", group, day, day, "registered")
    end
    group.learners[index] = enroll(world, group, person, days, PATHS[state], ENROLLMENTS[state], order)
  end
end

local FINAL_MARKS = { { "5", 40 }, { "4", 45 }, { "3", 15 } }

local function add_finishing_orders(world, group, days)
  orders.add(world, "admission", group, days.attest, days.attest, "registered")
  if group.state == "attestation" then return end
  local order = orders.add(world, "expel_done", group, days.complete, days.complete, "registered")
  for _, enrollment in ipairs(group.learners) do
    enrollment.order_out_id, enrollment.left_on = order.id, order.effective_on
    enrollment.final_mark = group.program.final_attestation == "credit" and "pass" or world.random:weighted(FINAL_MARKS)
  end
end

local function add_leaver(world, group, days)
  local kind = LEAVERS[group.code]
  days.leave = world.calendar.last_working(math.max(world.today - 4, group.starts + 1))
  local person = applicants.add(world, group.program, nil, world.today - group.starts + 45)
  local enrollment = enroll(world, group, person, days, PATHS.expelled, "expelled")
  local order = orders.add(world, kind, group, days.leave, days.leave, "registered")
  enrollment.order_out_id, enrollment.left_on = order.id, order.effective_on
  group.leavers[1] = enrollment
end

local function add_under_way(world, group)
  local kind, state = table.unpack(UNDER_WAY[group.code])
  local order = orders.add(world, kind, group, world.calendar.last_working(world.today - 1), world.today + 3, state)
  world.order_lines_out[#world.order_lines_out + 1] = { order = order, enrollment = group.learners[#group.learners] }
end

local function add_candidates(world, group)
  local given = world.candidates[group.code] or {}
  for index = 1, tonumber(group.row.candidates) do
    local person = applicants.add(world, group.program, given[index], 60)
    applications.add(world, person, group.intake, index % 4 == 0 and PATHS.through_documents or PATHS.approved,
      { submitted = world.today - world.random:between(16, 24) })
  end
  for _ = 1, tonumber(group.row.waiting) do
    local person = applicants.add(world, group.program, nil, 40)
    applications.add(world, person, group.intake, PATHS.waiting, { submitted = world.today - world.random:between(9, 12) })
  end
end

--- `world.groups` by code and `world.group_list` in order; each knows its learners, row, program and site.
---@param rows table of groups.csv
function groups.build(world, rows)
  world.groups, world.group_list, world.order_lines_out = {}, {}, {}
  for _, row in ipairs(rows) do
    local group = add_group(world, row)
    local days = milestones(world, group)
    add_timeline(world, group, days)
    if tonumber(row.learners) > 0 then
      group.order = orders.add(world, "enroll", group, days.form, group.starts, "registered")
      add_learners(world, group, days)
    end
    if STEPS_TO[group.state] and STEPS_TO[group.state] >= STEPS_TO.attestation then add_finishing_orders(world, group, days) end
    if LEAVERS[group.code] then add_leaver(world, group, days) end
    if UNDER_WAY[group.code] then add_under_way(world, group) end
    add_candidates(world, group)
  end
end

return groups
