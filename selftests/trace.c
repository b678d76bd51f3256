// SPDX-License-Identifier: GPL-2.0
/*
 * The tracepoints: atcp:atcp_state tells of every change of a state, in order
 * and with its cause, atcp:atcp_drop of every segment that was thrown away.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "harness.h"

#define TRACEFS	 "/sys/kernel/tracing"
#define EVENTS	 TRACEFS "/events/atcp"
#define INSTANCE TRACEFS "/instances/atcp_selftest"

FIXTURE(trace)
{
	int fd[2];
	unsigned long netns;
};

FIXTURE_PER_FAMILY(trace);

/* An instance has a buffer of its own: whoever else is tracing goes on. */
FIXTURE_SETUP(trace)
{
	struct stat st;

	ASSERT_EQ(0, test_setup(_metadata->timeout));
	/* Each test says for itself that it is of no use without ATCP. */
	if (!test_is_atcp())
		return;
	if (access(TRACEFS "/instances", F_OK))
		mount("tracefs", TRACEFS, "tracefs", 0, NULL);
	rmdir(INSTANCE);
	ASSERT_EQ(0, mkdir(INSTANCE, 0700)) TH_LOG("%s", strerror(errno));
	ASSERT_EQ(0, stat("/proc/self/ns/net", &st));
	self->netns = st.st_ino;
}

FIXTURE_TEARDOWN(trace)
{
	file_write(INSTANCE "/events/atcp/enable", "0");
	rmdir(INSTANCE);
	test_teardown(_metadata);
}

static int switch_on(const char *event)
{
	char path[256];

	snprintf(path, sizeof(path), INSTANCE "/events/atcp/%s/enable", event);
	return file_write(path, "1");
}

/* The value of " @key=" in @line; it is cut off in a static buffer. */
static const char *value(const char *line, const char *key)
{
	static char text[64];
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

/*
 * The moves of the end at @sport towards @dport in namespace @netns, as
 * "CLOSED>SYN-SENT(active-open) ...".
 */
static const char *moves(unsigned long netns, uint16_t sport, uint16_t dport)
{
	static char out[2048];
	FILE *file = fopen(INSTANCE "/trace", "r");
	char line[512];
	int n = 0;

	out[0] = 0;
	while (file && fgets(line, sizeof(line), file)) {
		if (!strstr(line, " atcp_state: ") ||
		    strtoul(value(line, "netns"), NULL, 10) != netns ||
		    atoi(value(line, "sport")) != sport ||
		    atoi(value(line, "dport")) != dport)
			continue;
		n += snprintf(out + n, sizeof(out) - n, "%s%s", n ? " " : "",
			      value(line, "oldstate"));
		n += snprintf(out + n, sizeof(out) - n, ">%s",
			      value(line, "newstate"));
		n += snprintf(out + n, sizeof(out) - n, "(%s)",
			      value(line, "cause"));
	}
	if (file)
		fclose(file);
	return out;
}

/* The last move is made in its own time. */
static bool moved(unsigned long netns, uint16_t sport, uint16_t dport,
		  const char *const *list)
{
	char want[2048] = "";

	while (*list) {
		strcat(want, *list++);
		strcat(want, *list ? " " : "");
	}
	if (WAIT_FOR(!strcmp(moves(netns, sport, dport), want), PATIENCE_MS))
		return true;
	fprintf(stderr, "# moves of port %u: %s\n", sport,
		moves(netns, sport, dport));
	fprintf(stderr, "# expected: %s\n", want);
	return false;
}

#define EXPECT_MOVES(sport, dport, ...)                                        \
	EXPECT_TRUE(moved(self->netns, sport, dport,                           \
			  (const char *const[]){ __VA_ARGS__, NULL }))

TEST_F(trace, state_event_has_its_fields)
{
	static const char *const fields[] = {
		"netns", "family",   "saddr",	 "sport", "daddr",
		"dport", "oldstate", "newstate", "cause",
	};
	char format[8192], word[32];
	unsigned int i;

	ATCP_ONLY();
	ASSERT_LT(0, file_read(EVENTS "/atcp_state/format", format,
			       sizeof(format)));
	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		snprintf(word, sizeof(word), " %s", fields[i]);
		EXPECT_NE(NULL, strstr(format, word)) TH_LOG("%s", fields[i]);
	}
}

