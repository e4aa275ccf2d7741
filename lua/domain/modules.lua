--- Modules of the product in the order in which they are loaded. A new one adds its name.
return {
  "settings", "system", "brand", "plugins",
  "refs", "accounts", "signin", "organizations", "people", "privacy", "resources", "files",
  "competences", "programs", "partners", "content", "menus", "search", "site", "feeds", "sveden",
  "applications", "groups", "orders", "lessons", "bookings", "plans", "workload", "journal", "inbox", "mailbox", "mail_templates", "audit",
  "notifications", "cabinet", "finder", "roles", "preview", "users", "rules",
}
