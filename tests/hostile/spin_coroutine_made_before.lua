-- expect: time
local t = {} for i = 1, 100 do t[i] = coroutine.create(function() while true do coroutine.yield() end end) end while true do for i = 1, 100 do coroutine.resume(t[i]) end end
