--- Tests of the machine `expert_assignment`.
return {
  { "Принять: можно", when = { "accept", from = "invited", by = "expert" }, expect = { to = "accepted" } },
  { "Отказаться: можно", when = { "decline", from = "invited", by = "expert" }, expect = { to = "declined" } },
  { "Заявить конфликт интересов: можно", when = { "recuse", from = "invited", by = "expert" }, expect = { to = "recused" } },
  { "Заполнять: можно", when = { "fill", from = "accepted", by = "expert" }, expect = { to = "draft_sheet" } },
  { "Сдать заключение: можно", given = { facts = { criteria_are_scored = true, low_scores_are_explained = true, sheet_is_signed = true } },
    when = { "submit", from = "draft_sheet", by = "expert" }, expect = { to = "submitted" } },
  { "Сдать заключение: отказ, criteria_open", given = { facts = { criteria_are_scored = false, low_scores_are_explained = true, sheet_is_signed = true } },
    when = { "submit", from = "draft_sheet", by = "expert" }, expect = { refused = "criteria_open", guard = "criteria_are_scored" } },
  { "Сдать заключение: отказ, comment_required", given = { facts = { criteria_are_scored = true, low_scores_are_explained = false, sheet_is_signed = true } },
    when = { "submit", from = "draft_sheet", by = "expert" }, expect = { refused = "comment_required", guard = "low_scores_are_explained" } },
  { "Сдать заключение: отказ, not_signed", given = { facts = { criteria_are_scored = true, low_scores_are_explained = true, sheet_is_signed = false } },
    when = { "submit", from = "draft_sheet", by = "expert" }, expect = { refused = "not_signed", guard = "sheet_is_signed" } },
  { "Срок истёк: можно", when = { "overdue", from = "accepted", by = "system" }, expect = { to = "overdue" } },
  { "Сдать с опозданием: можно", when = { "submit_late", from = "overdue", by = "expert" }, expect = { to = "submitted" } },
  { "Отозвать: можно", when = { "revoke", from = "invited", by = "staff" }, expect = { to = "revoked" } },
}
