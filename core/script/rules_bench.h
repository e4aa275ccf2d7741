/* script/rules_bench.h - what a rule costs: `copp rules bench`, behind ./copp bench rules. */
#pragma once
#include <stdbool.h>
#include <stdio.h>

/* Measures with the guards below tree/lua/rules and prints a table, or JSON. Returns the exit code: 1 when a
 * gate does not hold. */
int script_rules_bench(const char *tree, bool is_json, FILE *out);
