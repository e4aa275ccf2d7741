-- expect: result
return coroutine.create(print)
