// SPDX-License-Identifier: GPL-2.0
/*
 * The tracepoints: each says what happened, with all that there is to say, when
 * it happened, and only then.
 */
#include <errno.h>
#include <poll.h>

#include "harness.h"
#include "pkt/pkt.h"
#include "tracing.h"

FIXTURE(trace)
{
	int fd[2];
	struct pkt pkt;
};

FIXTURE_PER_FAMILY(trace);

FIXTURE_SETUP(trace)
{
	ASSERT_EQ(0, test_setup(_metadata->timeout));
	/* Each test says for itself that it is of no use without ATCP. */
	if (!test_is_atcp())
		return;
	ASSERT_EQ(0, tracing_start());
	ASSERT_TRUE(pkt_init(&self->pkt, variant->family, 1500));
}

FIXTURE_TEARDOWN(trace)
{
	if (test_is_atcp())
		tracing_stop();
	if (!_metadata->passed && test_is_atcp())
		pkt_show(&self->pkt);
	test_teardown(_metadata);
	if (test_is_atcp())
		pkt_end(&self->pkt);
}

#define EXPECT_MOVES(sport, dport, ...)                                        \
	EXPECT_TRUE(tracing_moved(sport, dport,                                \
				  (const char *const[]){ __VA_ARGS__, NULL }))

#define LINES 32

static char lines[LINES][TRACING_LINE];

#define ENDS "netns", "family", "saddr", "sport", "daddr", "dport"
#define SEGMENT                                                                \
	"flags", "seq", "ack", "len", "window", "options", "mss", "wscale",    \
		"tsval", "tsecr", "sacks", "urg"

#define EXPECT_FIELDS(event, ...)                                              \
	EXPECT_TRUE(                                                           \
		tracing_has_fields(event, (const char *const[]){               \
						  ENDS, __VA_ARGS__, NULL }))

TEST_F(trace, events_have_their_fields)
{
	ATCP_ONLY();
	EXPECT_FIELDS("atcp_state", "oldstate", "newstate", "cause");
	EXPECT_FIELDS("atcp_send", SEGMENT);
	EXPECT_FIELDS("atcp_receive", SEGMENT);
	EXPECT_FIELDS("atcp_drop", "reason", "flags", "seq", "ack", "len");
	EXPECT_FIELDS("atcp_retransmit", "state", "kind", "backoff", "flags",
		      "seq", "len");
	EXPECT_FIELDS("atcp_window", "state", "snd_wnd", "rcv_wnd", "cwnd",
		      "ssthresh", "pipe", "srtt", "rto");
}

TEST_F(trace, both_paths_of_an_orderly_close)
{
	int listener = test_listen(variant->family, 4000, 1), client, server;
	uint16_t port;

	ATCP_ONLY();
	ASSERT_EQ(0, tracing_on("atcp_state"));
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
	ASSERT_EQ(0, tracing_on("atcp_state"));
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
	ASSERT_EQ(0, tracing_on("atcp_state"));
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
	ASSERT_EQ(0, tracing_on("atcp_state"));
	ASSERT_EQ(0, bind(fd, (struct sockaddr *)&local,
			  test_addrlen(variant->family)));
	EXPECT_ERRNO(ECONNREFUSED, connect(fd, (struct sockaddr *)&to,
					   test_addrlen(variant->family)));
	EXPECT_MOVES(5000, 4000, "CLOSED>SYN-SENT(active-open)",
		     "SYN-SENT>CLOSED(rcv-rst)");
}

/* The changes of state that only time brings. */

/* Waits for the end of it, at most @s seconds. */
static bool gone_within(struct pkt *p, int s)
{
	return WAIT_FOR(!proc_state(p->family, p->lport, p->rport), s * 1000);
}

/* The last move of the connection under test. */
static bool ended(struct pkt *p, const char *from, const char *cause)
{
	static char line[1][TRACING_LINE];

	return tracing_read("atcp_state", p->lport, p->rport, line, 1) &&
	       tracing_is(line[0], "oldstate", from) &&
	       tracing_is(line[0], "newstate", "CLOSED") &&
	       tracing_is(line[0], "cause", cause);
}

TEST_F_TIMEOUT(trace, time_wait_ends_after_2_msl, 200)
{
	ATCP_ONLY();
	ASSERT_EQ(0, tracing_on("atcp_state"));
	ASSERT_TRUE(pkt_open(&self->pkt, ST_TIME_WAIT));
	ASSERT_TRUE(gone_within(&self->pkt, 90));
	EXPECT_TRUE(ended(&self->pkt, "TIME-WAIT", "2msl-timeout"));
}

