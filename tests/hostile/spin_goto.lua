-- expect: time
::a:: goto a
