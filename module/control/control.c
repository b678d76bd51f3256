// SPDX-License-Identifier: GPL-2.0
/* What an operator sees and sets, put up and taken down: see control.h. */
#include <net/net_namespace.h>
#include "control.h"

/**
 * atcp_control_init() - let a namespace's operator see and set what is there
 * @net: the namespace, after atcp_netns_init()
 *
 * Return: 0 or a negative errno, with nothing left behind.
 */
int atcp_control_init(struct net *net)
{
	int err;

	/* The first socket may come before the files do: it finds these. */
	atcp_sysctl_defaults(net);
	err = atcp_sysctl_init(net);
	if (err)
		goto out;
	err = atcp_control_cong_init(net);
	if (err)
		goto exit_sysctl;
	err = atcp_proc_init(net);
	if (err)
		goto exit_cong;
	return 0;

exit_cong:
	atcp_control_cong_exit(net);
exit_sysctl:
	atcp_sysctl_exit(net);
out:
	return err;
}

/**
 * atcp_control_exit() - the reverse of atcp_control_init()
 * @net: the namespace, before atcp_netns_exit()
 *
 * No reader is inside any of the files once this returns.
 */
void atcp_control_exit(struct net *net)
{
	atcp_proc_exit(net);
	atcp_control_cong_exit(net);
	atcp_sysctl_exit(net);
}
