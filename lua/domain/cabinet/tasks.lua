--- What may need somebody now, as data: who is asked (`needs`, a permission; `roles` narrows), which area of counters tells, and the line
--- that its row makes (nil: nothing to do). A new kind of task is one entry here.
local counters = require("domain.cabinet.counters")
local policy = require("domain.cabinet.policy")
local russian = require("kit.russian")
local words = require("domain.cabinet.words")
local tasks = {}

-- «12 заявок ждут разбора», «1 000+ заявок ждут разбора».
local function plural(n, one, few, many)
  if n <= counters.LIMIT then return russian.plural(n, one, few, many) end
  return (many:gsub("%%s", (counters.words(n)), 1))
end

local LIST = {
  { needs = "application.decide", area = "inbox", make = function(row)
    if row.overdue == 0 then return nil end
    return { title = plural(row.overdue, "%s заявка просрочена", "%s заявки просрочены", "%s заявок просрочены"),
      text = "срок ответа заявителю прошёл", icon = "alarm", tone = "bad", href = "/cabinet/applications?overdue=1&sort=due" }
  end },
  { needs = "application.decide", area = "inbox", make = function(row)
    if row.submitted == 0 then return nil end
    return { title = plural(row.submitted, "%s заявка ждёт разбора", "%s заявки ждут разбора", "%s заявок ждут разбора"),
      text = "никто ещё не взял в работу", icon = "inbox", tone = "", href = "/cabinet/applications?state=submitted" }
  end },
  { needs = "application.decide", area = "inbox", make = function(row)
    if row.docs_review == 0 then return nil end
    return { title = plural(row.docs_review, "Документы по %s заявке", "Документы по %s заявкам", "Документы по %s заявкам"),
      text = "заявители прислали, нужно проверить", icon = "file-check", tone = "v", href = "/cabinet/applications?state=docs_review" }
  end },
  { needs = "order.sign", area = "orders", make = function(row)
    if row.on_sign == 0 then return nil end
    return { title = plural(row.on_sign, "%s приказ на подпись", "%s приказа на подпись", "%s приказов на подпись"),
      text = "первый вступает в силу " .. words.on_date(row.on_sign_by), icon = "signature", tone = "v", href = "/cabinet/orders?state=on_sign" }
  end },
  { needs = "order.create", area = "orders", make = function(row)
    if row.signed == 0 then return nil end
    return { title = plural(row.signed, "%s приказ зарегистрировать", "%s приказа зарегистрировать", "%s приказов зарегистрировать"),
      text = "подписан, вступает в силу " .. words.on_date(row.signed_by), icon = "rubber-stamp", tone = "", href = "/cabinet/orders?state=signed" }
  end },
  { needs = "order.create", area = "orders", make = function(row)
    if row.rejected == 0 then return nil end
    return { title = plural(row.rejected, "%s приказ исправить", "%s приказа исправить", "%s приказов исправить"),
      text = "возвращены с подписи", icon = "arrow-back-up", tone = "warn", href = "/cabinet/orders?state=rejected" }
  end },
  { needs = "order.create", area = "orders", make = function(row)
    if row.drafts == 0 then return nil end
    return { title = plural(row.drafts, "%s проект приказа", "%s проекта приказов", "%s проектов приказов"),
      text = "отправьте на подпись, когда состав готов", icon = "pencil", tone = "n", href = "/cabinet/orders?state=draft" }
  end },
  { needs = "group.manage", area = "groups", make = function(row)
    if row.short == 0 then return nil end
    return { title = plural(row.short, "В %s группе мало слушателей", "В %s группах мало слушателей", "В %s группах мало слушателей"),
      text = "ближайшая начинает " .. words.on_date(row.short_on), icon = "users-minus", tone = "warn", href = "/cabinet/groups?state=recruiting" }
  end },
  { needs = "intake.manage", area = "groups", roles = { "staff", "partner" }, make = function(row)
    if row.closing == 0 then return nil end
    return { title = plural(row.closing, "%s набор закрывается", "%s набора закрываются", "%s наборов закрываются"),
      text = "приём заявок на ближайший " .. words.until_date(row.closes_on), icon = "calendar-clock", tone = "n", href = "/programs?sort=start" }
  end },
  { needs = "group.manage", area = "late_journals", make = function(row)
    if row.late == 0 then return nil end
    return { title = plural(row.late, "%s занятие без подписи в журнале", "%s занятия без подписи в журнале", "%s занятий без подписи в журнале"),
      text = "с " .. russian.date(row.since, "day") .. ", напомните преподавателям", icon = "notebook", tone = "warn", href = "/cabinet/groups?state=studying" }
  end },
  { needs = "organization.moderate", area = "organizations", make = function(row)
    if row.pending == 0 then return nil end
    return { title = plural(row.pending, "%s организация ждёт проверки", "%s организации ждут проверки", "%s организаций ждут проверки"),
      text = "первая заявка " .. russian.date(row.since, "day"), icon = "building", tone = "o",
      href = "/cabinet/organizations?state=pending&state=checking&sort=newest" }
  end },
  { needs = "job.read", roles = { "admin" }, area = "system", make = function(row)
    if row.dead == 0 then return nil end
    return { title = plural(row.dead, "%s фоновая задача не выполнена", "%s фоновые задачи не выполнены", "%s фоновых задач не выполнены"),
      text = "за последние 30 дней, повторы исчерпаны", icon = "alert-triangle", tone = "bad" }
  end },
  { needs = "job.read", roles = { "admin" }, area = "system", make = function(row)
    if row.stuck == 0 then return nil end
    return { title = plural(row.stuck, "%s задача в очереди дольше 15 минут", "%s задачи в очереди дольше 15 минут", "%s задач в очереди дольше 15 минут"),
      text = "проверьте, работает ли исполнитель задач", icon = "hourglass", tone = "warn" }
  end },
  { needs = "audit.read", area = "system", make = function(row)
    if row.undelivered == 0 then return nil end
    return { title = plural(row.undelivered, "%s событие не доставлено", "%s события не доставлены", "%s событий не доставлены"),
      text = "дольше 5 минут; причина у каждого", icon = "alert-circle", tone = "warn", href = "/admin/outbox/events" }
  end },
  { needs = "mail.read", area = "mail", make = function(row)
    if row.failed == 0 then return nil end
    return { title = plural(row.failed, "%s письмо не ушло", "%s письма не ушли", "%s писем не ушли"),
      text = "причина указана у каждого письма", icon = "mail-off", tone = "bad", href = "/admin/outbox?state=failed" }
  end },
  { needs = "mail.read", area = "mail", make = function(row)
    if row.queued == 0 then return nil end
    return { title = plural(row.queued, "%s письмо ждёт отправки", "%s письма ждут отправки", "%s писем ждут отправки"),
      text = "без почтового сервера письма остаются здесь", icon = "mail-forward", tone = "n", href = "/admin/outbox?state=queued" }
  end },
  { needs = "user.manage", area = "system", make = function(row)
    if row.grants == 0 then return nil end
    return { title = plural(row.grants, "Заканчивается %s роль", "Заканчиваются %s роли", "Заканчиваются %s ролей"),
      text = "первая " .. words.until_date(row.grants_to), icon = "user-minus", tone = "warn", href = "/admin/users" }
  end },
  { needs = "user.manage", area = "system", make = function(row)
    if row.locked == 0 then return nil end
    return { title = plural(row.locked, "%s учётная запись закрыта после неудачных входов", "%s учётные записи закрыты после неудачных входов",
      "%s учётных записей закрыты после неудачных входов"), text = "откроются сами", icon = "lock", tone = "n", href = "/admin/users" }
  end },
}

--- The tasks of whoever asks, the most pressing first.
---@param request kit.Request
---@return {title: string, text: string, icon: string, tone: string, href: string?}[]
function tasks.of(request)
  local found = {}
  for _, entry in ipairs(LIST) do
    if policy.shows(request.user, entry) then found[#found + 1] = entry.make(counters.of(request, entry.area)) end
  end
  return found
end

return tasks
