// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/atcp, which is read by what reads /proc/net/tcp, and
 * /proc/net/atcp_stat. The states are looked at by all the other tests.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "counters.h"
#include "harness.h"
#include "pkt/pkt.h"

FIXTURE(proc)
{
	int fd[2];
	struct pkt pkt; /* of the tests that call pkt_init() */
};

FIXTURE_PER_FAMILY(proc);

FIXTURE_SETUP(proc)
{
	ASSERT_EQ(0, test_setup(_metadata->timeout));
	self->pkt = (struct pkt){ .tun = -1, .listener = -1, .fd = -1 };
}

FIXTURE_TEARDOWN(proc)
{
	if (!_metadata->passed)
		pkt_show(&self->pkt);
	test_teardown(_metadata);
	if (self->pkt.tun >= 0)
		pkt_end(&self->pkt);
}

#define LINE 256

/* The first line with this in it. */
static bool find_line(const char *path, const char *part, char line[LINE])
{
	FILE *file = fopen(path, "r");
	bool found = false;

	if (!file)
		return false;
	while (!found && fgets(line, LINE, file))
		found = strstr(line, part);
	fclose(file);
	return found;
}

static const char *tcp_path(int family)
{
	return family == AF_INET6 ? "/proc/net/tcp6" : "/proc/net/tcp";
}

/* Where the column of the inode begins: what is before it has a fixed width. */
static size_t inode_column(const char *line)
{
	const char *at = line;
	int field;

	for (field = 0; field < 9; field++) {
		at += strspn(at, " ");
		at += strcspn(at, " ");
	}
	return at - line;
}

TEST_F(proc, header_is_that_of_tcp)
{
	char tcp[LINE], atcp[LINE];

	ASSERT_TRUE(find_line(tcp_path(variant->family), "sl", tcp));
	ASSERT_TRUE(find_line(proc_path(variant->family), "sl", atcp));
	EXPECT_STREQ(tcp, atcp);
}

/* The same listener over both: the same line, but for inode and address. */
TEST_F(proc, lines_are_laid_out_as_those_of_tcp)
{
	struct sockaddr_storage addr = test_loopback(variant->family, 4000);
	int fd = socket(variant->family, SOCK_STREAM, IPPROTO_TCP);
	char tcp[LINE], atcp[LINE];
	size_t column;

	ATCP_ONLY();
	ASSERT_EQ(0, bind(fd, (struct sockaddr *)&addr,
			  test_addrlen(variant->family)));
	ASSERT_EQ(0, listen(fd, 1));
	ASSERT_LE(0, test_listen(variant->family, 4000, 1));
	ASSERT_TRUE(find_line(tcp_path(variant->family), ":0FA0", tcp));
	ASSERT_TRUE(find_line(proc_path(variant->family), ":0FA0", atcp));
	EXPECT_EQ(strlen(tcp), strlen(atcp));
	column = inode_column(tcp);
	EXPECT_EQ(column, inode_column(atcp));
	tcp[column] = 0;
	atcp[column] = 0;
	EXPECT_STREQ(tcp, atcp);
}

TEST_F(proc, line_has_addresses_owner_and_inode)
{
	struct proc_row row;
	struct stat st;
	int fd;

	ASSERT_EQ(0, seteuid(65534));
	fd = test_listen(variant->family, 4000, 1);
	ASSERT_EQ(0, seteuid(0));
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, fstat(fd, &st));
	ASSERT_TRUE(proc_find(variant->family, 4000, 0, &row));
	if (variant->family == AF_INET)
		EXPECT_STREQ("0100007F", row.local);
	EXPECT_EQ(0, row.rport);
	EXPECT_EQ(65534, (int)row.uid);
	EXPECT_EQ(st.st_ino, row.inode);
}

/* A listener comes before its connections, which have its port as well. */
static int waiting(int family, uint16_t port)
{
	struct proc_row row;

	return proc_find(family, port, 0, &row) && row.state == ST_LISTEN ?
		       (int)row.rx_queue :
		       -1;
}

TEST_F(proc, listener_shows_who_waits_to_be_accepted)
{
	int listener = test_listen(variant->family, 4000, 8);

	EXPECT_EQ(0, waiting(variant->family, 4000));
	ASSERT_LE(0, test_connect(variant->family, 4000));
	ASSERT_LE(0, test_connect(variant->family, 4000));
	EXPECT_TRUE(WAIT_FOR(waiting(variant->family, 4000) == 2, PATIENCE_MS));
	ASSERT_LE(0, accept(listener, NULL, NULL));
	EXPECT_EQ(1, waiting(variant->family, 4000));
}

