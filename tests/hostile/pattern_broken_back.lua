-- expect: runtime
return ('a'):find('%1')