TEST_F_TIMEOUT(trace, orphan_in_fin_wait_2_ends_after_fin_timeout, 200)
{
	ATCP_ONLY();
	ASSERT_EQ(0, tracing_on("atcp_state"));
	ASSERT_TRUE(pkt_open(&self->pkt, ST_FIN_WAIT_2));
	close(self->pkt.fd);
	self->pkt.fd = -1;
	ASSERT_TRUE(gone_within(&self->pkt, 90));
	EXPECT_TRUE(ended(&self->pkt, "FIN-WAIT-2", "fin-timeout"));
}

TEST_F_TIMEOUT(trace, unanswered_connect_ends_by_its_retries, 300)
{
	ATCP_ONLY();
	ASSERT_EQ(0, tracing_on("atcp_state"));
	ASSERT_EQ(0, sysctl_write("syn_retries", "2"));
	ASSERT_TRUE(pkt_start_connect(&self->pkt));
	EXPECT_SEG(.flags = TH_SYN, .opts = OPT_SYN_ALL);
	ASSERT_TRUE(gone_within(&self->pkt, 30));
	EXPECT_TRUE(ended(&self->pkt, "SYN-SENT", "retries-exhausted"));
}

TEST_F(trace, drop_event_tells_the_reason)
{
	struct sockaddr_storage local = test_loopback(variant->family, 5000);
	struct sockaddr_storage to = test_loopback(variant->family, 4000);
	int fd = test_socket(variant->family, 0);

	ATCP_ONLY();
	ASSERT_EQ(0, tracing_on("atcp_drop"));
	ASSERT_EQ(0, bind(fd, (struct sockaddr *)&local,
			  test_addrlen(variant->family)));
	EXPECT_ERRNO(ECONNREFUSED, connect(fd, (struct sockaddr *)&to,
					   test_addrlen(variant->family)));
	/* The SYN that nobody listens for, and the RST that is obeyed. */
	ASSERT_EQ(1, tracing_read("atcp_drop", 4000, 5000, lines, LINES));
	EXPECT_TRUE(tracing_is(lines[0], "reason", "NoSocket"));
	EXPECT_TRUE(tracing_is(lines[0], "flags", "SYN"));
	ASSERT_EQ(1, tracing_read("atcp_drop", 5000, 4000, lines, LINES));
	EXPECT_TRUE(tracing_is(lines[0], "reason", "Reset"));
	EXPECT_TRUE(tracing_is(lines[0], "flags", "RST|ACK"));
}

/* Segments */

/* Those of one end as "SYN SYN|ACK PSH|ACK(5)". */
static const char *segments(const char *event, uint16_t sport, uint16_t dport)
{
	int n = tracing_read(event, sport, dport, lines, LINES), i, used = 0;
	static char out[2048];

	out[0] = 0;
	for (i = 0; i < n && i < LINES; i++) {
		unsigned long len = tracing_number(lines[i], "len");

		used += snprintf(out + used, sizeof(out) - used, "%s%s",
				 i ? " " : "",
				 tracing_value(lines[i], "flags"));
		if (len)
			used += snprintf(out + used, sizeof(out) - used,
					 "(%lu)", len);
	}
	return out;
}

TEST_F(trace, each_segment_is_seen_at_both_ends)
{
	const char *sent = "SYN ACK PSH|ACK(5) FIN|ACK";
	const char *answered = "SYN|ACK ACK ACK";
	uint16_t port[2];

	ATCP_ONLY();
	ASSERT_EQ(0, tracing_on("atcp_send"));
	ASSERT_EQ(0, tracing_on("atcp_receive"));
	CONNECT_PAIR();
	port[0] = test_sockport(self->fd[0]);
	port[1] = test_sockport(self->fd[1]);
	ASSERT_EQ(5, write(self->fd[0], "hello", 5));
	ASSERT_TRUE(poll_for(self->fd[1], POLLIN));
	ASSERT_EQ(0, close(self->fd[0]));
	ASSERT_TRUE(poll_for(self->fd[1], POLLRDHUP));
	EXPECT_TRUE(WAIT_FOR(!strcmp(sent, segments("atcp_receive", port[1],
						    port[0])),
			     PATIENCE_MS));
	EXPECT_STREQ(sent, segments("atcp_send", port[0], port[1]));
	EXPECT_TRUE(WAIT_FOR(!strcmp(answered, segments("atcp_receive", port[0],
							port[1])),
			     PATIENCE_MS));
	EXPECT_STREQ(answered, segments("atcp_send", port[1], port[0]));
}

