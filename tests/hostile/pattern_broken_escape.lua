-- expect: runtime
return ('a'):find('%')
