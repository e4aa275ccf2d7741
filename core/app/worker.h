/* app/worker.h - entry points of the master's children. who is the name in log lines. */
#pragma once

int app_worker(const char *who);     /* web: HTTP on fd 4 */
int app_job_worker(const char *who); /* the durable queue */
int app_engine(const char *who);     /* who is busy when, in memory; no Lua */
