--- Tests of the machine `consent`.
return {
  { "Отозвать: можно", when = { "withdraw", from = "given", by = "self" }, expect = { to = "withdrawn" } },
  { "Истёк срок: можно", when = { "expire", from = "given", by = "system" }, expect = { to = "expired" } },
  { "Новая редакция: можно", when = { "supersede", from = "given", by = "system" }, expect = { to = "superseded" } },
}
