// SPDX-License-Identifier: GPL-2.0
/*
 * How much memory a connection takes: what /proc/slabinfo says before and
 * after there are a thousand of them, cache by cache. A cache's object is
 * charged with its share of the pages that the cache takes from the system.
 * Tables are not seen that were made at boot, as TCP's, or take whole pages.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "load.h"

#define RECORDS	    1000
#define PAGE	    4096
#define CACHES	    512
#define DESCRIPTORS 4096
#define SYN_RECV    3
#define TIME_WAIT   6
#define ESTABLISHED 1

struct cache {
	char name[64];
	long objects;
	double bytes;
};

static struct cache before[CACHES], after[CACHES];

/* The files that make a cache give back what it can. They stay open: opening
 * takes memory, too.
 */
static unsigned int open_shrinkers(int *fds)
{
	DIR *dir = opendir("/sys/kernel/slab");
	struct dirent *entry;
	unsigned int n = 0;
	char path[512];

	if (!dir)
		die("/sys/kernel/slab: %s", strerror(errno));
	while ((entry = readdir(dir)) && n < CACHES) {
		snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink",
			 entry->d_name);
		fds[n] = open(path, O_WRONLY | O_CLOEXEC);
		if (fds[n] >= 0)
			n++;
	}
	closedir(dir);
	return n;
}

/* Objects that a processor keeps at hand count as used: take them away. */
static void shrink_caches(void)
{
	static unsigned int count;
	static int fds[CACHES];
	unsigned int i;

	if (!count)
		count = open_shrinkers(fds);
	for (i = 0; i < count; i++)
		write_all(fds[i], "1", 1);
}

static void read_caches(struct cache *caches)
{
	FILE *f = fopen("/proc/slabinfo", "r");
	unsigned int n = 0, per_slab, pages;
	char line[512];

	if (!f)
		die("/proc/slabinfo: %s", strerror(errno));
	/* RCU has to free, delayed work to run: what time passes is free. */
	pause_ms(2000);
	shrink_caches();
	while (fgets(line, sizeof(line), f)) {
		struct cache *c = &caches[n];

		if (sscanf(line, "%63s %ld %*s %*s %u %u", c->name, &c->objects,
			   &per_slab, &pages) != 4)
			continue;
		c->bytes = (double)pages * PAGE / per_slab;
		if (++n == CACHES)
			die("more than %u slab caches", CACHES);
	}
	fclose(f);
	caches[n].name[0] = '\0';
}

static void print_growth(unsigned int records)
{
	const struct cache *a, *b;

	for (a = after; a->name[0]; a++) {
		for (b = before; b->name[0] && strcmp(a->name, b->name); b++)
			;
		if (a->objects != b->objects)
			printf("memory %s %.4f %.1f\n", a->name,
			       (double)(a->objects - b->objects) / records,
			       a->bytes);
	}
}

static void expect_state(struct link link, unsigned int state,
			 unsigned int count)
{
	unsigned int got = count_state(link, state);

	if (got != count)
		die("%u connections are in state %u instead of %u", got, state,
		    count);
}

/* So that the table of descriptors need not grow later. */
static void reserve_descriptors(void)
{
	struct rlimit limit = { DESCRIPTORS, DESCRIPTORS };
	int fd;

	if (setrlimit(RLIMIT_NOFILE, &limit))
		die("setrlimit: %s", strerror(errno));
	fd = fcntl(0, F_DUPFD, DESCRIPTORS - 1);
	if (fd < 0)
		die("dup: %s", strerror(errno));
	close(fd);
}

/* The other end of all connections: one round trip on each, and close when
 * the client has closed.
 */
static void serve(int listener, int ready)
{
	static int fds[RECORDS];
	char byte;
	int i;

	reserve_descriptors();
	write_all(ready, "", 1);
	for (i = 0; i < RECORDS; i++) {
		fds[i] = accept(listener, NULL, NULL);
		if (fds[i] < 0)
			die("accept: %s", strerror(errno));
		read_all(fds[i], &byte, 1);
		write_all(fds[i], &byte, 1);
	}
	for (i = 0; i < RECORDS; i++) {
		if (read(fds[i], &byte, 1))
			die("the client should have closed");
		close(fds[i]);
	}
	_exit(0);
}

static pid_t start_server(int listener)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe(ready))
		die("pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (!pid)
		serve(listener, ready[1]);
	close(ready[1]);
	/* Then connecting fails should the server die. */
	close(listener);
	read_all(ready[0], &byte, 1);
	close(ready[0]);
	return pid;
}

static void open_all(struct link link, int *fds)
{
	char byte = 0;
	int i;

	for (i = 0; i < RECORDS; i++) {
		fds[i] = client_connect(link);
		write_all(fds[i], &byte, 1);
		read_all(fds[i], &byte, 1);
	}
}

static void close_all(const int *fds, pid_t server)
{
	int i;

	for (i = 0; i < RECORDS; i++)
		close(fds[i]);
	waitpid(server, NULL, 0);
}

static void measure_idle(struct link link)
{
	pid_t server = start_server(server_listen(link));
	static int fds[RECORDS];

	read_caches(before);
	open_all(link, fds);
	read_caches(after);
	if (link.kind != KIND_UNIX)
		expect_state(link, ESTABLISHED, 2 * RECORDS);
	/* A connection has two ends. */
	print_growth(2 * RECORDS);
	close_all(fds, server);
}

static void measure_time_wait(struct link link)
{
	int listener = server_listen(link);
	static int fds[RECORDS];
	pid_t server;

	read_caches(before);
	server = start_server(listener);
	open_all(link, fds);
	close_all(fds, server);
	read_caches(after);
	expect_state(link, TIME_WAIT, RECORDS);
	print_growth(RECORDS);
}

static void measure_syn_received(struct link link)
{
	int listener = server_listen(link);

	read_caches(before);
	send_syns(link, RECORDS);
	read_caches(after);
	expect_state(link, SYN_RECV, RECORDS);
	print_growth(RECORDS);
	close(listener);
}

static const struct memory_row {
	const char *name;
	void (*measure)(struct link link);
} rows[] = {
	{ "idle", measure_idle },
	{ "time-wait", measure_time_wait },
	{ "syn-received", measure_syn_received },
};

static const struct memory_row *find_row(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

bool memory_row_exists(const char *row)
{
	return find_row(row);
}

void memory_measure(const char *row, struct link link)
{
	reserve_descriptors();
	find_row(row)->measure(link);
}
