-- expect: syntax
local x <foo> = 1
