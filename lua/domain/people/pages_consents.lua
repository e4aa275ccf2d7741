--- «Согласия»: of one's own in the cabinet, and those on paper that the staff enters.
local consents = require("domain.people.consents")
local fields = require("domain.people.fields")
local form = require("kit.form")
local respond = require("kit.respond")
local errors = require("kit.errors")

local PATH = "/cabinet/consents"

local function need_person(request)
  if request.user.person_id then return true end
  return nil, errors.not_found("person")
end

local function show(request)
  local ok, err = need_person(request)
  if not ok then return nil, err end
  return respond.page(request, "people/consents", { title = "Согласия", nav = "data", list = consents.list(request.user.person_id) })
end

local function give(request)
  local ok, err = need_person(request)
  if not ok then return nil, err end
  local kind = request.params.kind
  if request:form().agree ~= "1" then
    return respond.page(request, "people/consents", { title = "Согласия", nav = "data", list = consents.list(request.user.person_id),
      fault_kind = kind }, 422)
  end
  local given
  given, err = consents.give(request.user, request.user.person_id, kind)
  if not given then return nil, err end
  return respond.redirect(PATH, { notice = "Согласие дано" })
end

local function withdraw(request)
  local ok, err = need_person(request)
  if not ok then return nil, err end
  ok, err = consents.withdraw(request.user, request.user.person_id, request.params.kind)
  if not ok then return nil, err end
  return respond.redirect(PATH, { notice = "Согласие отозвано" })
end

-- ---- the staff

local function kind_options()
  local options = {}
  for index, kind in ipairs(consents.KINDS) do options[index] = { value = kind, label = consents.wording(kind).title } end
  return options
end

local function paper_page(request, typed, err)
  local person, fault = consents.person(request.user, request.params.id)
  if not person then return nil, fault end
  return respond.page(request, "people/papers", {
    title = "Согласия: " .. person.name, nav = "applications", person = person, list = consents.list(person.id), kinds = kind_options(), typed = typed or {},
    by_field = err and err.by_field or {}, errors = err and err.fields or {}, fault = err and not err.by_field and err.text or nil,
    max_bytes = consents.FILE_MAX_BYTES,
  }, err and err.status or 200)
end

local function show_papers(request) return paper_page(request) end

local function enter(request)
  local typed = request:form()
  local input, err = form.parse(fields.PAPER, typed)
  local ok
  if input then ok, err = consents.enter_paper(request.user, request.params.id, input, request:file("file")) end
  if not ok then
    if err.status == 404 then return nil, err end
    return paper_page(request, typed, err)
  end
  return respond.redirect("/cabinet/people/" .. request.params.id .. "/consents", { notice = "Согласие внесено" })
end

local function withdraw_paper(request)
  local ok, err = consents.withdraw_by_staff(request.user, request.params.id, request.params.kind)
  if not ok then return nil, err end
  return respond.redirect("/cabinet/people/" .. request.params.id .. "/consents", { notice = "Согласие отозвано" })
end

return {
  { "GET", PATH, show, access = "user", private = true, summary = "Согласия: тексты, что дано и как отозвать" },
  { "POST", PATH .. "/{kind}", give, access = "user", private = true, summary = "Дать согласие" },
  { "POST", PATH .. "/{kind}/withdraw", withdraw, access = "user", private = true, summary = "Отозвать согласие" },
  { "GET", "/cabinet/people/{id}/consents", show_papers, access = { "person.edit" }, summary = "Согласия человека (для сотрудника)" },
  { "POST", "/cabinet/people/{id}/consents", enter, access = { "person.edit" }, multipart = { max_bytes = consents.FILE_MAX_BYTES, max_files = 1 },
    summary = "Внести согласие на бумаге" },
  { "POST", "/cabinet/people/{id}/consents/{kind}/withdraw", withdraw_paper, access = { "person.edit" }, summary = "Внести отзыв согласия" },
}
