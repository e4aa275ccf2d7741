/* app/rules.h - `copp rules run FILE.lua [--input JSON|@FILE]`: one chunk in the sandbox, in a child process.
 *
 *   parent --fork--> child: limits of the kernel, then script_rules_run() over a shared board
 *     \-- waits at most RUN_WALL_MS, kills, prints what was printed, last line: JSON or "error: KIND: text"
 */
#pragma once

/* input: JSON, "@file", or NULL. Returns the exit code: 0 a result, 1 an error of the chunk, 2 wrong usage. */
int app_rules_run(const char *file, const char *input);
