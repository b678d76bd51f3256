// SPDX-License-Identifier: GPL-2.0
/*
 * Calls and segments made by chance, on several threads of two processes in
 * each of several namespaces, which come and go: chaos --help. See chaos.h
 * for what is repeatable.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../fault.h"
#include "../kernel.h"
#include "../testlib.h"
#include "chaos.h"

static struct {
	uint64_t seed;
	int seconds;
	int threads;
	int namespaces;
	bool verbose;
} options = { .seed = 1, .seconds = 60, .threads = 4, .namespaces = 2 };

/* How long a namespace lives, at most, and when it is taken to hang. */
#define LIFE_CALLS 6000
#define LIFE_US	   4000000ull
#define HANGS_US   60000000ull
#define PATIENCE_S 400ull

/* One of the namespaces that are there at the same time. */
struct life {
	int pid;
	unsigned int number;
	uint64_t since;
	int netns; /* descriptor of the namespace */
};

static struct ring *rings;
static uint64_t end_us;

static const struct call *const tables[] = { socket_calls, data_calls,
					     option_calls, segment_calls,
					     world_calls };

static const struct call *pick_call(struct chaos *c)
{
	static int total;
	const struct call *call;
	int left, sum = 0;
	size_t i;

	for (i = 0; !total && i < sizeof(tables) / sizeof(*tables); i++)
		for (call = tables[i]; call->name; call++)
			sum += call->weight;
	if (!total)
		total = sum;
	left = pick(c, total);
	for (i = 0;; i++) {
		for (call = tables[i]; call->name; call++) {
			left -= call->weight;
			if (left < 0)
				return call;
		}
	}
}

/* The next call has an allocation or a copy that fails, if it has so many. */
static void arm(struct chaos *c, unsigned int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nth);

	/* What is left of the last one may hit this very call. */
	while (c->nth_file >= 0 && pwrite(c->nth_file, text, len, 0) < 0 &&
	       errno == EFAULT)
		;
}

void chaos_run(struct chaos *c, int calls, uint64_t end)
{
	while (calls-- > 0 && now_us() < end) {
		const struct call *call = pick_call(c);
		unsigned int nth = once_in(c, 20) ? 1 + pick(c, 16) : 0;

		if (nth)
			arm(c, nth);
		call->make(c);
		if (nth)
			arm(c, 0);
	}
}

/* No call blocks for longer than this; a signal takes it out. */
static void start_ticks(void)
{
	struct itimerspec every = { { 0, 30000000 }, { 0, 30000000 } };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID,
				  .sigev_signo = SIGALRM };
	timer_t timer;

	event._sigev_un._tid = gettid();
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) ||
	    timer_settime(timer, 0, &every, NULL))
		perror("chaos: a thread's timer");
}

static void *thread_main(void *arg)
{
	struct chaos *c = arg;
	uint64_t life = now_us() + LIFE_US;

	start_ticks();
	c->nth_file = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	chaos_run(c, LIFE_CALLS, life < end_us ? life : end_us);
	return NULL;
}

/* Its buffer ends where memory ends. */
static uint8_t *make_buffer(void)
{
	uint8_t *buf = mmap(NULL, BUF_LEN + 4096, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mprotect(buf + BUF_LEN, 4096, PROT_NONE);
	return buf;
}

static void run_threads(struct space *space, struct ring *ring, int first,
			int last)
{
	pthread_t threads[64];
	struct chaos c[64];
	int i;

	for (i = first; i < last; i++) {
		c[i] = (struct chaos){ .ring = ring + i,
				       .space = space,
				       .buf = make_buffer(),
				       .verbose = options.verbose };
		c[i].random = options.seed * 1000003 +
			      (uint64_t)ring[i].namespace * 64 + i;
		/* Seeds that are close give streams that are not. */
		rnd(&c[i]);
		c[i].random ^= (uint64_t)rnd(&c[i]) << 32;
		if (pthread_create(&threads[i], NULL, thread_main, &c[i]))
			_exit(2);
	}
	for (i = first; i < last; i++)
		pthread_join(threads[i], NULL);
}

static void nothing(int sig)
{
	(void)sig;
}

/* A namespace from beginning to end. Its sockets end with it, mostly open. */
static void live(unsigned int number, struct ring *ring)
{
	struct sigaction tick = { .sa_handler = nothing };
	struct space space;
	int i, half = (options.threads + 1) / 2;

	sigaction(SIGALRM, &tick, NULL);
	for (i = 0; i < options.threads; i++) {
		ring[i].namespace = number;
		ring[i].thread = i;
	}
	if (space_create(&space, number)) {
		perror("chaos: a namespace with a TUN device");
		_exit(2);
	}
	if (!fork()) {
		i = space.pair[0];
		space.pair[0] = space.pair[1];
		space.pair[1] = i;
		run_threads(&space, ring, half, options.threads);
		_exit(0);
	}
	run_threads(&space, ring, 0, half);
	/* The children are nobody's concern, so this waits for all of them. */
	while (wait(NULL) > 0 || errno == EINTR)
		;
	_exit(0);
}

static void show_rings(void)
{
	int i, total = options.threads * options.namespaces;

	for (i = 0; i < total; i++) {
		struct ring *r = &rings[i];
		uint64_t n = r->calls < RING_LINES ? 0 :
						     r->calls - RING_LINES + 1;

		printf("# the last calls of thread %u in namespace %u:\n",
		       r->thread, r->namespace);
		for (; n <= r->calls; n++)
			printf("#   %llu %s\n", (unsigned long long)n,
			       r->line[n % RING_LINES]);
	}
}

static uint64_t all_calls(void)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < options.threads * options.namespaces; i++)
		sum += rings[i].calls;
	return sum;
}

