// SPDX-License-Identifier: GPL-2.0
/* Every socket option there is: what it reads, takes and refuses. */
#include <limits.h>
#include <netinet/tcp.h>

#include "compare.h"

/* Options that have no name here are called by their number. */
static const struct option_name {
	int level;
	int option;
	const char *name;
} names[] = {
#define N(level, option)                                                       \
	{                                                                      \
		level, option, #option                                         \
	}
	N(SOL_SOCKET, SO_DEBUG),
	N(SOL_SOCKET, SO_REUSEADDR),
	N(SOL_SOCKET, SO_TYPE),
	N(SOL_SOCKET, SO_ERROR),
	N(SOL_SOCKET, SO_DONTROUTE),
	N(SOL_SOCKET, SO_BROADCAST),
	N(SOL_SOCKET, SO_SNDBUF),
	N(SOL_SOCKET, SO_RCVBUF),
	N(SOL_SOCKET, SO_SNDBUFFORCE),
	N(SOL_SOCKET, SO_RCVBUFFORCE),
	N(SOL_SOCKET, SO_KEEPALIVE),
	N(SOL_SOCKET, SO_OOBINLINE),
	N(SOL_SOCKET, SO_NO_CHECK),
	N(SOL_SOCKET, SO_PRIORITY),
	N(SOL_SOCKET, SO_LINGER),
	N(SOL_SOCKET, SO_BSDCOMPAT),
	N(SOL_SOCKET, SO_REUSEPORT),
	N(SOL_SOCKET, SO_PASSCRED),
	N(SOL_SOCKET, SO_PEERCRED),
	N(SOL_SOCKET, SO_RCVLOWAT),
	N(SOL_SOCKET, SO_SNDLOWAT),
	N(SOL_SOCKET, SO_RCVTIMEO_OLD),
	N(SOL_SOCKET, SO_SNDTIMEO_OLD),
	N(SOL_SOCKET, SO_BINDTODEVICE),
	N(SOL_SOCKET, SO_ATTACH_FILTER),
	N(SOL_SOCKET, SO_DETACH_FILTER),
	N(SOL_SOCKET, SO_PEERNAME),
	N(SOL_SOCKET, SO_TIMESTAMP_OLD),
	N(SOL_SOCKET, SO_ACCEPTCONN),
	N(SOL_SOCKET, SO_PEERSEC),
	N(SOL_SOCKET, SO_PASSSEC),
	N(SOL_SOCKET, SO_TIMESTAMPNS_OLD),
	N(SOL_SOCKET, SO_MARK),
	N(SOL_SOCKET, SO_TIMESTAMPING_OLD),
	N(SOL_SOCKET, SO_PROTOCOL),
	N(SOL_SOCKET, SO_DOMAIN),
	N(SOL_SOCKET, SO_RXQ_OVFL),
	N(SOL_SOCKET, SO_WIFI_STATUS),
	N(SOL_SOCKET, SO_PEEK_OFF),
	N(SOL_SOCKET, SO_NOFCS),
	N(SOL_SOCKET, SO_LOCK_FILTER),
	N(SOL_SOCKET, SO_SELECT_ERR_QUEUE),
	N(SOL_SOCKET, SO_BUSY_POLL),
	N(SOL_SOCKET, SO_MAX_PACING_RATE),
	N(SOL_SOCKET, SO_BPF_EXTENSIONS),
	N(SOL_SOCKET, SO_INCOMING_CPU),
	N(SOL_SOCKET, SO_ATTACH_BPF),
	N(SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF),
	N(SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF),
	N(SOL_SOCKET, SO_CNX_ADVICE),
	N(SOL_SOCKET, SO_MEMINFO),
	N(SOL_SOCKET, SO_INCOMING_NAPI_ID),
	N(SOL_SOCKET, SO_COOKIE),
	N(SOL_SOCKET, SO_PEERGROUPS),
	N(SOL_SOCKET, SO_ZEROCOPY),
	N(SOL_SOCKET, SO_TXTIME),
	N(SOL_SOCKET, SO_BINDTOIFINDEX),
	N(SOL_SOCKET, SO_TIMESTAMP_NEW),
	N(SOL_SOCKET, SO_TIMESTAMPNS_NEW),
	N(SOL_SOCKET, SO_TIMESTAMPING_NEW),
	N(SOL_SOCKET, SO_RCVTIMEO_NEW),
	N(SOL_SOCKET, SO_SNDTIMEO_NEW),
	N(SOL_SOCKET, SO_DETACH_REUSEPORT_BPF),
	N(SOL_SOCKET, SO_PREFER_BUSY_POLL),
	N(SOL_SOCKET, SO_BUSY_POLL_BUDGET),
	{ SOL_SOCKET, 71, "SO_NETNS_COOKIE" },
	{ SOL_SOCKET, 72, "SO_BUF_LOCK" },
	{ SOL_SOCKET, 73, "SO_RESERVE_MEM" },
	{ SOL_SOCKET, 74, "SO_TXREHASH" },
	{ SOL_SOCKET, 75, "SO_RCVMARK" },
	{ SOL_SOCKET, 76, "SO_PASSPIDFD" },
	{ SOL_SOCKET, 77, "SO_PEERPIDFD" },
	N(SOL_IP, IP_TOS),
	N(SOL_IP, IP_TTL),
	N(SOL_IP, IP_HDRINCL),
	N(SOL_IP, IP_OPTIONS),
	N(SOL_IP, IP_ROUTER_ALERT),
	N(SOL_IP, IP_RECVOPTS),
	N(SOL_IP, IP_RETOPTS),
	N(SOL_IP, IP_PKTINFO),
	N(SOL_IP, IP_PKTOPTIONS),
	N(SOL_IP, IP_MTU_DISCOVER),
	N(SOL_IP, IP_RECVERR),
	N(SOL_IP, IP_RECVTTL),
	N(SOL_IP, IP_RECVTOS),
	N(SOL_IP, IP_MTU),
	N(SOL_IP, IP_FREEBIND),
	N(SOL_IP, IP_IPSEC_POLICY),
	N(SOL_IP, IP_XFRM_POLICY),
	N(SOL_IP, IP_PASSSEC),
	N(SOL_IP, IP_TRANSPARENT),
	N(SOL_IP, IP_ORIGDSTADDR),
	N(SOL_IP, IP_MINTTL),
	N(SOL_IP, IP_NODEFRAG),
	N(SOL_IP, IP_CHECKSUM),
	N(SOL_IP, IP_BIND_ADDRESS_NO_PORT),
	{ SOL_IP, 26, "IP_RECVERR_RFC4884" },
	N(SOL_IP, IP_MULTICAST_IF),
	N(SOL_IP, IP_MULTICAST_TTL),
	N(SOL_IP, IP_MULTICAST_LOOP),
	N(SOL_IP, IP_ADD_MEMBERSHIP),
	N(SOL_IP, IP_UNICAST_IF),
	{ SOL_IP, 51, "IP_LOCAL_PORT_RANGE" },
	{ SOL_IP, 52, "IP_PROTOCOL" },
	{ SOL_TCP, 1, "TCP_NODELAY" },
	{ SOL_TCP, 2, "TCP_MAXSEG" },
	{ SOL_TCP, 3, "TCP_CORK" },
	{ SOL_TCP, 4, "TCP_KEEPIDLE" },
	{ SOL_TCP, 5, "TCP_KEEPINTVL" },
	{ SOL_TCP, 6, "TCP_KEEPCNT" },
	{ SOL_TCP, 7, "TCP_SYNCNT" },
	{ SOL_TCP, 8, "TCP_LINGER2" },
	{ SOL_TCP, 9, "TCP_DEFER_ACCEPT" },
	{ SOL_TCP, 10, "TCP_WINDOW_CLAMP" },
	{ SOL_TCP, 11, "TCP_INFO" },
	{ SOL_TCP, 12, "TCP_QUICKACK" },
	{ SOL_TCP, 13, "TCP_CONGESTION" },
	{ SOL_TCP, 14, "TCP_MD5SIG" },
	{ SOL_TCP, 16, "TCP_THIN_LINEAR_TIMEOUTS" },
	{ SOL_TCP, 17, "TCP_THIN_DUPACK" },
	{ SOL_TCP, 18, "TCP_USER_TIMEOUT" },
	{ SOL_TCP, 19, "TCP_REPAIR" },
	{ SOL_TCP, 20, "TCP_REPAIR_QUEUE" },
	{ SOL_TCP, 21, "TCP_QUEUE_SEQ" },
	{ SOL_TCP, 22, "TCP_REPAIR_OPTIONS" },
	{ SOL_TCP, 23, "TCP_FASTOPEN" },
	{ SOL_TCP, 24, "TCP_TIMESTAMP" },
	{ SOL_TCP, 25, "TCP_NOTSENT_LOWAT" },
	{ SOL_TCP, 26, "TCP_CC_INFO" },
	{ SOL_TCP, 27, "TCP_SAVE_SYN" },
	{ SOL_TCP, 28, "TCP_SAVED_SYN" },
	{ SOL_TCP, 29, "TCP_REPAIR_WINDOW" },
	{ SOL_TCP, 30, "TCP_FASTOPEN_CONNECT" },
	{ SOL_TCP, 31, "TCP_ULP" },
	{ SOL_TCP, 32, "TCP_MD5SIG_EXT" },
	{ SOL_TCP, 33, "TCP_FASTOPEN_KEY" },
	{ SOL_TCP, 34, "TCP_FASTOPEN_NO_COOKIE" },
	{ SOL_TCP, 35, "TCP_ZEROCOPY_RECEIVE" },
	{ SOL_TCP, 36, "TCP_INQ" },
	{ SOL_TCP, 37, "TCP_TX_DELAY" },
	{ SOL_TCP, 38, "TCP_AO_ADD_KEY" },
	{ SOL_TCP, 39, "TCP_AO_DEL_KEY" },
	{ SOL_TCP, 40, "TCP_AO_INFO" },
	{ SOL_TCP, 41, "TCP_AO_GET_KEYS" },
	{ SOL_TCP, 42, "TCP_AO_REPAIR" },
	{ SOL_TCP, 43, "TCP_IS_MPTCP" },
	{ SOL_TCP, 44, "TCP_RTO_MAX_MS" },
	{ SOL_TCP, 45, "TCP_RTO_MIN_US" },
	{ SOL_TCP, 46, "TCP_DELACK_MAX_US" },
#undef N
};

