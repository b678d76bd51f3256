// SPDX-License-Identifier: GPL-2.0
/* Target: the parser and the builder beside their twin, ../twin/options.c. */
#include "fuzz.h"
#include "twin/twin.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	twin_options(data, len);
	return 0;
}
