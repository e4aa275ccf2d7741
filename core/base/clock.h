/* base/clock.h - time. Monotonic for durations and deadlines, real for what people see. */
#pragma once
#include <stdint.h>

uint64_t clock_monotonic_us(void);
int64_t clock_realtime_us(void); /* microseconds since 1970-01-01 UTC */
