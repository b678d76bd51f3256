// SPDX-License-Identifier: GPL-2.0
/* The tracepoints of network/trace.h: this is the one file that defines them. */
#define CREATE_TRACE_POINTS
#include "../network/trace.h"