/* Namespaces whose sockets outlive their processes: orphans, that is. */
#define MOST_LEFT 4096
static struct {
	int netns;
	unsigned int number;
} left[MOST_LEFT];
static int lefts;
static int home;
static int pinned; /* references that the socket we hold is */

/* How many sockets a namespace has; with @show, which. */
static int sockets_of(int netns, bool show)
{
	static struct proc_row rows[1024];
	int i, n, count = 0;

	if (setns(netns, CLONE_NEWNET))
		return 0;
	n = proc_rows(AF_INET, rows, 1024);
	/* Records in TIME-WAIT and SYN-RECEIVED go with the namespace. */
	for (i = 0; i < n; i++) {
		if (rows[i].state == ST_TIME_WAIT ||
		    rows[i].state == ST_SYN_RECEIVED)
			continue;
		count++;
		if (show)
			printf("#   %s %s:%u - %s:%u, to send %u, timer %u in %u\n",
			       state_name(rows[i].state), rows[i].local,
			       rows[i].lport, rows[i].remote, rows[i].rport,
			       rows[i].tx_queue, rows[i].timer, rows[i].when);
	}
	if (setns(home, CLONE_NEWNET))
		exit(2);
	return count;
}

/* Its processes are gone. It goes, too, unless sockets keep it. */
static void leave(struct life *l)
{
	if (test_is_atcp() && lefts < MOST_LEFT &&
	    sockets_of(l->netns, false)) {
		left[lefts].netns = l->netns;
		left[lefts++].number = l->number;
	} else {
		close(l->netns);
	}
}

/* Forgets those that have none any more; how many sockets there are. */
static int count_left(bool show)
{
	int i, n, keep = 0, sum = 0;

	for (i = 0; i < lefts; i++) {
		if (show)
			printf("# namespace %u:\n", left[i].number);
		n = sockets_of(left[i].netns, show);
		sum += n;
		if (n)
			left[keep++] = left[i];
		else
			close(left[i].netns);
	}
	lefts = keep;
	return sum;
}

static bool begin(struct life *l, int index, unsigned int number)
{
	fflush(stdout);
	l->number = number;
	l->since = now_us();
	/* Allocations fail here, too: the next round tries again. */
	if (unshare(CLONE_NEWNET))
		return errno == ENOMEM;
	l->netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	l->pid = fork();
	if (!l->pid)
		live(number, rings + index * options.threads);
	return !setns(home, CLONE_NEWNET) && l->pid > 0;
}

/*
 * A signal's frame is copied to the stack, and a copy that fails, as some are
 * made to, ends the process so.
 */
static bool copy_failed(int status)
{
	return fault_available() && WIFSIGNALED(status) &&
	       WTERMSIG(status) == SIGSEGV;
}

/* Whether all is well with it; a new one takes its place until the end. */
static bool look_after(struct life *l, int index, unsigned int *next)
{
	int status;
	int pid = l->pid ? waitpid(l->pid, &status, WNOHANG) : 0;

	if (pid == l->pid) {
		if (pid && status && !copy_failed(status)) {
			printf("# namespace %u ended with status %#x\n",
			       l->number, status);
			return false;
		}
		if (pid)
			leave(l);
		l->pid = 0;
		return now_us() >= end_us || begin(l, index, (*next)++);
	}
	if (now_us() - l->since < HANGS_US)
		return true;
	printf("# namespace %u hangs\n", l->number);
	kill(l->pid, SIGKILL);
	return false;
}

/* Now and then allocations fail anywhere in the module, in softirqs, too. */
static void change_memory(unsigned int second)
{
	static const int rates[] = { 0, 0, 2, 0, 20, 0, 0, 1, 0, 0 };

	if (fault_available())
		fault_rate(rates[second % 10]);
}

