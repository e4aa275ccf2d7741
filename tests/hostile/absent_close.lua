-- expect: runtime
return coroutine.close(coroutine.create(print))
