// SPDX-License-Identifier: GPL-2.0
/*
 * An example of a congestion control algorithm in a module of its own:
 * additive increase, multiplicative decrease, with both numbers to choose.
 *
 *	make ATCP_EXAMPLES=m && insmod ./atcp_cong_aimd.ko decrease=70
 *	sysctl net.atcp.congestion_control=aimd
 *
 * or TCP_CONGESTION in a program. With increase=1 and decrease=50 it is RFC
 * 5681. Copy it, rename it, and change what is in ack() and ssthresh().
 */
#include <linux/module.h>
#include "../socket/congestion.h"

static unsigned int increase = 1;
module_param(increase, uint, 0644);
MODULE_PARM_DESC(increase, "segments that cwnd grows by in a round trip");

static unsigned int decrease = 50;
module_param(decrease, uint, 0644);
MODULE_PARM_DESC(decrease, "per cent of the flight that are left after a loss");

/**
 * struct aimd - what the algorithm keeps of a connection
 * @acked: octets acknowledged since cwnd last grew
 * @losses: how often it was made smaller, for TCP_CC_INFO
 */
struct aimd {
	u32 acked;
	u32 losses;
};

static void aimd_init(struct atcp_tcb *tcb)
{
	BUILD_BUG_ON(sizeof(struct aimd) > sizeof(tcb->cong_private));
}

static u32 aimd_ssthresh(struct atcp_tcb *tcb, u32 flight)
{
	struct aimd *a = atcp_cong_private(tcb);

	a->acked = 0;
	a->losses++;
	return (u64)flight * min(READ_ONCE(decrease), 100U) / 100;
}

static void aimd_ack(struct atcp_tcb *tcb, u32 octets)
{
	struct aimd *a = atcp_cong_private(tcb);

	if (tcb->cwnd < tcb->ssthresh) {
		tcb->cwnd += octets;
		return;
	}
	a->acked += octets;
	if (a->acked >= tcb->cwnd) {
		a->acked -= tcb->cwnd;
		tcb->cwnd += tcb->mss * min(READ_ONCE(increase), 1000U);
	}
}

static u32 aimd_info(const struct atcp_tcb *tcb, void *to, u32 room)
{
	const struct aimd *a = (const void *)tcb->cong_private;
	u32 told[] = { a->losses, READ_ONCE(increase), READ_ONCE(decrease) };

	memcpy(to, told, min_t(u32, room, sizeof(told)));
	return min_t(u32, room, sizeof(told));
}

/* No ATCP_CONG_ANYONE: only an operator may make a network less fair. */
static const struct atcp_cong_ops aimd = {
	.name = "aimd",
	.owner = THIS_MODULE,
	.init = aimd_init,
	.ssthresh = aimd_ssthresh,
	.ack = aimd_ack,
	.info = aimd_info,
};

static int __init aimd_module_init(void)
{
	return atcp_cong_register(&aimd);
}

static void __exit aimd_module_exit(void)
{
	atcp_cong_unregister(&aimd);
}

module_init(aimd_module_init);
module_exit(aimd_module_exit);

MODULE_DESCRIPTION("ATCP: congestion control by AIMD, an example");
MODULE_AUTHOR("The ATCP developers");
MODULE_LICENSE("GPL");
