/* app/figures.h - the samples of several processes as one page in Prometheus' text form. */
#pragma once
#include "base/bytes.h"

/* samples: lines `name{labels} value` in any order. Appends them grouped by family, each family
 * under its TYPE line once. */
void figures_group(struct slice samples, struct bytes *out);
