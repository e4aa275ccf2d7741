--- Which columns each table gets, in the order of the COPY statements of the store; `name=text` gives what stands
--- for a value that is absent. Tables come in the order in which their keys allow them.
local columns = {}

columns.ORDER = { "resource", "user_account", "file_object", "person", "organization", "role_grant", "consent", "guardian_link",
  "site", "bell_schedule", "room", "equipment", "staff_resource", "program", "program_version", "program_module", "intake",
  "study_group", "subgroup", "application", "application_document", "application_note", "order_doc", "enrollment", "lesson",
  "lesson_teacher", "lesson_room", "lesson_equipment", "attendance", "grade", "workflow_event" }

local OF = {
  resource = "id kind exclusive capacity",
  user_account = "id email state created_at",
  file_object = "id sha256 size_bytes name mime created_at created_by",
  person = "id user_id last_name first_name middle_name has_middle_name gender birth_date snils phone email address "
    .. "education_level education_doc={} citizen_category listener_category employment={} resource_id",
  organization = "id kind is_partner is_customer full_name short_name inn kpp ogrn okved_main region_code municipality "
    .. "legal_address actual_address director_name director_post director_basis phone email site_url state",
  role_grant = "id user_id role organization_id sets valid_from",
  consent = "id person_id kind text_version given_at given_by_guardian_id",
  guardian_link = "id minor_id guardian_id relation consented_at created_at",
  site = "id organization_id name address latitude longitude zone is_accessible works_saturday",
  bell_schedule = "site_id shift pair_no starts ends",
  room = "id organization_id site_id kind number name competence area_m2 seats workplaces",
  equipment = "id organization_id room_id name model inventory_no verification_due",
  staff_resource = "id person_id organization_id post employment competences contract_until",
  program = "id owner_id kind code title short_title slug state competences prof_standard worker_profession rank_to "
    .. "qualification_level okved_section requires_higher_education min_age max_age entry_education required_documents audience "
    .. "study_form e_learning hours_total hours_distance duration_days max_group min_group document_kind final_attestation "
    .. "annotation description outcomes for_disabled",
  program_version = "id program_id no state valid_from",
  program_module = "id version_id position code title hours_lecture hours_practice hours_lab hours_seminar hours_self "
    .. "hours_control interim_form is_final topics",
  intake = "id program_id version_id deliverer_id site_id starts_on ends_on shift study_form places opens_on closes_on price "
    .. "funding audience state",
  study_group = "id code program_id version_id intake_id organization_id site_id curator_id starts_on ends_on shift study_form "
    .. "capacity_min capacity_max state resource_id",
  subgroup = "id group_id name resource_id",
  application = "id number person_id program_id intake_id organization_id group_id source channel funding citizen_category comment "
    .. "state reason responsible_id submitted_at sla_due_at docs_due_on waiting_since decided_at decided_by created_at created_by "
    .. "updated_at updated_by",
  application_document = "id application_id kind title file_id state comment created_at created_by updated_at",
  application_note = "id application_id is_internal text created_at created_by",
  order_doc = "id kind organization_id group_id number dated_on effective_on title basis_text state signatory_id signed_at "
    .. "registered_at created_at created_by updated_at",
  enrollment = "id group_id subgroup_id person_id application_id order_in_id order_out_id funding enrolled_on left_on state final_mark",
  lesson = "id group_id subgroup_id module_id site_id kind mode held_on starts zone minutes academic_hours topic homework= "
    .. "meeting_url state reason signed_at signed_by created_by",
  lesson_teacher = "lesson_id staff_id",
  lesson_room = "lesson_id room_id",
  lesson_equipment = "lesson_id equipment_id qty",
  attendance = "lesson_id enrollment_id mark source updated_at updated_by",
  grade = "id enrollment_id lesson_id module_id kind scale value created_at created_by updated_at",
  workflow_event = "id machine object_id action from_state to_state at user_id role reason decision={} inputs",
}

local LISTS, DEFAULTS = {}, {}
for table_name, text in pairs(OF) do
  LISTS[table_name], DEFAULTS[table_name] = {}, {}
  for name, equals, default in text:gmatch("([%w_]+)(=?)(%S*)") do
    table.insert(LISTS[table_name], name)
    if equals == "=" then DEFAULTS[table_name][name] = default end
  end
end
columns.LISTS = LISTS

--- Tables whose key is an identity of their own: the world counts these up.
columns.KEYED = {}
for table_name, list in pairs(LISTS) do
  if list[1] == "id" and table_name ~= "room" and table_name ~= "equipment" then columns.KEYED[#columns.KEYED + 1] = table_name end
end
table.sort(columns.KEYED)

local ESCAPES = { ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function array_literal(list)
  local parts = {}
  for index, item in ipairs(list) do parts[index] = '"' .. tostring(item):gsub('[\\"]', "\\%0") .. '"' end
  return "{" .. table.concat(parts, ",") .. "}"
end

local function field(value)
  if value == nil then return "\\N" end
  if value == true then return "t" elseif value == false then return "f" end
  if type(value) == "table" then value = array_literal(value) end
  return (tostring(value):gsub("[\\\n\r\t]", ESCAPES))
end

--- A row as a line of COPY's text format.
function columns.line(table_name, row)
  local parts, defaults = {}, DEFAULTS[table_name]
  for index, name in ipairs(LISTS[table_name]) do
    local value = row[name]
    if value == nil then value = defaults[name] end
    parts[index] = field(value)
  end
  return table.concat(parts, "\t") .. "\n"
end

return columns
