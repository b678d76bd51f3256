// SPDX-License-Identifier: GPL-2.0
/* Target: what is in flight beside its twin, ../twin/scoreboard.c. */
#include "fuzz.h"
#include "twin/twin.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	twin_scoreboard(data, len);
	return 0;
}
