-- expect: time
local c = coroutine.create(function() while true do pcall(coroutine.yield, 1) end end) while true do coroutine.resume(c) end
