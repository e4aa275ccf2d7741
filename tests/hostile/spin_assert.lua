-- expect: time
while true do pcall(assert, false, {}) end
