// SPDX-License-Identifier: GPL-2.0
/* Target: what came out of order beside its twin, ../twin/reassembly.c. */
#include "fuzz.h"
#include "twin/twin.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	twin_reassembly(data, len);
	return 0;
}
