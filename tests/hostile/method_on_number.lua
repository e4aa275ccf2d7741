-- expect: runtime
return (1):x()