TEST_F(proc, both_ends_are_listed_until_they_are_gone)
{
	struct linger now = { .l_onoff = 1 };
	uint16_t port[2];

	CONNECT_PAIR();
	port[0] = test_sockport(self->fd[0]);
	port[1] = test_sockport(self->fd[1]);
	EXPECT_EQ(ST_ESTABLISHED,
		  (int)proc_state(variant->family, port[0], port[1]));
	EXPECT_EQ(ST_ESTABLISHED,
		  (int)proc_state(variant->family, port[1], port[0]));
	setsockopt(self->fd[0], SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_TRUE(WAIT_FOR(!proc_count(variant->family, ST_ESTABLISHED),
			     PATIENCE_MS));
	EXPECT_EQ(ST_GONE, (int)proc_state(variant->family, port[0], 0));
	EXPECT_EQ(ST_GONE, (int)proc_state(variant->family, port[1], 0));
}

/* Timers and what they count, of a socket whose peer is the test */

enum {
	TIMER_NONE,
	TIMER_RETRANSMIT,
	TIMER_KEEPALIVE,
	TIMER_TIME_WAIT,
	TIMER_PROBE
};

/* The connection under test, once it shows @timer with these counts. */
static bool shows(struct pkt *p, unsigned int timer, unsigned int retransmits,
		  unsigned int probes)
{
	struct proc_row row = {};

	if (WAIT_FOR(proc_find(p->family, p->lport, p->rport, &row) &&
			     row.timer == timer &&
			     row.retransmits == retransmits &&
			     row.probes == probes,
		     PATIENCE_MS))
		return true;
	fprintf(stderr, "# timer %u, %u time-outs, %u probes\n", row.timer,
		row.retransmits, row.probes);
	return false;
}

/* When it goes off, in ms. */
static int left_ms(struct pkt *p)
{
	struct proc_row row;

	return proc_find(p->family, p->lport, p->rport, &row) ? 10 * row.when :
								-1;
}

TEST_F(proc, retransmission_shows_its_timer_and_how_often)
{
	struct pkt *p = &self->pkt;
	int i;

	ASSERT_TRUE(pkt_init(p, variant->family, 1500));
	ASSERT_TRUE(pkt_accept(p));
	EXPECT_TRUE(shows(p, TIMER_NONE, 0, 0));
	ASSERT_TRUE(stream_write(p->fd, 100, 0));
	for (i = 0; i < 3; i++) {
		EXPECT_TRUE(shows(p, TIMER_RETRANSMIT, i, 0));
		EXPECT_SEG(.flags = TH_PUSH | TH_ACK, .seq = 1, .ack = 1,
			   .len = 100);
	}
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 101);
	EXPECT_TRUE(shows(p, TIMER_NONE, 0, 0));
}

TEST_F(proc, closed_window_shows_the_probe_timer)
{
	struct pkt *p = &self->pkt;

	ASSERT_TRUE(pkt_init(p, variant->family, 1500));
	ASSERT_TRUE(pkt_accept(p));
	ASSERT_TRUE(pkt_close_window(p));
	ASSERT_TRUE(stream_write(p->fd, 100, 0));
	EXPECT_TRUE(shows(p, TIMER_PROBE, 0, 0));
}

TEST_F(proc, keepalive_shows_its_timer_and_unanswered_probes)
{
	struct pkt *p = &self->pkt;
	int one = 1;

	ASSERT_TRUE(pkt_init(p, variant->family, 1500));
	ASSERT_TRUE(pkt_accept(p));
	ASSERT_EQ(0, setsockopt(p->fd, SOL_SOCKET, SO_KEEPALIVE, &one,
				sizeof(one)));
	EXPECT_TRUE(shows(p, TIMER_KEEPALIVE, 0, 0));
	EXPECT_LT(7190 * 1000, left_ms(p));
	EXPECT_GE(7200 * 1000, left_ms(p));
	ASSERT_EQ(0, setsockopt(p->fd, IPPROTO_TCP, TCP_KEEPINTVL, &one,
				sizeof(one)));
	ASSERT_EQ(0, setsockopt(p->fd, IPPROTO_TCP, TCP_KEEPIDLE, &one,
				sizeof(one)));
	EXPECT_TRUE(shows(p, TIMER_KEEPALIVE, 0, 1));
	EXPECT_TRUE(shows(p, TIMER_KEEPALIVE, 0, 2));
}

TEST_F(proc, request_shows_how_often_its_syn_ack_was_sent_again)
{
	struct pkt *p = &self->pkt;

	ASSERT_TRUE(pkt_init(p, variant->family, 1500));
	ASSERT_TRUE(pkt_open(p, ST_SYN_RECEIVED));
	EXPECT_TRUE(shows(p, TIMER_RETRANSMIT, 0, 0));
	EXPECT_TRUE(shows(p, TIMER_RETRANSMIT, 1, 0));
}

TEST_F(proc, time_wait_shows_when_it_ends)
{
	struct pkt *p = &self->pkt;

	ASSERT_TRUE(pkt_init(p, variant->family, 1500));
	ASSERT_TRUE(pkt_open(p, ST_TIME_WAIT));
	EXPECT_TRUE(shows(p, TIMER_TIME_WAIT, 0, 0));
	EXPECT_LT(50 * 1000, left_ms(p));
	EXPECT_GE(60 * 1000, left_ms(p));
}

