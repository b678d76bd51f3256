// SPDX-License-Identifier: GPL-2.0
/*
 * Target: one connection, from its listener or its OPEN to the end of TIME-WAIT
 * and on. The input plays the peer, the network, the user and the clock.
 */
#include "subject.h"

/* Where virtual time begins: not at 0, which means never. */
#define START_US ATCP_USEC_PER_SEC

static void time_passes(struct subject *s, struct fuzz_input *in)
{
	u64 due = subject_deadline(s);

	switch (fuzz_below(in, 6)) {
	case 0:
		s->now += fuzz_u8(in) * ATCP_USEC_PER_MSEC;
		break;
	case 1:
		s->now += fuzz_u16(in) * ATCP_USEC_PER_MSEC;
		break;
	case 2:
		/* Up to half a year: timestamps wrap, TS.Recent grows old. */
		s->now += fuzz_u16(in) * 256 * ATCP_USEC_PER_SEC;
		break;
	case 3:
		s->now += fuzz_u16(in);
		break;
	default:
		s->now = max(s->now, due);
	}
	fuzz_step("%llu us", (unsigned long long)s->now);
	subject_time(s);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	static struct subject subject;
	struct fuzz_input in = { data, len };
	struct subject *s = &subject;
	struct atcp_segment seg;

	*s = (struct subject){ .now = START_US };
	subject_start(s, &in);
	while (in.left) {
		switch (fuzz_below(&in, 4)) {
		case 0:
			subject_user(s, &in);
			break;
		case 1:
			time_passes(s, &in);
			break;
		default:
			craft_segment(s, &in, &seg);
			subject_arrives(s, &seg);
		}
	}
	subject_end(s);
	return 0;
}
