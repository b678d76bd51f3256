// SPDX-License-Identifier: GPL-2.0
/* The packet harness: when something happens. See pkt.h. */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "pkt.h"

int pkt_late_ms(int ms)
{
	int late = 10;

	/* The kernel's TCP uses the timer wheel: up to 1/8 late. */
	if (!test_is_atcp())
		late += ms / 8 + 50;
	/*
	 * When time is real, this program may be late as well, in seeing the
	 * segment before this one or this one.
	 */
	if (!test_is_icount())
		late += 3000;
	return late;
}

bool pkt_time_ok(uint64_t us, int ms)
{
	int64_t off = (int64_t)us - (int64_t)ms * 1000;
	int64_t early = test_is_icount() ? 10 : ms / 2;

	/* What was late before may make what follows seem early. */
	if (!test_is_atcp())
		early += ms / 8;
	return off >= -early * 1000 && off <= pkt_late_ms(ms) * 1000ll;
}

bool pkt_came_at(const struct pkt *p, uint64_t start, int ms)
{
	uint64_t us = p->got.at - start;

	if (pkt_time_ok(us, ms))
		return true;
	fprintf(stderr, "# came at %.3f s, not at %.3f s\n", us / 1e6,
		ms / 1e3);
	return false;
}

bool pkt_ends_at(struct pkt *p, uint64_t start, int ms, unsigned int state)
{
	int left = ms - 20 - (int)((now_us() - start) / 1000);

	if (!pkt_silence(p, left) || !pkt_in_state(p, state))
		return false;
	if (WAIT_FOR(!proc_state(p->family, p->lport, p->rport),
		     20 + pkt_late_ms(ms)))
		return true;
	fprintf(stderr, "# still in %s at %.3f s\n", state_name(state),
		(now_us() - start) / 1e6);
	return false;
}

bool pkt_fails_at(struct pkt *p, uint64_t start, int ms, int err)
{
	struct pollfd pfd = { .fd = p->fd };
	uint64_t us;
	int seen;

	poll(&pfd, 1, -1);
	us = now_us() - start;
	seen = so_error(p->fd);
	if (seen != err)
		fprintf(stderr, "# error %s, not %s\n", strerror(seen),
			strerror(err));
	if (!pkt_time_ok(us, ms))
		fprintf(stderr, "# failed at %.3f s, not at %.3f s\n", us / 1e6,
			ms / 1e3);
	return seen == err && pkt_time_ok(us, ms) && pkt_silence(p, 0);
}
