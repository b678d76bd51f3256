// SPDX-License-Identifier: GPL-2.0
/* What happens around sockets: settings, devices, files, events, the module. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <linux/if_tun.h>
#include <net/if.h>

#include "../testlib.h"
#include "chaos.h"

#define DEVICE "chaos"

#define NETEM	 "netem limit 500 delay 2ms 2ms loss 5% duplicate 3%"
#define BAD_PATH "tc qdisc add dev lo root " NETEM

static void list_sysctls(struct space *s)
{
	const char *dir = test_is_atcp() ? "/proc/sys/net/atcp" :
					   "/proc/sys/net/ipv4";
	const char *prefix = test_is_atcp() ? "" : "tcp_";
	struct dirent *entry;
	DIR *files = opendir(dir);

	while (files && (entry = readdir(files))) {
		const char *name = entry->d_name;

		if (s->sysctls == NAMES || *name == '.' ||
		    strncmp(name, prefix, strlen(prefix)))
			continue;
		snprintf(s->sysctl[s->sysctls++], sizeof(s->sysctl[0]), "%s",
			 name + strlen(prefix));
	}
	if (files)
		closedir(files);
	/* In what order a directory has its files is nobody's promise. */
	qsort(s->sysctl, s->sysctls, sizeof(s->sysctl[0]),
	      (int (*)(const void *, const void *))strcmp);
}

static int set_device(const char *name, unsigned long ask, struct ifreq *ifr)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), ret;

	snprintf(ifr->ifr_name, sizeof(ifr->ifr_name), "%s", name);
	ret = ioctl(fd, ask, ifr);
	close(fd);
	return ret;
}

static int device_up(const char *name, bool up)
{
	struct ifreq ifr = { .ifr_flags = up ? IFF_UP | IFF_RUNNING : 0 };

	return set_device(name, SIOCSIFFLAGS, &ifr);
}

static int open_tun(void)
{
	struct ifreq ifr = { .ifr_name = DEVICE,
			     .ifr_flags = IFF_TUN | IFF_NO_PI };
	struct sockaddr_in *sin = (struct sockaddr_in *)&ifr.ifr_addr;
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr))
		return -1;
	memset(&ifr, 0, sizeof(ifr));
	sin->sin_family = AF_INET;
	sin->sin_addr.s_addr = htonl(0xc0000201);
	if (set_device(DEVICE, SIOCSIFADDR, &ifr))
		return -1;
	sin->sin_addr.s_addr = htonl(0xffffff00);
	if (set_device(DEVICE, SIOCSIFNETMASK, &ifr) || device_up(DEVICE, true))
		return -1;
	return fd;
}

int space_create(struct space *s, unsigned int seed)
{
	int i;

	memset(s, 0, sizeof(*s));
	for (i = 0; i < SLOTS; i++)
		s->slot[i] = -1;
	pthread_mutex_init(&s->lock, NULL);
	if (device_up("lo", true))
		return -1;
	/* In each third one segments are lost, late and doubled. */
	if (seed % 3 == 0 && system(BAD_PATH))
		return -1;
	list_sysctls(s);
	s->tun = open_tun();
	s->raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	s->sniffer =
		socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_IP));
	if (s->tun < 0 || s->raw < 0 || s->sniffer < 0 || !s->sysctls ||
	    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, s->pair))
		return -1;
	return 0;
}

static void make_sysctl(struct chaos *c)
{
	struct space *s = c->space;
	const char *name = s->sysctl[pick(c, s->sysctls)];
	char value[128];

	switch (pick(c, 12)) {
	case 0:
		fill(c, value, sizeof(value) - 1);
		value[pick(c, sizeof(value))] = 0;
		value[sizeof(value) - 1] = 0;
		break;
	case 1:
		snprintf(value, sizeof(value), "%s",
			 once_in(c, 2) ? "reno" : "cubic");
		break;
	case 2:
		snprintf(value, sizeof(value), "%d %d %d", pick_int(c),
			 pick_int(c), pick_int(c));
		break;
	case 3:
		snprintf(value, sizeof(value), "%d%03d%09d", pick_int(c),
			 pick(c, 1000), pick(c, 1000000000));
		break;
	default:
		snprintf(value, sizeof(value), "%d",
			 once_in(c, 2) ? pick_int(c) : (int)pick(c, 4));
	}
	/* Orphans should end before the run does. */
	if (!strcmp(name, "fin_timeout") || !strcmp(name, "orphan_retries"))
		snprintf(value, sizeof(value), "%d", pick(c, 3) - 1);
	else if (!strcmp(name, "rto_min_us"))
		snprintf(value, sizeof(value), "%d", pick_int(c) % 1000000);
	note(c, "sysctl %s = '%.40s'", name, value);
	noted(c, sysctl_write(name, value));
}

static void make_proc(struct chaos *c)
{
	static const char *const names[] = { "atcp",	 "atcp_stat", "tcp",
					     "sockstat", "protocols", "netstat",
					     "snmp" };
	char path[64];
	int fd, i, n = 0;

	snprintf(path, sizeof(path), "/proc/thread-self/net/%s",
		 names[pick(c, sizeof(names) / sizeof(*names))]);
	note(c, "read %s", path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	for (i = 0; i < 4; i++) {
		if (once_in(c, 4))
			lseek(fd, pick(c, 4000), SEEK_SET);
		n = read(fd, c->buf, 1 + pick(c, 5000));
	}
	close(fd);
	noted(c, n);
}

static void make_link(struct chaos *c)
{
	static const int mtus[] = { 68, 88, 256, 576, 1280, 1500, 9000, 65536 };
	const char *name = once_in(c, 2) ? "lo" : DEVICE;
	struct ifreq ifr = { .ifr_mtu = mtus[pick(c, 8)] };

	if (once_in(c, 2)) {
		note(c, "MTU of %s = %d", name, ifr.ifr_mtu);
		noted(c, set_device(name, SIOCSIFMTU, &ifr));
		return;
	}
	note(c, "%s goes down and up", name);
	device_up(name, false);
	if (once_in(c, 4))
		usleep(pick(c, 20000));
	noted(c, device_up(name, true));
}

#define EVENTS "/sys/kernel/tracing/"

static void make_trace(struct chaos *c)
{
	bool on = once_in(c, 3);
	int fd;

	note(c, "trace events %s", on ? "on" : "off");
	noted(c, file_write(test_is_atcp() ? EVENTS "events/atcp/enable" :
					     EVENTS "events/tcp/enable",
			    on ? "1" : "0"));
	fd = open(EVENTS "trace", O_RDONLY | O_CLOEXEC);
	if (read(fd, c->buf, 4096) < 0)
		errno = 0;
	close(fd);
}

/* Sockets are open, so this must not succeed; main() sees to the first. */
static void make_unload(struct chaos *c)
{
	note(c, "unload the module");
	noted(c, syscall(SYS_delete_module, "atcp", O_NONBLOCK));
}

const struct call world_calls[] = {
	{ "sysctl", 10, make_sysctl }, { "proc", 6, make_proc },
	{ "link", 3, make_link },      { "trace", 1, make_trace },
	{ "unload", 1, make_unload },  {}
};
