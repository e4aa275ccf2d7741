#!/usr/bin/lua -- expect: json
return 1
