/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The packet harness: a socket under test on one side, and on the other, behind
 * a TUN device, the test itself as the peer. It injects segments made bit by
 * bit, and says exactly which ones have to come back, and when.
 *
 * Sequence numbers are relative, as tcpdump shows them: .seq of an injected
 * segment and .ack of an expected one count from the peer's initial sequence
 * number, the other two from the socket's. A SYN is at 0, the first byte at 1.
 */
#ifndef ATCP_PKT_H
#define ATCP_PKT_H

#include <netinet/tcp.h>

#include "../testlib.h"

/* In a struct seg, a field left 0 is not given; this is the number 0. */
#define ZERO (-1)

#define OPT_MSS	     0x01
#define OPT_WSCALE   0x02
#define OPT_SACKPERM 0x04
#define OPT_SACK     0x08
#define OPT_TS	     0x10
#define OPT_SYN_ALL  (OPT_MSS | OPT_WSCALE | OPT_SACKPERM | OPT_TS)
/* Something that is not one of the above, or not well formed. */
#define OPT_OTHER 0x80

#define MAX_SACKS 4

struct seg {
	uint8_t flags; /* TH_SYN and so on */
	uint32_t seq;
	uint32_t ack;
	int win; /* as in the header, not scaled */
	int urg; /* the urgent pointer; it counts with TH_URG only */
	int len; /* bytes of payload; they follow from seq, see stream_byte() */
	unsigned int opts;
	int mss;
	int wscale;
	uint32_t tsval;
	uint32_t tsecr;
	int sacks;
	struct {
		uint32_t from, to;
	} sack[MAX_SACKS];

	/* Ports, where they are not the connection's. */
	int sport;
	int dport;

	/* Of an injected segment: what is wrong, or special, with it. */
	const char *daddr;	/* sent to another address than the socket's */
	const char *saddr;	/* or from another one than the peer's */
	const void *ip_options; /* IPv4 options, whole words */
	int ip_options_len;
	int doff;	  /* the data offset field, in words */
	uint8_t reserved; /* the four bits beside it */
	int cut;	  /* how many bytes of the segment there are */
	bool bad_sum;
	const void *raw; /* the options, byte for byte */
	int raw_len;

	/* Of an expected segment. */
	int after;     /* ms since the last one, either way */
	bool absolute; /* .seq is not relative to anything */

	/* Of a received segment: when it came. */
	uint64_t at;
};

#define PKT_LOG_LINES 48
#define PKT_LOG_WIDTH 160

struct pkt {
	int family;
	int tun;
	int listener;
	int fd;		/* the socket under test, once there is one */
	uint16_t lport; /* the socket's port */
	uint16_t rport; /* the peer's port */

	uint32_t liss; /* the socket's initial sequence number */
	bool liss_known;
	int local_mss; /* what its SYN said */
	uint32_t riss; /* the peer's */

	uint32_t acked; /* the highest ACK of the socket's, relative to it */

	/* What the peer says of itself in its SYN. May be set before. */
	struct seg peer;
	/* Once timestamps are agreed on, each segment has them. */
	bool ts;
	uint32_t peer_tsval;
	uint32_t local_tsval;

	struct seg got; /* the last segment that came */
	uint8_t ip[60]; /* its IP header, as it was on the wire */
	int ttl;	/* of injected packets, if not 64 */
	bool asked;	/* an echo reply is awaited: pkt_settle() */
	uint64_t ref;	/* when the last segment went either way */

	uint64_t start;
	int logged;
	char log[PKT_LOG_LINES][PKT_LOG_WIDTH];
};

/* All of these say on stderr what went wrong when they return false. */
bool pkt_init(struct pkt *p, int family, int mtu);
void pkt_show(const struct pkt *p);

bool pkt_send(struct pkt *p, const struct seg *s);
bool pkt_expect(struct pkt *p, const struct seg *want);
/* No segment for @ms. */
bool pkt_silence(struct pkt *p, int ms);
/* Whatever comes next, within @ms, is in p->got. */
bool pkt_next(struct pkt *p, int ms);
/*
 * Asks for an echo: what was sent before has been dealt with when it comes.
 * pkt_next() says false then, and pkt_settled() true.
 */
bool pkt_settle(struct pkt *p);
bool pkt_settled(const struct pkt *p);
/*
 * An ICMP error, IPv4 only, that quotes a segment of the socket's at @seq. @info
 * is the MTU where the type has one.
 */
bool pkt_icmp(struct pkt *p, int type, int code, int info, uint32_t seq);
/* ACKs up to one for everything before @ack, however many. */
bool pkt_expect_ack(struct pkt *p, uint32_t ack);

/* The window in the socket's last segment, unless the peer offers a scale. */
int pkt_window(const struct pkt *p);

