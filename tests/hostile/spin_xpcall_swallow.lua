-- expect: time
while true do xpcall(function() while true do end end, function(m) return m end) end
