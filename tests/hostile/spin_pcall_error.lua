-- expect: time
while true do pcall(error, 'x') end
