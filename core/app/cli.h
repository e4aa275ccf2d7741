/* app/cli.h - the command line. Exit codes: 0 done, 1 it failed or a gate did not hold, 2 wrong usage. */
#pragma once

int app_cli(int argc, char **argv);
