// SPDX-License-Identifier: GPL-2.0
/* Load and unload, in order. */
#include <linux/module.h>
#include "control/control.h"
#include "network/ip.h"
#include "network/netns.h"
#include "network/request.h"
#include "network/timewait.h"
#include "socket/congestion.h"
#include "socket/sock.h"

static int __net_init netns_init(struct net *net)
{
	int err = atcp_netns_init(net);

	if (err)
		return err;
	atcp_cong_netns_init(net);
	err = atcp_control_init(net);
	if (err) {
		atcp_cong_netns_exit(net);
		atcp_netns_exit(net);
	}
	return err;
}

static void __net_exit netns_exit(struct net *net)
{
	atcp_control_exit(net);
	atcp_cong_netns_exit(net);
	atcp_netns_exit(net);
}

static struct pernet_operations netns_ops = {
	.init = netns_init,
	.exit = netns_exit,
	.id = &atcp_netns_id,
	.size = sizeof(struct atcp_netns),
};

static int __init atcp_init(void)
{
	int err;

	err = atcp_request_cache_init();
	if (err)
		goto out;
	err = atcp_timewait_cache_init();
	if (err)
		goto exit_request_cache;
	err = atcp_cong_init();
	if (err)
		goto exit_timewait_cache;
	err = register_pernet_subsys(&netns_ops);
	if (err)
		goto exit_cong;
	err = atcp_offload_init();
	if (err)
		goto unregister_netns;
	err = atcp_ipv4_init();
	if (err)
		goto exit_offload;
	err = atcp_socket_init();
	if (err)
		goto exit_ipv4;
	return 0;

exit_ipv4:
	atcp_ipv4_exit();
exit_offload:
	atcp_offload_exit();
unregister_netns:
	unregister_pernet_subsys(&netns_ops);
exit_cong:
	atcp_cong_exit();
exit_timewait_cache:
	rcu_barrier();
	atcp_timewait_cache_exit();
exit_request_cache:
	atcp_request_cache_exit();
out:
	return err;
}

/*
 * The mirror of atcp_init(). No socket exists, since each held the module; so
 * nothing new begins once the segments' way in is closed. Namespaces then end
 * the TIME-WAIT records, and all that RCU still has to free is waited for.
 *
 * Only socket() is closed first, so that whoever is in the middle of it has
 * left it by the time its slab goes.
 */
static void __exit atcp_exit(void)
{
	atcp_socket_close();
	atcp_ipv4_exit();
	atcp_offload_exit();
	unregister_pernet_subsys(&netns_ops);
	atcp_cong_exit();
	rcu_barrier();
	atcp_socket_exit();
	atcp_timewait_cache_exit();
	atcp_request_cache_exit();
}

module_init(atcp_init);
module_exit(atcp_exit);

MODULE_DESCRIPTION("ATCP: a TCP to load beside the kernel's own");
MODULE_AUTHOR("The ATCP developers");
MODULE_LICENSE("GPL");
MODULE_ALIAS_NET_PF_PROTO_TYPE(PF_INET, 253, 1); /* SOCK_STREAM */
