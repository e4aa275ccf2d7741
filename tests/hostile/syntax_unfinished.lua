-- expect: syntax
return (
