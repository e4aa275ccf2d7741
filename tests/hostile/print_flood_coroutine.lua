-- expect: output
while true do coroutine.wrap(print)('x') end
