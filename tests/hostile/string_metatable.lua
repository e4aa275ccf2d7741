-- expect: runtime
getmetatable('').__index = {}
