-- expect: runtime
return (('a'):gsub('a', '%2'))
