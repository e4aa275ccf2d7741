-- expect: time
while true do pcall(pcall, function() while true do end end) end