static const struct {
	int level;
	const char *name;
	int most;
} levels[] = {
	{ SOL_SOCKET, "socket", 84 },
	{ SOL_IP, "ip", 56 },
	{ SOL_TCP, "tcp", 48 },
};

static const char *const option_states[] = { "fresh", "established",
					     "listening" };

static const char *option_name(int level, int option)
{
	static char number[16];
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].level == level && names[i].option == option)
			return names[i].name;
	snprintf(number, sizeof(number), "%d", option);
	return number;
}

/* What it reads is by chance, or is a struct that info.c looks into. */
static bool is_unsteady(int level, int option)
{
	static const char *const unsteady[] = {
		"SO_COOKIE",	       "SO_NETNS_COOKIE",
		"SO_INCOMING_CPU",     "SO_MEMINFO",
		"SO_INCOMING_NAPI_ID", "SO_PEERCRED",
		"TCP_TIMESTAMP",       "TCP_INFO",
		"TCP_CC_INFO",	       "SO_PEERNAME",
		"IP_PROTOCOL",
	};
	const char *name = option_name(level, option);
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(unsteady); i++)
		if (!strcmp(unsteady[i], name))
			return true;
	return false;
}

static void note_get(int fd, int level, int option, socklen_t len)
{
	unsigned char value[64];
	socklen_t asked = len;
	char call[64], text[32] = "";
	unsigned int i;

	memset(value, 0x55, sizeof(value));
	snprintf(call, sizeof(call), "get length %d", (int)len);
	if (getsockopt(fd, level, option, value, &len)) {
		did(call, -1);
		return;
	}
	if (is_unsteady(level, option)) {
		note("%s: length %u", call, asked < 64 ? len : 0);
		return;
	}
	for (i = 0; i < 12; i++)
		sprintf(text + 2 * i, "%02x", value[i]);
	note("%s: length %u %s", call, len, text);
}

