// SPDX-License-Identifier: GPL-2.0
/* getsockopt() and setsockopt(), with values that fit and others. */
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/time.h>

#include "chaos.h"

/* What does more than fit into an int. */
static const struct {
	int level;
	int first, last;
} ranges[] = {
	{ SOL_SOCKET, 1, 84 },
	{ SOL_IP, 1, 55 },
	{ IPPROTO_TCP, 1, 46 },
	{ 253, 1, 46 },
};

static void pick_option(struct chaos *c, int *level, int *name)
{
	size_t i = pick(c, sizeof(ranges) / sizeof(*ranges));

	*level = ranges[i].level;
	*name = ranges[i].first + pick(c, ranges[i].last);
	if (once_in(c, 64))
		*level = pick_int(c);
	if (once_in(c, 64))
		*name = pick_int(c);
}

/* Lets everything in, or cuts it. */
static const struct sock_filter code[][1] = {
	{ { BPF_RET | BPF_K, 0, 0, 0xffff } },
	{ { BPF_RET | BPF_K, 0, 0, 20 } },
	{ { BPF_RET | BPF_K, 0, 0, 60 } },
	{ { BPF_RET | BPF_K, 0, 0, 0 } },
};

/* Values of the shapes that options have; each fits some of them. */
static socklen_t pick_value(struct chaos *c, void *value)
{
	static const char *const words[] = { "reno", "cubic", "lo",  "chaos",
					     "",     "bbr",   "tls", "mptcp",
					     "none", "\n",    "a/b" };
	struct linger linger = { pick(c, 2), pick(c, 3) };
	struct timeval time = { pick(c, 2), pick(c, 1200000) };
	struct sock_fprog filter = { 1, (void *)code[pick(c, 4)] };
	int number = pick_int(c);
	size_t len;

	switch (pick(c, 12)) {
	case 0:
		memcpy(value, &linger, sizeof(linger));
		return sizeof(linger);
	case 1:
		memcpy(value, &time, sizeof(time));
		return sizeof(time);
	case 2:
		memcpy(value, &filter, sizeof(filter));
		return sizeof(filter);
	case 3:
		strcpy(value, words[pick(c, sizeof(words) / sizeof(*words))]);
		return strlen(value) + pick(c, 2);
	case 4:
	case 5:
		len = pick(c, 60);
		fill(c, value, len);
		return len;
	default:
		memcpy(value, &number, sizeof(number));
		return once_in(c, 16) ? pick(c, 9) : sizeof(number);
	}
}

static void make_set(struct chaos *c)
{
	uint8_t value[64] = {};
	socklen_t len = pick_value(c, value);
	int fd = slot_get(c), level, name;
	void *at = value;

	pick_option(c, &level, &name);
	if (once_in(c, 32)) {
		len = pick_len(c, BUF_LEN);
		at = pick_memory(c, len);
	}
	note(c, "setsockopt(%d, %d, %d, %#x..., %u)", fd, level, name,
	     *(int *)value, len);
	noted(c, setsockopt(fd, level, name, at, len));
}

static void make_get(struct chaos *c)
{
	socklen_t len = once_in(c, 4) ? pick_len(c, 1024) : 4 + pick(c, 300);
	int fd = slot_get(c), level, name;
	void *at = pick_memory(c, len);

	pick_option(c, &level, &name);
	note(c, "getsockopt(%d, %d, %d, %p, %u)", fd, level, name, at, len);
	noted(c, getsockopt(fd, level, name, at, &len));
}

/* Those that change what a connection does, with values that do so. */
static void make_tune(struct chaos *c)
{
	static const int names[] = {
		TCP_NODELAY,	  TCP_CORK,	    TCP_QUICKACK,
		TCP_MAXSEG,	  TCP_WINDOW_CLAMP, TCP_USER_TIMEOUT,
		TCP_DEFER_ACCEPT, TCP_SYNCNT,	    TCP_LINGER2,
		TCP_KEEPIDLE,	  TCP_KEEPINTVL,    TCP_KEEPCNT,
	};
	static const int socket_names[] = {
		SO_RCVBUF,    SO_SNDBUF,    SO_KEEPALIVE, SO_OOBINLINE,
		SO_RCVLOWAT,  SO_PEEK_OFF,  SO_REUSEADDR, SO_REUSEPORT,
		SO_TIMESTAMP, SO_BUSY_POLL, SO_PRIORITY,  SO_DEBUG,
	};
	int fd = slot_get(c), i = pick(c, 12), value, level = IPPROTO_TCP;
	int name = names[i];

	if (once_in(c, 2)) {
		level = SOL_SOCKET;
		name = socket_names[i];
	}
	value = once_in(c, 4) ? (int)pick(c, 20000) : (int)pick(c, 3);
	note(c, "setsockopt(%d, %d, %d, %d)", fd, level, name, value);
	noted(c, setsockopt(fd, level, name, &value, sizeof(value)));
}

const struct call option_calls[] = { { "setsockopt", 40, make_set },
				     { "getsockopt", 30, make_get },
				     { "tune", 30, make_tune },
				     {} };
