--- People of an organisation, by its curator or by the staff: invitations, capacities, requests, leaving.
local claims = require("domain.organizations.claims")
local fields = require("domain.organizations.fields")
local form = require("kit.form")
local invitations = require("domain.organizations.invitations")
local members = require("domain.organizations.members")
local present = require("domain.organizations.present")
local respond = require("kit.respond")
local service = require("domain.organizations.service")

local BASE = "/cabinet/organizations/{id}"

local function key(value) return math.tointeger(tonumber((value or ""):match("^%d+$"))) end
local function id_of(request) return key(request.params.id) end

-- A refused form shows the card again, with what was typed.
local function refused(request, err)
  if err.status == 404 or err.status == 403 then return nil, err end
  local card, fault = service.card(request.user, id_of(request))
  if not card then return nil, fault end
  local is_own = request.user.grant and request.user.grant.organization_id == card.id
  return respond.page(request, is_own and "organizations/own" or "organizations/card", present.card(card, {
    title = card.short_name, nav = is_own and "organization" or "organizations", base = "/cabinet/organizations/" .. card.id,
    back = is_own and "/cabinet/organization" or nil, fault = err.text, typed = request:form(), by_field = err.by_field or {}, user_id = request.user.id, others = 0,
  }), err.status)
end

local function done(request, ok, err, notice)
  if not ok then return refused(request, err) end
  return respond.redirect(present.home(request.user, id_of(request)), { notice = notice })
end

local function invite(request)
  local input, err = form.parse(fields.INVITE, request:form())
  local ok
  if input then ok, err = invitations.send(request.user, id_of(request), input) end
  return done(request, ok, err, "Приглашение отправлено")
end

local function revoke(request)
  local ok, err = invitations.revoke(request.user, id_of(request), key(request.params.invitation))
  return done(request, ok, err, "Приглашение отозвано")
end

local function decide(request)
  local input, err = form.parse(fields.DECIDE, request:form())
  local ok
  if input then ok, err = claims.decide(request.user, id_of(request), key(request.params.claim), input) end
  return done(request, ok, err, input and input.verdict == "accept" and "Сотрудник принят" or "Запрос отклонён")
end

local function change(request)
  local input, err = form.parse(fields.MEMBER, request:form())
  local ok
  if input then ok, err = members.change(request.user, id_of(request), key(request.params.member), input) end
  return done(request, ok, err, "Сохранено")
end

local function finish(request)
  local ok, err = members.finish(request.user, id_of(request), key(request.params.member), request:form().reason)
  return done(request, ok, err, "Работа в организации завершена")
end

local function leave(request)
  local ok, err = members.leave(request.user, id_of(request), key(request:form().successor_id))
  if not ok then return refused(request, err) end
  return respond.redirect("/cabinet", { notice = "Вы больше не работаете в этой организации" })
end

return {
  { "POST", BASE .. "/invitations", invite, access = { "organization.members" }, summary = "Пригласить в организацию" },
  { "POST", BASE .. "/invitations/{invitation}/revoke", revoke, access = { "organization.members" }, summary = "Отозвать приглашение" },
  { "POST", BASE .. "/claims/{claim}", decide, access = { "organization.members" }, summary = "Решить по запросу о доступе" },
  { "POST", BASE .. "/members/{member}", change, access = { "organization.members" }, summary = "Изменить, кем работает" },
  { "POST", BASE .. "/members/{member}/end", finish, access = { "organization.members" }, summary = "Завершить работу в организации" },
  { "POST", BASE .. "/leave", leave, access = "user", summary = "Уйти из организации, передав её" },
}
