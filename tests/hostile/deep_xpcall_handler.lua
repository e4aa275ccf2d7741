-- expect: depth runtime json time
local function h() error('again') end return (xpcall(error, h, 'x'))
