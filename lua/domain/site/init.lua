--- The public site around the catalogue.
return {}
