// SPDX-License-Identifier: GPL-2.0
/* What a test leaves in the kernel: see kernel.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel.h"
#include "testlib.h"

static int log_file = -1;

void kernel_mark(void)
{
	if (log_file < 0)
		log_file = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	lseek(log_file, 0, SEEK_END);
}

/* The beginnings of the reports that a healthy kernel never prints. */
static bool is_trouble(const char *line)
{
	static const char *const signs[] = {
		"BUG",
		"WARNING:",
		"Oops",
		"KASAN:",
		"UBSAN:",
		"INFO: ",
		"possible ",
		"inconsistent lock",
		"suspicious RCU",
		"bad unlock",
		"refcount_t: ",
		"leaked reference",
		"Objects remaining",
		"waiting for",
		"list_add ",
		"list_del ",
		"scheduling while",
		"sleeping function",
	};
	size_t i;

	for (i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		if (strstr(line, signs[i]))
			return true;
	}
	return false;
}

bool kernel_quiet(void)
{
	char record[8192], *text;
	bool quiet = true;
	ssize_t n;

	/* One record a call; EPIPE says that some were overwritten. */
	while ((n = read(log_file, record, sizeof(record) - 1)) > 0 ||
	       (n < 0 && errno == EPIPE)) {
		if (n < 0)
			continue;
		record[n] = 0;
		text = strchr(record, ';');
		if (!text || !is_trouble(text))
			continue;
		text[strcspn(text, "\n")] = 0;
		fprintf(stderr, "# the kernel says: %s\n", text + 1);
		quiet = false;
	}
	return quiet;
}

int module_unload(void)
{
	return syscall(SYS_delete_module, "atcp", O_NONBLOCK) ? -errno : 0;
}

bool module_unloads(void)
{
	int err = -EPERM;
	bool gone = WAIT_FOR((err = module_unload(), !err), PATIENCE_MS);

	if (gone)
		return true;
	fprintf(stderr, "# unloading: %s\n", strerror(-err));
	return false;
}

bool module_loaded(void)
{
	return !access("/sys/module/atcp", F_OK);
}

int module_users(void)
{
	char text[32];

	if (file_read("/sys/module/atcp/refcnt", text, sizeof(text)) < 0)
		return -1;
	return atoi(text);
}

/* Whether the file has a line that begins like this, in whatever case. */
static bool mentions(const char *path, const char *name)
{
	char line[512];
	bool found = false;
	FILE *file = fopen(path, "r");

	while (file && !found && fgets(line, sizeof(line), file))
		found = !strncasecmp(line, name, strlen(name));
	if (file)
		fclose(file);
	return found;
}

bool module_left_nothing(void)
{
	static const char *const files[] = { "/proc/slabinfo",
					     "/proc/net/protocols",
					     "/proc/modules" };
	bool clean = true;
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
		/* Newer kernels free a cache a moment later. */
		if (WAIT_FOR(!mentions(files[i], "atcp"), PATIENCE_MS))
			continue;
		fprintf(stderr, "# %s still has something of it\n", files[i]);
		clean = false;
	}
	return clean && access("/proc/net/atcp", F_OK) &&
	       access("/proc/sys/net/atcp", F_OK);
}
