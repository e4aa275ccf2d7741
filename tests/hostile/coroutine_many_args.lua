-- expect: runtime json memory
return #{ coroutine.resume(coroutine.create(function(...) return ... end), table.unpack({}, 1, 150000)) }