static void note_set(int fd, int level, int option, int value, socklen_t len)
{
	unsigned char bytes[4096] = { 0 };
	char call[64];
	int ret;

	memcpy(bytes, &value, sizeof(value));
	snprintf(call, sizeof(call), "set %d length %d", value, (int)len);
	ret = setsockopt(fd, level, option, bytes, len);
	if (did(call, ret) || is_unsteady(level, option))
		return;
	value = 0x55555555;
	len = sizeof(value);
	if (!getsockopt(fd, level, option, &value, &len))
		note("  reads %d", value);
}

static void run_option(int which, int where)
{
	static const int values[] = {
		1,   0,	   2,	  -1,	 3,	88,	 127,	  128,
		255, 1000, 32767, 32768, 65536, 1000000, INT_MAX, INT_MIN,
	};
	static const int lengths[] = { 0, 1, 2, 3, 5, 8, 16, 64, 4096, -1 };
	int level = levels[which >> 16].level, option = which & 0xffff;
	struct sockets s;
	socklen_t len;
	unsigned int i;

	if (!enter_state(&s, option_states[where]))
		fail_case("the state was not reached");
	note_get(s.fd, level, option, 64);
	note_get(s.fd, level, option, 4);
	note_get(s.fd, level, option, 1);
	note_get(s.fd, level, option, 0);
	note_get(s.fd, level, option, -1);
	len = 4;
	did("get to nowhere", getsockopt(s.fd, level, option, NOWHERE, &len));
	did("get of no length", getsockopt(s.fd, level, option, &len, NOWHERE));
	for (i = 0; i < ARRAY_LEN(values); i++)
		note_set(s.fd, level, option, values[i], sizeof(int));
	for (i = 0; i < ARRAY_LEN(lengths); i++)
		note_set(s.fd, level, option, 1, lengths[i]);
	did("set from nowhere", setsockopt(s.fd, level, option, NOWHERE, 4));
	did("set from nowhere", setsockopt(s.fd, level, option, NULL, 0));
	/* As a name: an algorithm, a device. */
	did("set reno", setsockopt(s.fd, level, option, "reno", 4));
	note_get(s.fd, level, option, 64);
	did("set lo", setsockopt(s.fd, level, option, "lo", 3));
	note_get(s.fd, level, option, 64);
}

