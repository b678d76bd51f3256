// SPDX-License-Identifier: GPL-2.0
/* Who may share a port with whom: SO_REUSEADDR, SO_REUSEPORT, TIME-WAIT. */
#include <netinet/tcp.h>

#include "compare.h"

#define OTHERS "127.0.0.2"

enum {
	REUSEADDR = 1,
	REUSEPORT = 2
};

static const char *const reuse_names[] = { "none", "addr", "port", "both" };

static int new_socket(int reuse)
{
	int fd = test_socket(AF_INET, 0);

	if (fd < 0 || set_int(fd, SOL_SOCKET, SO_REUSEADDR, reuse & REUSEADDR))
		fail_case("socket");
	if (set_int(fd, SOL_SOCKET, SO_REUSEPORT, !!(reuse & REUSEPORT)))
		fail_case("SO_REUSEPORT");
	return fd;
}

/* What has the port already. */
static int hold_bound(int reuse, const char *host)
{
	int fd = new_socket(reuse);

	if (bind_in(fd, host, PORT))
		fail_case("bind");
	return fd;
}

static int hold_listening(int reuse, const char *host)
{
	int fd = hold_bound(reuse, host);

	if (listen(fd, 4))
		fail_case("listen");
	return fd;
}

/* The listener is gone, a connection of its port lasts. */
static int hold_accepted(int reuse, const char *host)
{
	int fd = hold_listening(reuse, host);

	if (test_connect(AF_INET, PORT) < 0 || accept(fd, NULL, NULL) < 0)
		fail_case("no connection");
	close(fd);
	return fd;
}

static int hold_time_wait(int reuse, const char *host)
{
	int listener = hold_listening(reuse, host);
	int client = test_connect(AF_INET, PORT), child;
	char byte;

	child = accept(listener, NULL, NULL);
	close(listener);
	close(child);
	if (read(client, &byte, 1) || close(client))
		fail_case("no connection");
	settle();
	return -1;
}

/* Both ends of a connection that was bound before. */
static int hold_connected(int reuse, const char *host)
{
	int listener = test_listen(AF_INET, PORT + 1, 4);
	int fd = hold_bound(reuse, host);

	if (listener < 0 || connect_in(fd, "127.0.0.1", PORT + 1))
		fail_case("no connection");
	return fd;
}

static const struct {
	const char *name;
	int (*enter)(int reuse, const char *host);
} holders[] = {
	{ "bound", hold_bound },	 { "listening", hold_listening },
	{ "accepted", hold_accepted },	 { "time_wait", hold_time_wait },
	{ "connected", hold_connected },
};

static const char *const hosts[] = { "127.0.0.1", "0.0.0.0", OTHERS };
static const char *const host_names[] = { "loopback", "any", "other" };

/* Every newcomer to a port that somebody holds. */
static void run_share(int which, int reuse)
{
	unsigned int host, newcomer, fd;
	char call[96];

	holders[which & 15].enter(reuse, hosts[which >> 4]);
	for (host = 0; host < ARRAY_LEN(hosts); host++) {
		for (newcomer = 0; newcomer < 4; newcomer++) {
			fd = new_socket(newcomer);
			snprintf(call, sizeof(call), "%s, %s", hosts[host],
				 reuse_names[newcomer]);
			if (!did(call, bind_in(fd, hosts[host], PORT)))
				did("  listen", listen(fd, 1));
			close(fd);
		}
	}
}

/* Two that share a port before either listens. */
static void run_listen_both(int reuse, int host)
{
	int a = new_socket(reuse), b = new_socket(reuse);
	int client, child;

	if (did("bind", bind_in(a, "127.0.0.1", PORT)) ||
	    did("bind", bind_in(b, hosts[host], PORT)))
		return;
	did("listen", listen(a, 1));
	did("listen", listen(b, 1));
	client = test_connect(AF_INET, PORT);
	did("connect", client < 0 ? client : 0);
	set_nonblock(a, true);
	set_nonblock(b, true);
	child = accept(a, NULL, NULL);
	if (child < 0)
		child = accept(b, NULL, NULL);
	did("accept by one of them", child < 0 ? child : 0);
	close(a);
	client = test_connect(AF_INET, PORT);
	did("connect without the first", client < 0 ? client : 0);
}

/* The option is set, or taken away, after bind(). */
static void run_late(int option, int value)
{
	int a = new_socket(value ? 0 : 3), b = new_socket(3);

	did("bind", bind_in(a, "127.0.0.1", PORT));
	did("set", set_int(a, SOL_SOCKET, option, value));
	did("bind", bind_in(b, "127.0.0.1", PORT));
	did("listen", listen(a, 1));
	did("listen", listen(b, 1));
}

static void run_other_user(int reuse, int b)
{
	int fd = hold_bound(reuse, "127.0.0.1");

	(void)fd;
	(void)b;
	did("seteuid", seteuid(65534));
	fd = new_socket(reuse);
	did("bind", bind_in(fd, "127.0.0.1", PORT));
	fd = new_socket(reuse);
	did("bind", bind_in(fd, "127.0.0.1", 80));
}

