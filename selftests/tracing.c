// SPDX-License-Identifier: GPL-2.0
/* The tracepoints as a test sees them: see tracing.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "testlib.h"
#include "tracing.h"

#define TRACEFS	 "/sys/kernel/tracing"
#define EVENTS	 TRACEFS "/events/atcp"
#define INSTANCE TRACEFS "/instances/atcp_selftest"

#define MOVES_MAX 16

static unsigned long netns;

int tracing_start(void)
{
	struct stat st;

	if (access(TRACEFS "/instances", F_OK))
		mount("tracefs", TRACEFS, "tracefs", 0, NULL);
	rmdir(INSTANCE);
	if (mkdir(INSTANCE, 0700) || stat("/proc/self/ns/net", &st))
		return -errno;
	netns = st.st_ino;
	return 0;
}

void tracing_stop(void)
{
	file_write(INSTANCE "/events/atcp/enable", "0");
	rmdir(INSTANCE);
}

int tracing_on(const char *event)
{
	char path[256];

	snprintf(path, sizeof(path), INSTANCE "/events/atcp/%s/enable", event);
	return file_write(path, "1");
}

const char *tracing_value(const char *line, const char *key)
{
	static char text[128];
	char word[32];
	const char *at;

	snprintf(word, sizeof(word), " %s=", key);
	at = strstr(line, word);
	if (!at)
		return "";
	at += strlen(word);
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(at, "\n "), at);
	return text;
}

unsigned long tracing_number(const char *line, const char *key)
{
	return strtoul(tracing_value(line, key), NULL, 10);
}

bool tracing_is(const char *line, const char *key, const char *want)
{
	if (!strcmp(tracing_value(line, key), want))
		return true;
	fprintf(stderr, "# %s is '%s', not '%s'\n", key,
		tracing_value(line, key), want);
	return false;
}

bool tracing_has_fields(const char *event, const char *const *list)
{
	char path[256], word[32], format[16384];
	bool good = true;

	snprintf(path, sizeof(path), EVENTS "/%s/format", event);
	if (file_read(path, format, sizeof(format)) < 0)
		format[0] = 0;
	for (; *list; list++) {
		/* The first one has a quotation mark before it. */
		snprintf(word, sizeof(word), "\"%s=", *list);
		if (strstr(format, word))
			continue;
		word[0] = ' ';
		if (strstr(format, word))
			continue;
		fprintf(stderr, "# %s has no %s\n", event, *list);
		good = false;
	}
	return good;
}

int tracing_read(const char *event, uint16_t sport, uint16_t dport,
		 char lines[][TRACING_LINE], int max)
{
	FILE *file = fopen(INSTANCE "/trace", "r");
	char line[TRACING_LINE], name[64];
	int n = 0;

	snprintf(name, sizeof(name), " %s: ", event);
	while (file && fgets(line, sizeof(line), file)) {
		if (!strstr(line, name) ||
		    tracing_number(strstr(line, name), "netns") != netns ||
		    tracing_number(line, "sport") != sport ||
		    tracing_number(line, "dport") != dport)
			continue;
		if (n >= max)
			memmove(lines[0], lines[1],
				(max - 1) * sizeof(lines[0]));
		strcpy(lines[n < max ? n : max - 1], line);
		n++;
	}
	if (file)
		fclose(file);
	return n;
}

/* As "CLOSED>SYN-SENT(active-open) ...". */
static const char *moves(uint16_t sport, uint16_t dport)
{
	static char lines[MOVES_MAX][TRACING_LINE], out[2048];
	int n = tracing_read("atcp_state", sport, dport, lines, MOVES_MAX);
	int i, len = 0;

	out[0] = 0;
	for (i = 0; i < n && i < MOVES_MAX; i++) {
		len += snprintf(out + len, sizeof(out) - len, "%s%s",
				i ? " " : "",
				tracing_value(lines[i], "oldstate"));
		len += snprintf(out + len, sizeof(out) - len, ">%s",
				tracing_value(lines[i], "newstate"));
		len += snprintf(out + len, sizeof(out) - len, "(%s)",
				tracing_value(lines[i], "cause"));
	}
	return out;
}

bool tracing_moved(uint16_t sport, uint16_t dport, const char *const *list)
{
	char want[2048] = "";

	while (*list) {
		strcat(want, *list++);
		strcat(want, *list ? " " : "");
	}
	if (WAIT_FOR(!strcmp(moves(sport, dport), want), PATIENCE_MS))
		return true;
	fprintf(stderr, "# moves of port %u: %s\n", sport, moves(sport, dport));
	fprintf(stderr, "# expected: %s\n", want);
	return false;
}