/* A level that is none of these. */
static void run_level(int level, int where)
{
	struct sockets s;
	int option;

	if (!enter_state(&s, option_states[where]))
		fail_case("the state was not reached");
	for (option = 0; option < 70; option++) {
		note("option %d", option);
		note_get(s.fd, level, option, 4);
		note_set(s.fd, level, option, 1, 4);
	}
}

static void add_option(int where, int level, int option)
{
	/* Only TCP's own ask whether it listens. */
	if (levels[level].level == SOL_IP &&
	    !strcmp(option_states[where], "listening"))
		return;
	add_case(run_option, level << 16 | option, where, "options.%s.%s.%s",
		 option_states[where], levels[level].name,
		 option_name(levels[level].level, option));
}

void add_cases(void)
{
	static const int others[] = { 2, 3, 17, 41, 58, 132, 255, 263, 9999 };
	unsigned int where, level, i;
	int option;

	for (where = 0; where < ARRAY_LEN(option_states); where++)
		for (level = 0; level < ARRAY_LEN(levels); level++)
			for (option = 0; option <= levels[level].most; option++)
				add_option(where, level, option);
	for (i = 0; i < ARRAY_LEN(others); i++)
		add_case(run_level, others[i], 1, "options.level_%d",
			 others[i]);
}
