-- expect: runtime
return os.time()
