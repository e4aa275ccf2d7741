-- expect: output time memory
local t = { 'x' } for i = 1, 60 do t = { t, t } end return t