/* Starts p->ref: what comes next is timed from here. */
void pkt_mark(struct pkt *p);
/* Whether @us is what @ms should look like, as far as this machine can tell. */
bool pkt_time_ok(uint64_t us, int ms);
/* How much too late an event at @ms may be, or seem to be. */
int pkt_late_ms(int ms);
/* The last segment came @ms after @start. */
bool pkt_came_at(const struct pkt *p, uint64_t start, int ms);
/* Says nothing and stays in @state until @ms after @start, then is gone. */
bool pkt_ends_at(struct pkt *p, uint64_t start, int ms, unsigned int state);
/* The socket reports @err at @ms after @start, and says nothing until then. */
bool pkt_fails_at(struct pkt *p, uint64_t start, int ms, int err);

/* For the harness: the parts of a packet, and what is wrong. */
bool pkt_complain(const char *format, ...)
	__attribute__((format(printf, 1, 2)));
void pkt_print(char *out, int size, const struct seg *s);
size_t pkt_ip_header(const struct sockaddr_storage *from,
		     const struct sockaddr_storage *to, uint8_t protocol,
		     size_t len, uint8_t *out);
uint16_t pkt_checksum(const struct sockaddr_storage *from,
		      const struct sockaddr_storage *to, uint8_t protocol,
		      const void *data, size_t len);
uint16_t pkt_sum(const void *data, size_t len);
bool pkt_write(struct pkt *p, const void *packet, size_t len);
/* Whether it is the reply to pkt_settle(). */
bool pkt_is_echo(const struct pkt *p, const uint8_t *packet, size_t len);

struct sockaddr_storage pkt_local(const struct pkt *p);
struct sockaddr_storage pkt_remote(const struct pkt *p);

/* Bring up a socket in @state, as p->fd (or p->listener). */
bool pkt_open(struct pkt *p, unsigned int state);
bool pkt_listen(struct pkt *p);
/* A non-blocking connect(): its SYN is the next segment. */
bool pkt_start_connect(struct pkt *p);
/* ESTABLISHED, by listen() and by connect(). */
bool pkt_accept(struct pkt *p);
bool pkt_connect(struct pkt *p);
/* The peer's window is full: two bytes have come by then. */
bool pkt_close_window(struct pkt *p);
/* Forgets the connection, so that another one can follow in this test. */
void pkt_again(struct pkt *p);
/* How much the program could read now. */
int pkt_unread(const struct pkt *p);
/* The connection gets to @state, and p->fd has to be told that by /proc. */
bool pkt_in_state(struct pkt *p, unsigned int state);

/*
 * Closes and resets everything: a connection that goes on without an owner and
 * without a peer would keep the module from being unloaded for minutes.
 */
void pkt_end(struct pkt *p);

/* How long there must be nothing for a test to say that nothing comes. */
#define QUIET_MS 50

#define FIXTURE_PKT(fixture)                                                   \
	FIXTURE(fixture)                                                       \
	{                                                                      \
		struct pkt pkt;                                                \
	};                                                                     \
	FIXTURE_PER_FAMILY(fixture);                                           \
	FIXTURE_SETUP(fixture)                                                 \
	{                                                                      \
		ASSERT_EQ(0, test_setup(_metadata->timeout));                  \
		ASSERT_TRUE(pkt_init(&self->pkt, variant->family, 1500));      \
	}                                                                      \
	FIXTURE_TEARDOWN(fixture)                                              \
	{                                                                      \
		if (!_metadata->passed)                                        \
			pkt_show(&self->pkt);                                  \
		test_teardown(_metadata);                                      \
		pkt_end(&self->pkt);                                           \
	}

/* For use outside of them: true if it went well. */
#define SEG(...)	 (&(struct seg){ __VA_ARGS__ })
#define SENT(p, ...)	 pkt_send(p, SEG(__VA_ARGS__))
#define EXPECTED(p, ...) pkt_expect(p, SEG(__VA_ARGS__))

/* For use in the tests of such a fixture. */
#define INJECT(...)	    ASSERT_TRUE(pkt_send(&self->pkt, SEG(__VA_ARGS__)))
#define EXPECT_SEG(...)	    ASSERT_TRUE(pkt_expect(&self->pkt, SEG(__VA_ARGS__)))
#define EXPECT_SILENCE()    ASSERT_TRUE(pkt_silence(&self->pkt, QUIET_MS))
#define EXPECT_STATE(state) ASSERT_TRUE(pkt_in_state(&self->pkt, state))
#define EXPECT_AT(ms)	    EXPECT_TRUE(pkt_came_at(&self->pkt, start, ms))

/*
 * A test that waits for real time-outs has its own limit, TEST_F_TIMEOUT(), and
 * runs where the clock skips idle time: run.sh icount.
 */
#define MINUTES 60

#endif
