// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets of the three kinds. The namespaces "server" and "client" and the
 * veth pair between them were made by the script that starts us; a loopback
 * connection is made inside "server". A socket stays in the namespace where it
 * was made, so one process can have both ends.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../module/uapi/atcp.h"
#include "load.h"

#define PORT	    5000
#define BACKLOG	    4096
#define SERVER_VETH "10.0.0.1"
/* The server reaches these by way of the client, which has none of them. */
#define NOBODY 0x0a090000

static int server_netns, client_netns;

static int open_netns(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die("%s: %s; scripts/bench.d/guest makes it", path,
		    strerror(errno));
	return fd;
}

void net_init(void)
{
	server_netns = open_netns("/run/netns/server");
	client_netns = open_netns("/run/netns/client");
}

static void enter_server(void)
{
	if (setns(server_netns, CLONE_NEWNET))
		die("setns: %s", strerror(errno));
}

static void enter_client(enum path path)
{
	if (setns(path == PATH_VETH ? client_netns : server_netns,
		  CLONE_NEWNET))
		die("setns: %s", strerror(errno));
}

static int ip_protocol(enum kind kind)
{
	return kind == KIND_ATCP ? IPPROTO_ATCP : IPPROTO_TCP;
}

static int make_socket(enum kind kind)
{
	int fd, on = 1;

	if (kind == KIND_UNIX)
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
	else
		fd = socket(AF_INET, SOCK_STREAM, ip_protocol(kind));
	if (fd < 0)
		die("socket: %s; is atcp.ko loaded?", strerror(errno));
	if (kind != KIND_UNIX &&
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)))
		die("TCP_NODELAY: %s", strerror(errno));
	return fd;
}

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_un un;
};

static socklen_t server_address(struct link link, union address *a)
{
	static const char name[] = "\0atcp-bench";

	memset(a, 0, sizeof(*a));
	if (link.kind == KIND_UNIX) {
		a->un.sun_family = AF_UNIX;
		memcpy(a->un.sun_path, name, sizeof(name) - 1);
		return offsetof(struct sockaddr_un, sun_path) + sizeof(name) -
		       1;
	}
	a->in.sin_family = AF_INET;
	a->in.sin_port = htons(PORT);
	inet_pton(AF_INET, link.path == PATH_VETH ? SERVER_VETH : "127.0.0.1",
		  &a->in.sin_addr);
	return sizeof(a->in);
}

int server_listen(struct link link)
{
	union address a;
	socklen_t len = server_address(link, &a);
	int fd, on = 1;

	enter_server();
	fd = make_socket(link.kind);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, &a.any, len) || listen(fd, BACKLOG))
		die("listen: %s", strerror(errno));
	enter_client(link.path);
	return fd;
}

/* The caller is where server_listen() left it: in the client's namespace. */
int client_connect(struct link link)
{
	union address a;
	socklen_t len = server_address(link, &a);
	int fd = make_socket(link.kind);

	if (connect(fd, &a.any, len))
		die("connect: %s", strerror(errno));
	return fd;
}

void read_all(int fd, void *buf, size_t len)
{
	while (len) {
		ssize_t n = read(fd, buf, len);

		if (n <= 0)
			die("read: %s",
			    n ? strerror(errno) : "the connection ended");
		buf = (char *)buf + n;
		len -= n;
	}
}

void write_all(int fd, const void *buf, size_t len)
{
	while (len) {
		ssize_t n = write(fd, buf, len);

		if (n < 0)
			die("write: %s", strerror(errno));
		buf = (const char *)buf + n;
		len -= n;
	}
}

/* A SYN as Linux sends it. */
struct syn {
	struct iphdr ip;
	struct tcphdr tcp;
	uint8_t options[20];
} __attribute__((packed));

static uint32_t sum_words(const void *data, size_t len, uint32_t sum)
{
	const uint8_t *p = data;

	for (; len > 1; len -= 2, p += 2)
		sum += p[0] << 8 | p[1];
	return sum;
}

static void make_syn(struct syn *syn, struct link link, unsigned int number)
{
	static const uint8_t options[20] = { 2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0,
					     0, 1, 0, 0,    0, 0, 1, 3,	 3, 7 };
	uint32_t sum = ip_protocol(link.kind) + sizeof(*syn) - sizeof(syn->ip);

	memset(syn, 0, sizeof(*syn));
	syn->ip.version = 4;
	syn->ip.ihl = 5;
	syn->ip.ttl = 64;
	syn->ip.protocol = ip_protocol(link.kind);
	syn->ip.saddr = htonl(NOBODY + 1 + number);
	inet_pton(AF_INET, SERVER_VETH, &syn->ip.daddr);
	syn->tcp.source = htons(40000);
	syn->tcp.dest = htons(PORT);
	syn->tcp.seq = htonl(number);
	syn->tcp.doff = (sizeof(syn->tcp) + sizeof(options)) / 4;
	syn->tcp.syn = 1;
	syn->tcp.window = htons(64240);
	memcpy(syn->options, options, sizeof(options));
	sum = sum_words(&syn->ip.saddr, 8, sum);
	sum = sum_words(&syn->tcp, sizeof(syn->tcp) + sizeof(options), sum);
	sum = (sum & 0xffff) + (sum >> 16);
	syn->tcp.check = htons((uint16_t) ~(sum + (sum >> 16)));
}

/* From the client's namespace to the server's listener, each from an address
 * of its own that nobody has, so that nothing answers the SYN-ACK.
 */
void send_syns(struct link link, unsigned int count)
{
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct syn syn;
	unsigned int i;

	if (fd < 0)
		die("raw socket: %s", strerror(errno));
	inet_pton(AF_INET, SERVER_VETH, &to.sin_addr);
	for (i = 0; i < count; i++) {
		make_syn(&syn, link, i);
		if (sendto(fd, &syn, sizeof(syn), 0, (struct sockaddr *)&to,
			   sizeof(to)) != sizeof(syn))
			die("sendto: %s", strerror(errno));
	}
	close(fd);
}

/* Of both namespaces: how many connections are in this state. */
unsigned int count_state(struct link link, unsigned int state)
{
	const char *name = link.kind == KIND_ATCP ?
				   "/proc/thread-self/net/atcp" :
				   "/proc/thread-self/net/tcp";
	unsigned int count = 0, ends, got;
	char line[512];
	FILE *f;

	for (ends = 0; ends < (link.path == PATH_VETH ? 2 : 1); ends++) {
		if (ends)
			enter_server();
		f = fopen(name, "r");
		if (!f)
			die("%s: %s", name, strerror(errno));
		while (fgets(line, sizeof(line), f))
			if (sscanf(line, "%*s %*s %*s %x", &got) == 1 &&
			    got == state)
				count++;
		fclose(f);
	}
	enter_client(link.path);
	return count;
}
