-- expect: json
local c c = coroutine.create(function() return coroutine.resume(c) end) return { coroutine.resume(c) }
