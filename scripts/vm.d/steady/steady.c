// SPDX-License-Identifier: GPL-2.0
/*
 * A 9p transport for a guest whose clock counts instructions (QEMU's -icount
 * with sleep=off).
 *
 * There an idle processor makes time jump to the next timer. Waiting for the
 * host to read a file is idle, too, and lasts for a while of real time: the
 * clock would run away by seconds while a program is loaded. So this transport
 * is virtio's, except that it keeps the processor busy until the reply is
 * there, and the clock goes on at its ordinary pace.
 */
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <net/9p/9p.h>
#include <net/9p/client.h>
#include <net/9p/transport.h>

static struct p9_trans_module *virtio;
static struct p9_trans_module steady;

static int steady_request(struct p9_client *client, struct p9_req_t *req)
{
	int err = virtio->request(client, req);

	if (err)
		return err;
	while (READ_ONCE(req->status) < REQ_STATUS_RCVD) {
		if (fatal_signal_pending(current))
			break;
		cond_resched();
		cpu_relax();
	}
	return 0;
}

static int __init steady_init(void)
{
	virtio = v9fs_get_trans_by_name("virtio");
	if (!virtio)
		return -ENODEV;
	steady = *virtio;
	INIT_LIST_HEAD(&steady.list);
	steady.name = "steady";
	steady.def = 0;
	steady.owner = THIS_MODULE;
	steady.request = steady_request;
	/* Virtio's own waits inside; without it all requests come to us. */
	steady.zc_request = NULL;
	v9fs_register_trans(&steady);
	return 0;
}

/* No exit: the root file system stands on it. */
module_init(steady_init);
MODULE_DESCRIPTION("9p over virtio that does not idle");
MODULE_LICENSE("GPL");
