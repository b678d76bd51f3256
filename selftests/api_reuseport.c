// SPDX-License-Identifier: GPL-2.0
/*
 * Which listener gets a connection: SO_REUSEPORT and its programs, addresses,
 * processors. socket(7), SO_ATTACH_REUSEPORT_CBPF and SO_INCOMING_CPU there.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <sched.h>
#include <sys/syscall.h>

#include "harness.h"

FIXTURE_NETNS(reuseport);

#define PORT	  4000
#define LISTENERS 4
#define MANY	  64

static int set(int fd, int option, int value)
{
	return setsockopt(fd, SOL_SOCKET, option, &value, sizeof(value));
}

static int member_unlistening(int family)
{
	struct sockaddr_storage addr = test_loopback(family, PORT);
	int fd = test_socket(family, SOCK_NONBLOCK);

	if (set(fd, SO_REUSEPORT, 1) ||
	    bind(fd, (struct sockaddr *)&addr, test_addrlen(family)))
		return -1;
	return fd;
}

static int member(int family)
{
	int fd = member_unlistening(family);

	return fd < 0 || listen(fd, MANY) ? -1 : fd;
}

static bool group(int family, int fd[LISTENERS])
{
	int i;

	for (i = 0; i < LISTENERS; i++) {
		fd[i] = member(family);
		if (fd[i] < 0)
			return false;
	}
	return true;
}

static bool connect_many(int family, int n)
{
	while (n--)
		if (test_connect(family, PORT) < 0)
			return false;
	return true;
}

static int accepted(int fd)
{
	int n = 0;

	while (accept(fd, NULL, NULL) >= 0)
		n++;
	return n;
}

TEST_F(reuseport, listeners_of_a_group_share_the_connections)
{
	int fd[LISTENERS], i, n, sum = 0;

	ASSERT_TRUE(group(variant->family, fd));
	ASSERT_TRUE(connect_many(variant->family, MANY));
	for (i = 0; i < LISTENERS; i++) {
		n = accepted(fd[i]);
		/* By chance less than one in 10^7 that there is none. */
		EXPECT_LT(0, n);
		sum += n;
	}
	EXPECT_EQ(MANY, sum);
}

TEST_F(reuseport, listener_that_closes_leaves_new_connections_to_the_others)
{
	int fd[LISTENERS];

	ASSERT_TRUE(group(variant->family, fd));
	close(fd[1]);
	shutdown(fd[2], SHUT_RD);
	ASSERT_TRUE(connect_many(variant->family, MANY));
	EXPECT_EQ(MANY, accepted(fd[0]) + accepted(fd[3]));
	/* And may come back. */
	ASSERT_EQ(0, listen(fd[2], MANY));
	ASSERT_TRUE(connect_many(variant->family, MANY));
	EXPECT_LT(0, accepted(fd[2]));
}

static int attach_ret(int fd, unsigned int index)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, index) };
	struct sock_fprog prog = { .len = 1, .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &prog,
			  sizeof(prog));
}

TEST_F(reuseport, program_chooses_the_listener)
{
	int fd[LISTENERS], i;

	ASSERT_TRUE(group(variant->family, fd));
	for (i = 0; i < LISTENERS; i++) {
		/* Any member's program is that of the group. */
		ASSERT_EQ(0, attach_ret(fd[(i + 1) % LISTENERS], i));
		ASSERT_TRUE(connect_many(variant->family, 4));
		EXPECT_EQ(4, accepted(fd[i]));
	}
}

TEST_F(reuseport, program_that_chooses_nobody_leaves_it_to_the_hash)
{
	int fd[LISTENERS], i, n, sum = 0;

	ASSERT_TRUE(group(variant->family, fd));
	ASSERT_EQ(0, attach_ret(fd[0], LISTENERS));
	ASSERT_TRUE(connect_many(variant->family, MANY));
	for (i = 0; i < LISTENERS; i++) {
		n = accepted(fd[i]);
		EXPECT_LT(0, n);
		sum += n;
	}
	EXPECT_EQ(MANY, sum);
}

TEST_F(reuseport, program_can_be_detached)
{
	int fd[LISTENERS], i, none = 0;

	ASSERT_TRUE(group(variant->family, fd));
	EXPECT_ERRNO(ENOENT, set(fd[0], SO_DETACH_REUSEPORT_BPF, 0));
	ASSERT_EQ(0, attach_ret(fd[0], 0));
	ASSERT_EQ(0, set(fd[1], SO_DETACH_REUSEPORT_BPF, 0));
	ASSERT_TRUE(connect_many(variant->family, MANY));
	for (i = 0; i < LISTENERS; i++)
		none += !accepted(fd[i]);
	EXPECT_EQ(0, none);
}

