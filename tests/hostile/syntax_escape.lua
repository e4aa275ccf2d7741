-- expect: syntax
return '\xzz'
