--- Settings and secrets in the browser; other modules declare theirs in their own init (kit.setting, kit.secret).
return {}
