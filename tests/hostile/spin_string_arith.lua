-- expect: time
while true do pcall(function() return 'x' + 1 end) end
