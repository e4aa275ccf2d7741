-- expect: runtime
return string.dump(print)