TEST_F(trace, both_paths_of_an_orderly_close)
{
	int listener = test_listen(variant->family, 4000, 1), client, server;
	uint16_t port;

	ATCP_ONLY();
	ASSERT_EQ(0, switch_on("atcp_state"));
	client = test_connect(variant->family, 4000);
	server = accept(listener, NULL, NULL);
	ASSERT_LE(0, server);
	port = test_sockport(client);
	ASSERT_EQ(0, close(client));
	ASSERT_TRUE(poll_for(server, POLLRDHUP));
	ASSERT_TRUE(WAIT_FOR(proc_state(variant->family, port, 4000) ==
				     ST_FIN_WAIT_2,
			     PATIENCE_MS));
	ASSERT_EQ(0, close(server));
	EXPECT_MOVES(port, 4000, "CLOSED>SYN-SENT(active-open)",
		     "SYN-SENT>ESTABLISHED(rcv-syn-ack)",
		     "ESTABLISHED>FIN-WAIT-1(close)",
		     "FIN-WAIT-1>FIN-WAIT-2(rcv-ack-of-fin)",
		     "FIN-WAIT-2>TIME-WAIT(rcv-fin)");
	EXPECT_MOVES(4000, port, "LISTEN>SYN-RECEIVED(rcv-syn)",
		     "SYN-RECEIVED>ESTABLISHED(rcv-ack-of-syn)",
		     "ESTABLISHED>CLOSE-WAIT(rcv-fin)",
		     "CLOSE-WAIT>LAST-ACK(close)",
		     "LAST-ACK>CLOSED(rcv-ack-of-fin)");
}

TEST_F(trace, path_of_a_listener)
{
	int listener;

	ATCP_ONLY();
	ASSERT_EQ(0, switch_on("atcp_state"));
	listener = test_listen(variant->family, 4000, 1);
	ASSERT_LE(0, listener);
	EXPECT_MOVES(4000, 0, "CLOSED>LISTEN(passive-open)");
	ASSERT_EQ(0, close(listener));
	EXPECT_MOVES(4000, 0, "CLOSED>LISTEN(passive-open)",
		     "LISTEN>CLOSED(close)");
}

TEST_F(trace, paths_of_an_abort)
{
	struct linger now = { .l_onoff = 1 };
	uint16_t port[2];

	ATCP_ONLY();
	CONNECT_PAIR();
	port[0] = test_sockport(self->fd[0]);
	port[1] = test_sockport(self->fd[1]);
	ASSERT_EQ(0, switch_on("atcp_state"));
	setsockopt(self->fd[0], SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_MOVES(port[0], port[1], "ESTABLISHED>CLOSED(abort)");
	EXPECT_MOVES(port[1], port[0], "ESTABLISHED>CLOSED(rcv-rst)");
}

TEST_F(trace, path_of_a_refused_connection)
{
	struct sockaddr_storage local = test_loopback(variant->family, 5000);
	struct sockaddr_storage to = test_loopback(variant->family, 4000);
	int fd = test_socket(variant->family, 0);

	ATCP_ONLY();
	ASSERT_EQ(0, switch_on("atcp_state"));
	ASSERT_EQ(0, bind(fd, (struct sockaddr *)&local,
			  test_addrlen(variant->family)));
	EXPECT_ERRNO(ECONNREFUSED, connect(fd, (struct sockaddr *)&to,
					   test_addrlen(variant->family)));
	EXPECT_MOVES(5000, 4000, "CLOSED>SYN-SENT(active-open)",
		     "SYN-SENT>CLOSED(rcv-rst)");
}

TEST_F(trace, drop_event_tells_the_reason)
{
	char line[512];
	bool seen = false;
	FILE *file;

	ATCP_ONLY();
	ASSERT_EQ(0, switch_on("atcp_drop"));
	EXPECT_ERRNO(ECONNREFUSED, test_connect(variant->family, 4000));
	file = fopen(INSTANCE "/trace", "r");
	ASSERT_NE(NULL, file);
	while (fgets(line, sizeof(line), file)) {
		if (!strstr(line, " atcp_drop: ") ||
		    strtoul(value(line, "netns"), NULL, 10) != self->netns ||
		    atoi(value(line, "sport")) != 4000)
			continue;
		seen = true;
		EXPECT_STREQ("NoSocket", value(line, "reason"));
		EXPECT_STREQ("SYN", value(line, "flags"));
	}
	fclose(file);
	EXPECT_TRUE(seen);
}

TEST_MAIN
