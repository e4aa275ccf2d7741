-- expect: runtime
rawset(_G, 'print', 1)