TEST_F(proc, orphan_in_fin_wait_2_shows_when_it_ends)
{
	struct pkt *p = &self->pkt;

	ASSERT_TRUE(pkt_init(p, variant->family, 1500));
	ASSERT_TRUE(pkt_open(p, ST_FIN_WAIT_2));
	EXPECT_TRUE(shows(p, TIMER_NONE, 0, 0));
	ASSERT_EQ(0, close(p->fd));
	p->fd = -1;
	EXPECT_TRUE(WAIT_FOR(left_ms(p) > 50 * 1000, PATIENCE_MS));
	EXPECT_GE(60 * 1000, left_ms(p));
}

#define MANY 100

/* Reads in pieces that end anywhere; the length, or 0 if it does not fit. */
static size_t read_in_pieces(const char *path, char *text, size_t size)
{
	size_t used = 0, piece = 1;
	ssize_t n = 1;
	int fd = open(path, O_RDONLY);

	while (n > 0 && used + 1100 < size) {
		piece = piece * 7 % 1009 + 1;
		n = read(fd, text + used, piece);
		used += n > 0 ? n : 0;
	}
	close(fd);
	return n ? 0 : used;
}

/* How many lines have addresses that no line before them has. */
static int different_lines(const char *text, size_t len, size_t width,
			   int family)
{
	/* "  12: " comes before them; an address is 8 or 32 digits, a port 4. */
	const size_t skip = 6, part = 2 * (family == AF_INET6 ? 37 : 13) + 1;
	const char *line, *earlier;
	int count = 0;

	for (line = text; line + width <= text + len; line += width) {
		for (earlier = text; earlier < line; earlier += width) {
			if (!memcmp(earlier + skip, line + skip, part))
				break;
		}
		count += earlier == line;
	}
	return count;
}

/*
 * Many pages: nothing is missing, however they are read. The connections'
 * table may grow meanwhile, and a line then be there twice.
 */
TEST_F(proc, long_table_is_whole_however_it_is_read)
{
	int listener = test_listen(variant->family, 4000, MANY), i;
	static char text[(4 * MANY + 10) * 200];
	size_t len, width;

	for (i = 0; i < MANY; i++) {
		ASSERT_LE(0, test_connect(variant->family, 4000));
		ASSERT_LE(0, accept(listener, NULL, NULL));
	}
	len = read_in_pieces(proc_path(variant->family), text, sizeof(text));
	ASSERT_LT(0, len);
	width = strcspn(text, "\n") + 1;
	EXPECT_EQ(0, len % width);
	for (i = 0; i < (int)len; i++)
		EXPECT_EQ(i % width == width - 1, text[i] == '\n');
	EXPECT_EQ(1 + 1 + 2 * MANY,
		  different_lines(text, len, width, variant->family));
}

TEST_F(proc, other_namespaces_are_not_listed)
{
	ASSERT_LE(0, test_listen(variant->family, 4000, 1));
	EXPECT_EQ(1, proc_count(variant->family, ST_LISTEN));
	ASSERT_EQ(0, test_netns());
	EXPECT_EQ(0, proc_count(variant->family, ST_LISTEN));
}

/* Counters */

/* "Name 0\n", and nothing else. */
static bool is_counter(const char *line)
{
	size_t len = 0;

	while (isalnum(line[len]))
		len++;
	if (!len || line[len] != ' ' || !isdigit(line[len + 1]))
		return false;
	line += len + 1;
	line += strspn(line, "0123456789");
	return !strcmp(line, "\n");
}

TEST_F(proc, counters_are_lines_of_a_name_and_a_value)
{
	char line[256];
	int lines = 0;
	FILE *file;

	ATCP_ONLY();
	file = fopen("/proc/net/atcp_stat", "r");
	ASSERT_NE(NULL, file);
	while (fgets(line, sizeof(line), file)) {
		EXPECT_TRUE(is_counter(line));
		lines++;
	}
	fclose(file);
	EXPECT_LT(20, lines);
}

TEST_F(proc, every_reason_to_drop_has_a_counter)
{
	static const char *const names[] = {
		DROP_SHORT,   DROP_HEADER_LENGTH, DROP_CHECKSUM,
		DROP_OPTIONS, DROP_PORT_ZERO,	  DROP_BAD_FLAGS,
		DROP_ADDRESS, DROP_NO_SOCKET,	  DROP_OUT_OF_WINDOW,
		DROP_BAD_ACK, DROP_PAWS,	  DROP_OLD_DATA,
		DROP_RESET,   DROP_CHALLENGED,	  DROP_TIME_WAIT,
	};
	unsigned int i;

	ATCP_ONLY();
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (counter_read(names[i]) == 0)
			continue;
		TH_LOG("there is no %s, or it does not begin at 0", names[i]);
		_metadata->passed = 0;
	}
}

TEST_F(proc, counters_belong_to_a_namespace)
{
	ATCP_ONLY();
	ASSERT_EQ(-1, test_connect(variant->family, 4000));
	EXPECT_LT(0, counter_read(DROP_NO_SOCKET));
	ASSERT_EQ(0, test_netns());
	EXPECT_EQ(0, counter_read(DROP_NO_SOCKET));
}

TEST_MAIN
