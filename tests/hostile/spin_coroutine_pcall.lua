-- expect: time
while true do pcall(coroutine.wrap(function() while true do pcall(coroutine.yield) while true do end end end)) end