/* Connections from one local port. */
static void run_connect_from(int reuse, int host)
{
	int first = test_listen(AF_INET, PORT + 1, 4);
	int second = test_listen(AF_INET, PORT + 2, 4);
	int a = new_socket(reuse), b = new_socket(reuse), c = new_socket(reuse);

	if (first < 0 || second < 0)
		fail_case("listen");
	did("bind", bind_in(a, hosts[host], PORT));
	did("connect", connect_in(a, "127.0.0.1", PORT + 1));
	did("bind", bind_in(b, hosts[host], PORT));
	did("connect elsewhere", connect_in(b, "127.0.0.1", PORT + 2));
	did("bind", bind_in(c, hosts[host], PORT));
	did("connect to the same", connect_in(c, "127.0.0.1", PORT + 1));
	note_poll("the third", c);
	note_names(c);
	close(a);
	did("bind again", bind_in(c, hosts[host], PORT));
}

/* As many ports as there are, and one more. */
static void run_ports_end(int how, int reuse)
{
	int i, fd, listener = test_listen(AF_INET, PORT, 16);

	if (listener < 0 ||
	    file_write("/proc/sys/net/ipv4/ip_local_port_range", "50000 50003"))
		fail_case("ip_local_port_range");
	for (i = 0; i < 6; i++) {
		fd = new_socket(reuse);
		if (how == 0)
			did("bind", bind_in(fd, "127.0.0.1", 0));
		else if (how == 1)
			did("listen", listen(fd, 1));
		else
			did("connect", connect_in(fd, "127.0.0.1", PORT));
	}
	fd = new_socket(reuse);
	did("bind elsewhere", bind_in(fd, OTHERS, 0));
}

static void run_time_wait_connect(int reuse, int b)
{
	int fd;

	(void)b;
	hold_time_wait(reuse, "127.0.0.1");
	fd = new_socket(reuse);
	did("bind", bind_in(fd, "127.0.0.1", PORT));
	did("listen", listen(fd, 4));
	fd = test_connect(AF_INET, PORT);
	did("connect", fd < 0 ? fd : 0);
}

/* A socket that bind() gave an address only. */
static void run_no_port(int a, int b)
{
	int fd = new_socket(0), listener = test_listen(AF_INET, PORT, 4);

	(void)a;
	(void)b;
	did("IP_BIND_ADDRESS_NO_PORT",
	    set_int(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1));
	did("bind", bind_in(fd, OTHERS, 0));
	note_names(fd);
	did("bind again", bind_in(fd, OTHERS, 0));
	did("connect", connect_in(fd, "127.0.0.1", PORT));
	note_names(fd);
	did("accept", accept(listener, NULL, NULL) < 0);
}

static void run_device(int a, int b)
{
	int one = new_socket(0), two = new_socket(0);

	(void)a;
	(void)b;
	did("device", setsockopt(one, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	did("bind", bind_in(one, "127.0.0.1", PORT));
	did("bind", bind_in(two, "127.0.0.1", PORT));
	did("listen", listen(one, 1));
	did("connect", connect_in(new_socket(0), "127.0.0.1", PORT));
}

void add_cases(void)
{
	unsigned int holder, host, reuse;

	for (holder = 0; holder < ARRAY_LEN(holders); holder++)
		for (host = 0; host < 2; host++)
			for (reuse = 0; reuse < 4; reuse++)
				add_case(run_share, holder | host << 4, reuse,
					 "ports.%s_%s.reuse_%s",
					 holders[holder].name, host_names[host],
					 reuse_names[reuse]);
	for (reuse = 0; reuse < 4; reuse++) {
		for (host = 0; host < ARRAY_LEN(hosts); host++)
			add_case(run_listen_both, reuse, host,
				 "ports.listen_both_%s.reuse_%s",
				 host_names[host], reuse_names[reuse]);
		for (host = 0; host < 2; host++)
			add_case(run_connect_from, reuse, host,
				 "ports.connect_from_%s.reuse_%s",
				 host_names[host], reuse_names[reuse]);
		add_case(run_other_user, reuse, 0, "ports.other_user.reuse_%s",
			 reuse_names[reuse]);
		add_case(run_time_wait_connect, reuse, 0,
			 "ports.reopen_time_wait.reuse_%s", reuse_names[reuse]);
		add_case(run_ports_end, 0, reuse, "ports.all_bound.reuse_%s",
			 reuse_names[reuse]);
		add_case(run_ports_end, 1, reuse,
			 "ports.all_listening.reuse_%s", reuse_names[reuse]);
		add_case(run_ports_end, 2, reuse,
			 "ports.all_connected.reuse_%s", reuse_names[reuse]);
	}
	add_case(run_late, SO_REUSEADDR, 0, "ports.late.no_reuseaddr");
	add_case(run_late, SO_REUSEADDR, 1, "ports.late.reuseaddr");
	add_case(run_late, SO_REUSEPORT, 0, "ports.late.no_reuseport");
	add_case(run_late, SO_REUSEPORT, 1, "ports.late.reuseport");
	add_case(run_no_port, 0, 0, "ports.address_without_port");
	add_case(run_device, 0, 0, "ports.device");
}
