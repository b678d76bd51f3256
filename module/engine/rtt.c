// SPDX-License-Identifier: GPL-2.0
/* Round-trip time and retransmission time-out: RFC 6298. */
#include "rtt.h"

#define MIN_RTT_LASTS_US (300 * ATCP_USEC_PER_SEC)

static void take_min(struct atcp_tally *tally, u32 rtt_us, u64 now)
{
	if (likely(tally->min_rtt_us && rtt_us > tally->min_rtt_us &&
		   now - tally->min_rtt_at < MIN_RTT_LASTS_US))
		return;
	tally->min_rtt_us = rtt_us;
	tally->min_rtt_at = now;
}

/**
 * atcp_rtt_sample() - take a measured round-trip time in
 * @tcb: the connection
 * @rtt_us: the measurement, not zero
 *
 * Ends the back-off (Karn's algorithm, RFC 6298 section 5).
 *
 * RFC 6298 section 2 with alpha 1/8 and beta 1/4. The floor is put under the
 * variation rather than under the sum, as Linux does: RTO = SRTT + max(4 *
 * RTTVAR, params->rto_min_us), below the RFC's one second (SHOULD, 2.4) since two decades
 * of Linux have shown that finer clocks do not need it.
 */
void atcp_rtt_sample(struct atcp_tcb *tcb, u32 rtt_us)
{
	u64 var;

	take_min(&tcb->tally, rtt_us, tcb->heard_us);
	if (!tcb->srtt_us) {
		tcb->srtt_us = rtt_us;
		tcb->rttvar_us = rtt_us / 2;
	} else {
		s64 err = (s64)rtt_us - tcb->srtt_us;
		u32 dev = err < 0 ? -err : err;

		tcb->rttvar_us += ((s64)dev - tcb->rttvar_us) / 4;
		tcb->srtt_us = max_t(s64, tcb->srtt_us + err / 8, 1);
	}
	var = max_t(u64, 4ULL * tcb->rttvar_us, tcb->params->rto_min_us);
	tcb->rto_us = min_t(u64, tcb->srtt_us + var, atcp_rto_max(tcb->params));
	tcb->backoff = 0;
}

/**
 * atcp_rto() - the time-out in force, backed off
 * @tcb: the connection
 *
 * Return: microseconds, at most params->rto_max_ms (RFC 6298 5.5, 2.5).
 */
u64 atcp_rto(const struct atcp_tcb *tcb)
{
	u64 rto = tcb->rto_us, most = atcp_rto_max(tcb->params);

	return tcb->backoff > 20 ? most : min_t(u64, rto << tcb->backoff, most);
}

/**
 * atcp_retries_to_us() - a number of retries as the time they would take
 * @retries: the number, as the sysctls count
 * @base_us: the time-out before the first of them
 * @max_us: the longest time-out
 *
 * The limits R1 and R2 of RFC 9293 3.8.3 are set as retries but applied as
 * time, so that one limit means the same on a short path and on a long one.
 *
 * Return: microseconds of @retries + 1 time-outs, each twice the one before
 * up to @max_us.
 */
u64 atcp_retries_to_us(unsigned int retries, u64 base_us, u64 max_us)
{
	u64 sum = 0, rto = base_us;
	unsigned int i;

	for (i = 0; i <= retries; i++) {
		sum += rto;
		rto = min_t(u64, 2 * rto, max_us);
	}
	return sum;
}
