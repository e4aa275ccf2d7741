-- expect: runtime
return ('a'):find('%b')
