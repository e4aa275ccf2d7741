-- expect: runtime
return math.random()