static void progress(uint64_t start, unsigned int namespaces)
{
	unsigned int s = (now_us() - start) / 1000000;
	unsigned long long calls = all_calls();

	printf("# %u of %d s: %llu calls (%llu/s), %u namespaces\n", s,
	       options.seconds, calls, calls / (s ? s : 1), namespaces);
	fflush(stdout);
}

static bool run(void)
{
	struct life *lives = calloc(options.namespaces, sizeof(*lives));
	uint64_t start = now_us(), second = 0;
	unsigned int next = 0;
	bool good = true, busy = true;
	int i;

	end_us = start + options.seconds * 1000000ull;
	while (good && busy) {
		busy = false;
		for (i = 0; good && i < options.namespaces; i++) {
			good = look_after(&lives[i], i, &next);
			busy |= lives[i].pid > 0 || now_us() < end_us;
		}
		good = good && kernel_quiet();
		usleep(20000);
		if ((now_us() - start) / 1000000 == second)
			continue;
		second = (now_us() - start) / 1000000;
		change_memory(second);
		if (second % 10 == 0)
			progress(start, next);
	}
	progress(start, next);
	free(lives);
	return good;
}

/* What the namespaces had is gone but for the one socket that we hold. */
static bool all_gone(void)
{
	uint64_t start = now_us(), told = start;
	int n;

	/*
	 * An orphan that nobody answers takes 100 s to give up, and one whose
	 * time-out was backed off to 120 s by then waits for two of these.
	 */
	while (((n = count_left(false)) || module_users() > pinned) &&
	       now_us() - start < PATIENCE_S * 1000000ull) {
		usleep(100000);
		if (now_us() - told < 10000000)
			continue;
		told = now_us();
		printf("# %d orphans are on their way out; up to %llu s to go\n",
		       n,
		       PATIENCE_S -
			       (unsigned long long)(told - start) / 1000000);
		fflush(stdout);
	}
	if (!n && module_users() <= pinned)
		return true;
	printf("# something keeps %d references to the module\n",
	       module_users() - pinned);
	count_left(true);
	return false;
}

static void usage(void)
{
	printf("usage: chaos [--seed N] [--seconds S] [--threads T] [--namespaces N]\n"
	       "             [--verbose]\n"
	       "\n"
	       "Makes calls and segments by chance on T threads (4) in each of N network\n"
	       "namespaces (2), which last a few seconds each, for S seconds (60) in all, and\n"
	       "watches the kernel's log. Run it in the VM:\n"
	       "  scripts/vm --kernel debug --smp 2 -- build/selftests/chaos/chaos --seed 7\n"
	       "\n"
	       "The same seed asks for the same calls on each thread; how threads mix is not\n"
	       "repeatable. When something is wrong, the last calls of each thread are shown;\n"
	       "--verbose has each call in the kernel's log beforehand, for one that panics.\n"
	       "ATCP_TEST_PROTO=6 does the same to the kernel's own TCP.\n");
}

static int number(const char *text, int most)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*end || n < 1 || n > most) {
		fprintf(stderr, "chaos: '%s' is no number from 1 to %d\n", text,
			most);
		exit(2);
	}
	return n;
}

static void parse(int argc, char **argv)
{
	static const struct option known[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "seconds", required_argument, NULL, 'S' },
		{ "threads", required_argument, NULL, 't' },
		{ "namespaces", required_argument, NULL, 'n' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "h", known, NULL)) != -1) {
		switch (opt) {
		case 's':
			options.seed = number(optarg, 1 << 30);
			break;
		case 'S':
			options.seconds = number(optarg, 1 << 20);
			break;
		case 't':
			options.threads = number(optarg, 64);
			break;
		case 'n':
			options.namespaces = number(optarg, 16);
			break;
		case 'v':
			options.verbose = true;
			break;
		case 'h':
			usage();
			exit(0);
		default:
			usage();
			exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	int pin;
	bool good;

	parse(argc, argv);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGIO, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	printf("TAP version 13\n1..1\n");
	pin = test_socket(AF_INET, 0);
	if (pin < 0) {
		printf("Bail out! socket: %s (is atcp.ko loaded?)\n",
		       strerror(errno));
		return 1;
	}
	rings = mmap(NULL,
		     sizeof(*rings) * options.threads * options.namespaces,
		     PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	pinned = module_users();
	kernel_mark();
	good = run();
	if (fault_available())
		fault_off();
	file_write("/sys/kernel/tracing/events/enable", "0");
	if (!good)
		show_rings();
	good = good && (!test_is_atcp() || all_gone());
	close(pin);
	printf("%s 1 chaos seed %llu: %llu calls\n", good ? "ok" : "not ok",
	       (unsigned long long)options.seed,
	       (unsigned long long)all_calls());
	return !good;
}
