-- expect: time
return ('a'):rep(700):find('.-.-.-.-b')
