-- expect: runtime
error('a\nb\nc')
