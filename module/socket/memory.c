// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of all sockets together: net.atcp.mem. Below the first mark all is
 * well; from the second one on there is pressure until it is below the first
 * again: buffers do not grow, windows are small. Above the third nothing more
 * is granted, but for what must not be refused.
 */
#include <linux/swap.h>
#include "sock.h"

atomic_long_t atcp_memory_allocated;
unsigned long atcp_memory_pressure;
long atcp_mem[3];
DEFINE_PER_CPU(int, atcp_memory_per_cpu_fw_alloc);

/**
 * atcp_memory_enter_pressure() - struct proto's enter_memory_pressure
 * @sk: the socket that asked for what is above the second mark
 */
void atcp_memory_enter_pressure(struct sock *sk)
{
	if (READ_ONCE(atcp_memory_pressure))
		return;
	WRITE_ONCE(atcp_memory_pressure, 1);
	atcp_count(atcp_sk_netns(sk), ATCP_COUNT_MEMORY_PRESSURES);
}

/**
 * atcp_memory_leave_pressure() - struct proto's leave_memory_pressure
 * @sk: any socket
 */
void atcp_memory_leave_pressure(struct sock *sk)
{
	if (READ_ONCE(atcp_memory_pressure))
		WRITE_ONCE(atcp_memory_pressure, 0);
}

/**
 * atcp_memory_force() - memory that must not be refused
 * @sk: the socket, locked
 * @size: octets
 *
 * Without it sockets that hold all the memory could wait for each other: one
 * segment for a reader who has read everything else.
 *
 * Return: false if a memory cgroup is in the way, which only gives what it has.
 */
bool atcp_memory_force(struct sock *sk, int size)
{
	int pages = sk_mem_pages(size);

	if (mem_cgroup_sockets_enabled && sk->sk_memcg)
		return false;
	sk_forward_alloc_add(sk, pages << PAGE_SHIFT);
	atomic_long_add(pages, &atcp_memory_allocated);
	return true;
}

/**
 * atcp_memory_limits() - net.atcp.mem's default
 *
 * TCP's own formula: a sixteenth of the free pages, at least 128.
 */
void atcp_memory_limits(void)
{
	unsigned long pages = max(nr_free_buffer_pages() / 16, 128UL);

	atcp_mem[0] = pages / 4 * 3;
	atcp_mem[1] = pages;
	atcp_mem[2] = atcp_mem[0] * 2;
}
