// SPDX-License-Identifier: GPL-2.0
/*
 * How many instructions it takes. The guest's clock counts them, one for each
 * nanosecond, whoever computes: client, server, softirqs and kernel threads
 * share the one processor. What is not work is idle time, which QEMU skips on
 * the processor but not on the clock; the scheduler's account of the time that
 * tasks ran tells how much of it there was, and it is taken off.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "load.h"
#include "marker.h"

#define MIB	   (1U << 20)
#define BULK_CHUNK (256U << 10)
/* The server tells the client when it has got so much. */
#define BULK_UNIT (8 * MIB)
#define SMALL	  64
#define LARGE	  (16U << 10)

static char buffer[BULK_CHUNK];

struct speed_row {
	const char *name;
	/* In a process of its own, until it is killed. */
	void (*serve)(int listener);
	/* On a connection, or on none if it makes its own. */
	void (*load)(int fd, struct link link, unsigned int times);
	bool connects;
	unsigned int warm_up;
	unsigned int times;
};

static int accept_one(int listener)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		die("accept: %s", strerror(errno));
	return fd;
}

static void serve_bulk(int listener)
{
	int fd = accept_one(listener);
	size_t left = BULK_UNIT;
	ssize_t n;

	while ((n = read(fd, buffer, sizeof(buffer))) > 0) {
		if ((size_t)n >= left) {
			left += BULK_UNIT;
			write_all(fd, "", 1);
		}
		left -= n;
	}
}

static void load_bulk(int fd, struct link link, unsigned int mib)
{
	unsigned int units = mib * MIB / BULK_UNIT, sent;

	(void)link;
	for (sent = 0; sent < mib * (MIB / BULK_CHUNK); sent++)
		write_all(fd, buffer, sizeof(buffer));
	read_all(fd, buffer, units);
}

static void serve_echo(int listener, size_t size)
{
	int fd = accept_one(listener);

	for (;;) {
		read_all(fd, buffer, size);
		write_all(fd, buffer, size);
	}
}

static void load_echo(int fd, unsigned int times, size_t size)
{
	while (times--) {
		write_all(fd, buffer, size);
		read_all(fd, buffer, size);
	}
}

static void serve_small(int listener)
{
	serve_echo(listener, SMALL);
}

static void load_small(int fd, struct link link, unsigned int times)
{
	(void)link;
	load_echo(fd, times, SMALL);
}

static void serve_large(int listener)
{
	serve_echo(listener, LARGE);
}

static void load_large(int fd, struct link link, unsigned int times)
{
	(void)link;
	load_echo(fd, times, LARGE);
}

static void serve_connections(int listener)
{
	for (;;) {
		int fd = accept_one(listener);

		read_all(fd, buffer, SMALL);
		write_all(fd, buffer, SMALL);
		if (read(fd, buffer, 1))
			die("the client should have closed");
		close(fd);
	}
}

static void load_connections(int none, struct link link, unsigned int times)
{
	(void)none;
	while (times--) {
		int fd = client_connect(link);

		load_echo(fd, 1, SMALL);
		close(fd);
	}
}

/* Until the scheduler and TCP's buffers have settled a run may be 5 % off. */
static const struct speed_row rows[] = {
	{ "bulk", serve_bulk, load_bulk, false, 64, 256 },
	{ "rr64", serve_small, load_small, false, 2000, 1000 },
	{ "rr16k", serve_large, load_large, false, 2000, 500 },
	{ "connect", serve_connections, load_connections, true, 300, 1500 },
};

static const struct speed_row *find_row(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

bool speed_row_exists(const char *row)
{
	return find_row(row);
}

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* A task's time is booked when it leaves the processor: leave it. */
static int64_t idle_ns(void)
{
	struct timespec shortest = { 0, 1 };
	long long ran = 0;
	char line[512];
	FILE *f;

	nanosleep(&shortest, NULL);
	f = fopen("/proc/schedstat", "r");
	if (!f)
		die("/proc/schedstat: %s", strerror(errno));
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "cpu0 %*s %*s %*s %*s %*s %*s %lld", &ran) ==
		    1)
			break;
	fclose(f);
	return now_ns() - ran;
}

void speed_measure(const char *name, struct link link)
{
	const struct speed_row *row = find_row(name);
	int listener = server_listen(link), fd = -1;
	int64_t idle, ns;
	pid_t server = fork();

	if (server < 0)
		die("fork: %s", strerror(errno));
	if (!server)
		row->serve(listener);
	/* Then connecting fails should the server die. */
	close(listener);
	if (!row->connects)
		fd = client_connect(link);
	row->load(fd, link, row->warm_up);

	idle = idle_ns();
	ns = now_ns();
	mark(link.kind);
	row->load(fd, link, row->times);
	mark(MARK_END);
	ns = now_ns() - ns;
	/* What was booked a moment too late must not make it less than none. */
	idle = idle_ns() - idle;
	if (idle < 0)
		idle = 0;

	printf("speed %.1f %.1f %u\n", (double)(ns - idle) / row->times,
	       (double)idle / row->times, row->times);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	if (fd >= 0)
		close(fd);
}
