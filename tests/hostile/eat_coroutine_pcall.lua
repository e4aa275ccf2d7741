-- expect: memory time
local t = {} while true do coroutine.resume(coroutine.create(function() while true do t[#t + 1] = ('x'):rep(100000) .. #t end end)) end
