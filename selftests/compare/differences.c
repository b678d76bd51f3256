// SPDX-License-Identifier: GPL-2.0
/* Where ATCP differs from the kernel's TCP, and is meant to. */
#include <fnmatch.h>
#include <sys/utsname.h>

#include "compare.h"

#define NOT_PROVIDED "not provided"
#define TCP_BY_NAME  "the kernel allows it to its own TCP by name"
#define PORT_ZERO    "port 0 is refused without asking"
#define STALE	     "what TCP tells of a closed socket is left over from before"

/*
 * Each case that a pattern names must differ: what is mended is struck out. If
 * @since is not 0, it does so from that Linux on (6.12 is 612), and not before;
 * if @before is not 0, it does so before that one only.
 */
static const struct {
	const char *cases;
	int since, before;
	const char *why;
} differences[] = {
	{ "calls.fresh.connect_port_zero", 0, 0, PORT_ZERO },
	{ "calls.bound.connect_port_zero", 0, 0, PORT_ZERO },
	{ "calls.stopped_listening.connect_port_zero", 0, 0, PORT_ZERO },
	{ "calls.refused_known.connect_port_zero", 0, 0, PORT_ZERO },
	{ "calls.disconnected*.connect_port_zero", 0, 0, PORT_ZERO },
	{ "calls.stopped_listening.outq*", 0, 0, STALE },
	{ "calls.refused_known.outq*", 0, 0, STALE },
	{ "calls.disconnected*.outq*", 0, 0, STALE },
	{ "options.*.socket.SO_PROTOCOL", 0, 0, "it is the protocol's number" },
	{ "options.*.socket.SO_ZEROCOPY", 0, 0, TCP_BY_NAME },
	{ "options.*.socket.SO_TXREHASH", 700, 0, TCP_BY_NAME },
	{ "options.fresh.socket.SO_TIMESTAMPING_*", 0, 0, TCP_BY_NAME },
	{ "options.listening.socket.SO_TIMESTAMPING_*", 0, 0, TCP_BY_NAME },
	{ "options.*.socket.80", 700, 0, NOT_PROVIDED },
	{ "options.established.socket.SO_SNDBUF", 0, 0,
	  "how the buffer grows" },
	{ "options.established.tcp.TCP_MAXSEG", 0, 0,
	  "TCP's segments are at most half of the largest window" },
	{ "options.fresh.tcp.TCP_WINDOW_CLAMP", 0, 609,
	  "a negative one is no limit" },
	{ "options.listening.tcp.TCP_WINDOW_CLAMP", 0, 609,
	  "a negative one is no limit" },
	{ "options.established.tcp.TCP_WINDOW_CLAMP", 0, 0,
	  "without a limit it is the largest window there is" },
	{ "options.*.socket.SO_PEEK_OFF", 0, 609, "TCP has it since 6.9" },
	{ "transfer.peeking", 0, 609, "TCP has it since 6.9" },
	{ "transfer.mapped_into_memory", 0, 0, NOT_PROVIDED },
	{ "transfer.inherited*_SO_TXREHASH", 700, 0, TCP_BY_NAME },
	{ "transfer.inherited_late_SO_SNDBUF", 0, 0, "how the buffer grows" },
	{ "transfer.inherited_late_TCP_MAXSEG", 0, 0,
	  "TCP's segments are at most half of the largest window" },
	{ "options.*.tcp.TCP_MD5SIG", 0, 0, NOT_PROVIDED },
	{ "options.*.tcp.TCP_MD5SIG_EXT", 0, 0, NOT_PROVIDED },
	{ "options.*.tcp.TCP_REPAIR", 0, 0, NOT_PROVIDED },
	{ "options.*.tcp.TCP_REPAIR_QUEUE", 0, 0, NOT_PROVIDED },
	{ "options.*.tcp.TCP_QUEUE_SEQ", 0, 0, NOT_PROVIDED },
	{ "options.*.tcp.TCP_REPAIR_OPTIONS", 0, 0, NOT_PROVIDED },
	{ "options.*.tcp.TCP_REPAIR_WINDOW", 0, 0, NOT_PROVIDED },
	{ "options.*.tcp.TCP_FASTOPEN*", 0, 0, NOT_PROVIDED },
	{ "options.*.tcp.TCP_ULP", 0, 0, NOT_PROVIDED },
	{ "options.*.tcp.TCP_ZEROCOPY_RECEIVE", 0, 0, NOT_PROVIDED },
	{ "options.*.tcp.TCP_TX_DELAY", 0, 0, NOT_PROVIDED },
	{ "options.listening.tcp.TCP_AO_REPAIR", 607, 0, NOT_PROVIDED },
	{ "options.*.tcp.TCP_IS_MPTCP", 607, 0, NOT_PROVIDED },
	{ "options.*.tcp.TCP_RTO_MAX_MS", 700, 0, NOT_PROVIDED },
	{ "options.*.tcp.TCP_RTO_MIN_US", 700, 0, NOT_PROVIDED },
	{ "options.*.tcp.TCP_DELACK_MAX_US", 700, 0, NOT_PROVIDED },
};

static int kernel(void)
{
	int major = 0, minor = 0;
	struct utsname name;

	uname(&name);
	if (sscanf(name.release, "%d.%d", &major, &minor) != 2)
		return 0;
	return 100 * major + minor;
}

const char *intended_difference(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(differences); i++)
		if (!fnmatch(differences[i].cases, name, 0) &&
		    kernel() >= differences[i].since &&
		    (!differences[i].before ||
		     kernel() < differences[i].before))
			return differences[i].why;
	return NULL;
}