TEST_F(reuseport, program_is_refused_without_so_reuseport)
{
	EXPECT_ERRNO(EINVAL, attach_ret(test_socket(variant->family, 0), 0));
}

/* One that has a program before it is bound is a group of its own. */
TEST_F(reuseport, program_attached_first_keeps_out_of_others_groups)
{
	struct sockaddr_storage addr = test_loopback(variant->family, PORT);
	int fd = test_socket(variant->family, 0);

	ASSERT_LE(0, member(variant->family));
	ASSERT_EQ(0, set(fd, SO_REUSEPORT, 1));
	ASSERT_EQ(0, attach_ret(fd, 0));
	EXPECT_ERRNO(EADDRINUSE, bind(fd, (struct sockaddr *)&addr,
				      test_addrlen(variant->family)));
}

TEST_F(reuseport, group_takes_its_first_members_program)
{
	int fd[2];

	ASSERT_LE(0, (fd[0] = member_unlistening(variant->family)));
	ASSERT_EQ(0, attach_ret(fd[0], 1));
	ASSERT_EQ(0, listen(fd[0], MANY));
	ASSERT_LE(0, (fd[1] = member(variant->family)));
	ASSERT_TRUE(connect_many(variant->family, 8));
	EXPECT_EQ(8, accepted(fd[1]));
}

/* r0 = @index; exit */
static int load_program(unsigned int index)
{
	struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = index },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insn_cnt = 2,
		.insns = (uintptr_t)code,
		.license = (uintptr_t) "GPL",
	};

	return syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

TEST_F(reuseport, extended_program_chooses_the_listener)
{
	int fd[LISTENERS], prog = load_program(2);

	if (prog < 0)
		SKIP(return, "this kernel loads no BPF programs");
	ASSERT_TRUE(group(variant->family, fd));
	ASSERT_EQ(0, setsockopt(fd[0], SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF,
				&prog, sizeof(prog)));
	ASSERT_TRUE(connect_many(variant->family, 8));
	EXPECT_EQ(8, accepted(fd[2]));
}

TEST_F(reuseport, listener_of_this_processor_is_preferred)
{
	int fd[LISTENERS], i;
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(0, &cpu);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(cpu), &cpu));
	ASSERT_TRUE(group(variant->family, fd));
	for (i = 0; i < LISTENERS; i++)
		ASSERT_EQ(0, set(fd[i], SO_INCOMING_CPU, i == 2 ? 0 : 77));
	ASSERT_TRUE(connect_many(variant->family, 8));
	EXPECT_EQ(8, accepted(fd[2]));
}

/* Without groups: what a listener asks for counts */

static int listener_of(int family, struct sockaddr_storage addr, bool device)
{
	int fd = test_socket(family, SOCK_NONBLOCK);

	if (set(fd, SO_REUSEPORT, 1) ||
	    (device && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2)) ||
	    bind(fd, (struct sockaddr *)&addr, test_addrlen(family)) ||
	    listen(fd, MANY))
		return -1;
	return fd;
}

TEST_F(reuseport, listener_with_the_address_goes_before_one_with_the_device)
{
	struct sockaddr_storage any = test_any(variant->family, PORT);
	struct sockaddr_storage lo = test_loopback(variant->family, PORT);
	int exact, device, both, wide;

	ASSERT_LE(0, (wide = listener_of(variant->family, any, false)));
	ASSERT_TRUE(connect_many(variant->family, 2));
	EXPECT_EQ(2, accepted(wide));
	ASSERT_LE(0, (device = listener_of(variant->family, any, true)));
	ASSERT_TRUE(connect_many(variant->family, 2));
	EXPECT_EQ(2, accepted(device));
	ASSERT_LE(0, (exact = listener_of(variant->family, lo, false)));
	ASSERT_TRUE(connect_many(variant->family, 2));
	EXPECT_EQ(2, accepted(exact));
	ASSERT_LE(0, (both = listener_of(variant->family, lo, true)));
	ASSERT_TRUE(connect_many(variant->family, 2));
	EXPECT_EQ(2, accepted(both));
	/* The order in which they came does not matter. */
	close(both);
	ASSERT_LE(0, listener_of(variant->family, any, true));
	ASSERT_TRUE(connect_many(variant->family, 2));
	EXPECT_EQ(2, accepted(exact));
}

TEST_MAIN
