-- expect: runtime
return package.loadlib('x', 'y')
