// SPDX-License-Identifier: GPL-2.0
/* The steps that were made, for whoever has to understand a difference. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "steps.h"
#include "twin.h"

/* The last ones say enough: the start is lost first. */
#define STEPS	   400
#define STEP_CHARS 120

static char steps[STEPS][STEP_CHARS];
static unsigned int nr_steps;
static char origin[STEP_CHARS];

/* Forgets the steps of an earlier input. */
void twin_begin(void)
{
	nr_steps = 0;
}

/* Notes what is about to be done. */
void twin_step(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(steps[nr_steps++ % STEPS], STEP_CHARS, format, args);
	va_end(args);
}

/**
 * twin_origin() - where the octets of the next calls come from
 * @format: how to get the same ones again, printed at a difference
 */
void twin_origin(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(origin, sizeof(origin), format, args);
	va_end(args);
}

/* They are not twins: says so, and ends the program. */
void twin_differs(const char *format, ...)
{
	unsigned int i = nr_steps > STEPS ? nr_steps - STEPS : 0;
	va_list args;

	for (; i < nr_steps; i++)
		fprintf(stderr, "# step %u: %s\n", i + 1, steps[i % STEPS]);
	fputs("# then: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n%s%s%s", origin[0] ? "# " : "", origin,
		origin[0] ? "\n" : "");
	abort();
}

/**
 * twin_end() - the connection ends: all its records must be there
 * @tcb: the connection
 * @records: how many it was given; they are freed
 */
void twin_end(struct atcp_tcb *tcb, u32 records)
{
	struct atcp_range *r;

	atcp_tcb_purge(tcb);
	while ((r = atcp_pool_get(&tcb->pool))) {
		free(r);
		records--;
	}
	if (records)
		twin_differs("%u records are lost", records);
}