TEST_F(trace, syn_is_told_with_its_options)
{
	ATCP_ONLY();
	ASSERT_EQ(0, tracing_on("atcp_send"));
	ASSERT_EQ(0, tracing_on("atcp_receive"));
	ASSERT_TRUE(pkt_start_connect(&self->pkt));
	EXPECT_SEG(.flags = TH_SYN, .opts = OPT_SYN_ALL);
	ASSERT_EQ(1, tracing_read("atcp_send", self->pkt.lport, self->pkt.rport,
				  lines, LINES));
	EXPECT_TRUE(tracing_is(lines[0], "flags", "SYN"));
	EXPECT_TRUE(tracing_is(lines[0], "options", "MSS|WSCALE|SACK_OK|TS"));
	EXPECT_EQ(self->pkt.local_mss, (int)tracing_number(lines[0], "mss"));
	EXPECT_EQ(self->pkt.liss, (uint32_t)tracing_number(lines[0], "seq"));
	EXPECT_EQ(self->pkt.got.win, (int)tracing_number(lines[0], "window"));
	EXPECT_EQ(self->pkt.got.wscale,
		  (int)tracing_number(lines[0], "wscale"));
	EXPECT_EQ(self->pkt.got.tsval,
		  (uint32_t)tracing_number(lines[0], "tsval"));
	INJECT(.flags = TH_SYN | TH_ACK, .ack = 1, .win = 1234, .opts = OPT_MSS,
	       .mss = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	ASSERT_EQ(1, tracing_read("atcp_receive", self->pkt.lport,
				  self->pkt.rport, lines, LINES));
	EXPECT_TRUE(tracing_is(lines[0], "flags", "SYN|ACK"));
	EXPECT_TRUE(tracing_is(lines[0], "options", "MSS"));
	EXPECT_EQ(1000, (int)tracing_number(lines[0], "mss"));
	EXPECT_EQ(1234, (int)tracing_number(lines[0], "window"));
	EXPECT_EQ(self->pkt.liss + 1,
		  (uint32_t)tracing_number(lines[0], "ack"));
}

TEST_F(trace, sack_blocks_are_told)
{
	char want[64];

	ATCP_ONLY();
	self->pkt.peer.opts = OPT_MSS | OPT_SACKPERM;
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_EQ(0, tracing_on("atcp_send"));
	INJECT(.flags = TH_ACK, .seq = 101, .ack = 1, .len = 100);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .opts = OPT_SACK,
		   .sacks = 1, .sack = { { 101, 201 } });
	ASSERT_EQ(1, tracing_read("atcp_send", self->pkt.lport, self->pkt.rport,
				  lines, LINES));
	snprintf(want, sizeof(want), "{0x%x,0x%x}", self->pkt.riss + 101,
		 self->pkt.riss + 201);
	EXPECT_TRUE(tracing_is(lines[0], "sacks", want));
	EXPECT_TRUE(tracing_is(lines[0], "options", "SACK"));
}

/* Retransmissions */

/* The one there is says so. */
static bool sent_again(struct pkt *p, const char *state, const char *kind,
		       int backoff)
{
	int n = tracing_read("atcp_retransmit", p->lport, p->rport, lines,
			     LINES);

	if (n != 1)
		fprintf(stderr, "# %d retransmissions, not 1\n", n);
	return n == 1 && tracing_is(lines[0], "state", state) &&
	       tracing_is(lines[0], "kind", kind) &&
	       (int)tracing_number(lines[0], "backoff") == backoff;
}

TEST_F(trace, syn_sent_again_is_told)
{
	ATCP_ONLY();
	ASSERT_EQ(0, tracing_on("atcp_retransmit"));
	ASSERT_TRUE(pkt_start_connect(&self->pkt));
	EXPECT_SEG(.flags = TH_SYN, .opts = OPT_SYN_ALL);
	EXPECT_SEG(.flags = TH_SYN, .opts = OPT_SYN_ALL, .after = 1000);
	EXPECT_TRUE(sent_again(&self->pkt, "SYN-SENT", "syn", 1));
	EXPECT_TRUE(tracing_is(lines[0], "flags", "SYN"));
}

TEST_F(trace, syn_ack_sent_again_is_told)
{
	ATCP_ONLY();
	ASSERT_EQ(0, tracing_on("atcp_retransmit"));
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_RECEIVED));
	EXPECT_SEG(.flags = TH_SYN | TH_ACK, .ack = 1, .opts = OPT_MSS,
		   .after = 1000);
	EXPECT_TRUE(sent_again(&self->pkt, "SYN-RECEIVED", "syn-ack", 1));
}

