-- expect: runtime
return debug.sethook()
