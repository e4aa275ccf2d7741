-- expect: time
while true do pcall(pcall, pcall, error) end
