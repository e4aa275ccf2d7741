-- Lua 5.4 inside the core's sandbox; specs run under busted.
std = "lua54"
max_line_length = 165
max_cyclomatic_complexity = 15
unused_args = false
cache = false
exclude_files = { "node_modules/**", "build/**", "lua/meta/**" }
-- The sandbox has less than lua54: what product code must not use is an error.
not_globals = { "dofile", "loadfile", "print", "collectgarbage", "warn", "io", "package" }
files["tests/lua/**"] = {
  std = "+busted",
  globals = { "package" },
  read_globals = { "io", "print" },
  max_line_length = 170,
}
files["tests/lua/support/*.lua"] = { max_cyclomatic_complexity = false }
