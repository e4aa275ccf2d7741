-- expect: json
local c = coroutine.create(function() error('x') end) coroutine.resume(c) return { coroutine.resume(c) }
