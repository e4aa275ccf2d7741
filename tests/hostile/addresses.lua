-- expect: json
return { tostring({}), tostring(print), tostring(coroutine.create(print)), ('%s'):format({}) }
