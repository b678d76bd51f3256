// SPDX-License-Identifier: GPL-2.0
/*
 * The benchmark's load: reads from its arguments what to measure in which
 * order, and prints what it measured. It runs in the VM, on one processor.
 *
 *	load ROUNDS ROW:PATH:KIND...
 *
 * Each ROUND measures all of them; every second one backwards, so that nothing
 * is always the first.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

static const char *const kind_names[KIND_COUNT] = { "atcp", "tcp", "unix" };
static const char *const path_names[PATH_COUNT] = { "loopback", "veth" };

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("fail ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
	fflush(stdout);
	_exit(1);
}

void pause_ms(unsigned int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&ts, NULL);
}

static unsigned int find_name(const char *const *names, unsigned int count,
			      const char *name)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return i;
	die("'%s' is not known", name);
}

static void measure(const char *what)
{
	char row[32], path[32], kind[32];
	struct link link;

	if (sscanf(what, "%31[^:]:%31[^:]:%31s", row, path, kind) != 3)
		die("'%s' is not ROW:PATH:KIND", what);
	link.path = find_name(path_names, PATH_COUNT, path);
	link.kind = find_name(kind_names, KIND_COUNT, kind);
	printf("begin %s %s %s\n", row, path, kind);
	fflush(stdout);
	/* The line must be gone before we count. What waits in TIME-WAIT from
	 * the run before must be gone, too; such waiting takes no real time.
	 */
	pause_ms(65000);
	if (speed_row_exists(row))
		speed_measure(row, link);
	else if (memory_row_exists(row))
		memory_measure(row, link);
	else
		die("there is no row '%s'", row);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	int rounds, round, i;

	if (argc < 3)
		die("usage: load ROUNDS ROW:PATH:KIND...");
	prctl(PR_SET_TIMERSLACK, 1);
	net_init();
	rounds = atoi(argv[1]);
	for (round = 0; round < rounds; round++)
		for (i = 2; i < argc; i++)
			measure(argv[round % 2 ? argc + 1 - i : i]);
	printf("end\n");
	return 0;
}
