-- expect: runtime
return collectgarbage('stop')
