-- expect: runtime
return os.execute('true')
