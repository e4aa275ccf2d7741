--- Outgoing mail, as other modules see it: nothing.
return {}
