--- Guards of the machine `user_account`. Each asks one fact that the module will gather.
local guards = {}

function guards.nothing_must_be_kept(ctx)
  if not ctx.facts.must_be_kept then return true end
  return false, { code = "must_be_kept", text = "Закон требует хранить эти данные." }
end
return guards