TEST_F(trace, data_sent_again_after_a_time_out_is_told)
{
	ATCP_ONLY();
	ASSERT_TRUE(pkt_connect(&self->pkt));
	ASSERT_EQ(0, tracing_on("atcp_retransmit"));
	ASSERT_TRUE(stream_write(self->pkt.fd, 10, 0));
	EXPECT_SEG(.flags = TH_PUSH | TH_ACK, .seq = 1, .ack = 1, .len = 10);
	EXPECT_SEG(.flags = TH_PUSH | TH_ACK, .seq = 1, .ack = 1, .len = 10);
	EXPECT_TRUE(sent_again(&self->pkt, "ESTABLISHED", "timeout", 1));
	EXPECT_EQ(10, (int)tracing_number(lines[0], "len"));
	EXPECT_EQ(self->pkt.liss + 1,
		  (uint32_t)tracing_number(lines[0], "seq"));
}

TEST_F(trace, data_sent_again_by_fast_retransmit_is_told)
{
	int i;

	ATCP_ONLY();
	ASSERT_TRUE(pkt_connect(&self->pkt));
	ASSERT_EQ(0, tracing_on("atcp_retransmit"));
	for (i = 0; i < 4; i++) {
		ASSERT_TRUE(stream_write(self->pkt.fd, 1000, 1000 * i));
		EXPECT_SEG(.flags = TH_PUSH | TH_ACK, .seq = 1 + 1000 * i,
			   .ack = 1, .len = 1000);
	}
	for (i = 0; i < 3; i++)
		INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .win = 65535);
	ASSERT_TRUE(WAIT_FOR(tracing_read("atcp_retransmit", self->pkt.lport,
					  self->pkt.rport, lines, LINES),
			     PATIENCE_MS));
	EXPECT_TRUE(sent_again(&self->pkt, "ESTABLISHED", "fast", 0));
}

TEST_F(trace, octet_sent_again_into_a_closed_window_is_told)
{
	ATCP_ONLY();
	ASSERT_TRUE(pkt_connect(&self->pkt));
	ASSERT_TRUE(pkt_close_window(&self->pkt));
	ASSERT_EQ(0, tracing_on("atcp_retransmit"));
	ASSERT_TRUE(stream_write(self->pkt.fd, 10, 0));
	ASSERT_TRUE(WAIT_FOR(tracing_read("atcp_retransmit", self->pkt.lport,
					  self->pkt.rport, lines, LINES),
			     PATIENCE_MS));
	EXPECT_TRUE(tracing_is(lines[0], "kind", "probe"));
	EXPECT_EQ(1, (int)tracing_number(lines[0], "len"));
}

/* Windows */

TEST_F(trace, window_event_tells_what_changed)
{
	int n;

	ATCP_ONLY();
	ASSERT_TRUE(pkt_connect(&self->pkt));
	ASSERT_EQ(0, tracing_on("atcp_window"));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .win = 7777);
	ASSERT_TRUE(WAIT_FOR(tracing_read("atcp_window", self->pkt.lport,
					  self->pkt.rport, lines, LINES),
			     PATIENCE_MS));
	EXPECT_EQ(7777, (int)tracing_number(lines[0], "snd_wnd"));
	EXPECT_TRUE(tracing_is(lines[0], "state", "ESTABLISHED"));
	EXPECT_EQ(0, (int)tracing_number(lines[0], "pipe"));
	EXPECT_LT(0, (int)tracing_number(lines[0], "cwnd"));
	EXPECT_LE(200000, (int)tracing_number(lines[0], "rto"));
	ASSERT_TRUE(stream_write(self->pkt.fd, 10, 0));
	EXPECT_SEG(.flags = TH_PUSH | TH_ACK, .seq = 1, .ack = 1, .len = 10);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 11, .win = 8888);
	ASSERT_TRUE(WAIT_FOR(tracing_read("atcp_window", self->pkt.lport,
					  self->pkt.rport, lines, LINES) == 2,
			     PATIENCE_MS));
	EXPECT_EQ(8888, (int)tracing_number(lines[1], "snd_wnd"));
	/* The same again is no change. */
	n = tracing_read("atcp_window", self->pkt.lport, self->pkt.rport, lines,
			 LINES);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 11, .win = 8888);
	EXPECT_SILENCE();
	EXPECT_EQ(n, tracing_read("atcp_window", self->pkt.lport,
				  self->pkt.rport, lines, LINES));
}

TEST_MAIN
