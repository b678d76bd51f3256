// SPDX-License-Identifier: GPL-2.0
/* Allocations and copies that fail on demand: see fault.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fault.h"
#include "testlib.h"

#define DEBUG_PATH "/sys/kernel/debug/"
#define NTH_PATH   "/proc/thread-self/fail-nth"

static const char *const kinds[] = { "failslab", "fail_page_alloc",
				     "fail_usercopy", "fail_skb_realloc" };

static int set(const char *dir, const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), DEBUG_PATH "%s/%s", dir, name);
	return file_write(path, value);
}

static int set_number(const char *dir, const char *name, unsigned long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%lu", value);
	return set(dir, name, text);
}

bool fault_available(void)
{
	return !access(NTH_PATH, W_OK) &&
	       !access(DEBUG_PATH "failslab/require-start", W_OK);
}

/* Where the module is: nothing else is loaded that near to it. */
static unsigned long module_start(void)
{
	static unsigned long start;
	char text[4096], *line;

	if (file_read("/proc/modules", text, sizeof(text)) < 0)
		return start;
	line = strstr(text, "atcp ");
	line = line ? strstr(line, "0x") : NULL;
	/* While it is not loaded: where it was, and will about be again. */
	if (line)
		start = strtoul(line, NULL, 16);
	return start;
}

#define NEAR (32UL << 20)

static void limit_to_module(bool limited)
{
	unsigned long start = module_start();
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		set_number(kinds[i], "require-start",
			   limited ? start - NEAR : 0);
		set_number(kinds[i], "require-end",
			   limited ? start + NEAR : -1UL);
		set(kinds[i], "task-filter", "0");
		set(kinds[i], "verbose", "0");
	}
	set("failslab", "ignore-gfp-wait", "0");
	set("fail_page_alloc", "ignore-gfp-wait", "0");
	set("fail_page_alloc", "min-order", "0");
}

/* How often it may fail: never reached, but the kernel counts down. */
#define TIMES 1000000000

static void set_rate(const char *kind, int percent)
{
	if (percent)
		set_number(kind, "times", TIMES);
	set_number(kind, "probability", percent);
}

static long count_of(const char *kind)
{
	char path[128], text[32];

	snprintf(path, sizeof(path), DEBUG_PATH "%s/times", kind);
	if (file_read(path, text, sizeof(text)) < 0)
		return 0;
	/* It was never set, or failures were not asked for by number. */
	return atol(text) > TIMES / 2 ? TIMES - atol(text) : 0;
}

long fault_count(void)
{
	return count_of("failslab") + count_of("fail_page_alloc") +
	       count_of("fail_skb_realloc");
}

static int nth_file = -1;

static unsigned int read_nth(void)
{
	char text[16] = "";

	/* The copy to here may be what fails: then that was the last one. */
	if (pread(nth_file, text, sizeof(text) - 1, 0) < 0)
		return 1;
	return atoi(text);
}

static void write_nth(unsigned int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nth);

	while (pwrite(nth_file, text, len, 0) < 0 && errno == EFAULT)
		;
}

void fault_off(void)
{
	if (nth_file >= 0)
		write_nth(0);
	set_rate("failslab", 0);
	set_rate("fail_page_alloc", 0);
	set_rate("fail_skb_realloc", 0);
	set("failslab", "cache-filter", "0");
	limit_to_module(false);
}

void fault_arm(unsigned int nth, bool atcp_only)
{
	/* Each process has its own. */
	if (nth_file >= 0)
		close(nth_file);
	limit_to_module(atcp_only);
	nth_file = open(NTH_PATH, O_RDWR | O_CLOEXEC);
	write_nth(nth);
}

bool fault_hit(void)
{
	unsigned int left = read_nth();

	write_nth(0);
	return !left;
}

void fault_rate(int percent)
{
	limit_to_module(true);
	set_rate("failslab", percent);
	set_rate("fail_page_alloc", percent);
}

bool fault_cache(const char *name, bool on)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/failslab", name);
	if (!on)
		fault_off();
	if (file_write(path, on ? "1" : "0") < 0)
		return false;
	if (!on)
		return true;
	limit_to_module(true);
	set("failslab", "cache-filter", "1");
	set_rate("failslab", 100);
	return true;
}

void fault_move_packets(void)
{
	limit_to_module(false);
	set_rate("fail_skb_realloc", 100);
}

bool fault_errno(int err)
{
	switch (err) {
	case ENOMEM:
	case ENOBUFS:
	case EFAULT:
	case EAGAIN:
	case ENFILE: /* socket() and accept(): the file's own memory */
		return true;
	}
	return false;
}
