// SPDX-License-Identifier: GPL-2.0
/* Many runs: see farm.h. */
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include "farm.h"
#include "observe.h"
#include "trace.h"

#define JOBS_MAX 256

/* No run takes so long: it hangs. */
#define HANGS_S 60

/**
 * struct worker - one process, in memory that it shares with its parent
 * @pid: the process, 0 once it ended
 * @seed: what it runs
 * @since: when it began that, seconds
 * @count: sums over what it has run
 * @failed: @seed went wrong
 */
struct worker {
	pid_t pid;
	u64 seed;
	u64 since;
	u64 count[SIM_COUNT];
	bool failed;
};

/**
 * struct farm - all of them
 * @stop: they shall end
 * @worker: one for each process
 */
struct farm {
	bool stop;
	struct worker worker[JOBS_MAX];
};

static double seconds_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void *share(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("sim: mmap");
		exit(2);
	}
	return p;
}

static void work(const struct farm_order *order, struct farm *farm,
		 unsigned int nth)
{
	struct worker *worker = &farm->worker[nth];
	struct sim_scenario *s = malloc(sizeof(*s));
	struct sim_result *r = malloc(sizeof(*r));
	struct store *store = store_new();
	struct sim_watch watch = { 0 };
	u64 seed = order->first + nth;
	unsigned int i;

	for (; seed <= order->last && !READ_ONCE(farm->stop);
	     seed += order->jobs) {
		WRITE_ONCE(worker->since, seconds_now());
		WRITE_ONCE(worker->seed, seed);
		scenario_draw(s, order->profile, seed);
		if (!world_run(s, &watch, store, r)) {
			worker->failed = true;
			break;
		}
		for (i = 0; i < SIM_COUNT; i++)
			WRITE_ONCE(worker->count[i],
				   worker->count[i] + r->count[i]);
	}
	store_free(store);
	free(s);
	free(r);
	exit(worker->failed);
}

static void start(const struct farm_order *order, struct farm *farm)
{
	unsigned int i;

	fflush(stdout);
	for (i = 0; i < order->jobs; i++) {
		pid_t pid = fork();

		if (pid < 0) {
			perror("sim: fork");
			exit(2);
		}
		if (!pid)
			work(order, farm, i);
		farm->worker[i].pid = pid;
		farm->worker[i].since = seconds_now();
	}
}

/* A run of the worker's went wrong; of several, the smallest seed counts. */
static void fails(struct farm *farm, const struct worker *worker,
		  struct farm_harvest *harvest)
{
	if (!harvest->failed || worker->seed < harvest->seed)
		harvest->seed = worker->seed;
	harvest->failed = true;
	WRITE_ONCE(farm->stop, true);
}

/* Return: how many are still at work. */
static unsigned int look(const struct farm_order *order, struct farm *farm,
			 struct farm_harvest *harvest)
{
	double now = seconds_now();
	unsigned int i, busy = 0;
	int status;

	for (i = 0; i < order->jobs; i++) {
		struct worker *worker = &farm->worker[i];

		if (!worker->pid)
			continue;
		if (now - READ_ONCE(worker->since) > HANGS_S) {
			fprintf(stderr, "sim: seed %llu hangs\n",
				(unsigned long long)worker->seed);
			kill(worker->pid, SIGKILL);
			waitpid(worker->pid, &status, 0);
		} else if (waitpid(worker->pid, &status, WNOHANG) <= 0) {
			busy++;
			continue;
		}
		worker->pid = 0;
		if (!WIFEXITED(status) || WEXITSTATUS(status))
			fails(farm, worker, harvest);
	}
	return busy;
}

static void sum_up(const struct farm_order *order, const struct farm *farm,
		   struct farm_harvest *harvest)
{
	unsigned int i, k;

	memset(harvest->count, 0, sizeof(harvest->count));
	for (i = 0; i < order->jobs; i++)
		for (k = 0; k < SIM_COUNT; k++)
			harvest->count[k] +=
				READ_ONCE(farm->worker[i].count[k]);
}

/* How much of what was ordered is done, 0 to 1. */
static double done(const struct farm_order *order,
		   const struct farm_harvest *harvest)
{
	if (order->seconds)
		return harvest->seconds / order->seconds;
	if (order->connections)
		return (double)harvest->count[SIM_CONNECTIONS] /
		       order->connections;
	return 0;
}

static void progress(const struct farm_order *order,
		     const struct farm_harvest *harvest)
{
	double part = done(order, harvest), s = harvest->seconds;
	bool terminal = isatty(STDERR_FILENO);

	fprintf(stderr, "%s%llu connections, %.0f a second",
		terminal ? "\r\033[K" : "",
		(unsigned long long)harvest->count[SIM_CONNECTIONS],
		harvest->count[SIM_CONNECTIONS] / s);
	if (part > 0 && part < 1)
		fprintf(stderr, ", %.0f s left", s / part - s);
	if (!terminal || part >= 1)
		fputc('\n', stderr);
}

/**
 * farm_run() - run many scenarios
 * @order: what to run
 * @harvest: filled in
 *
 * Ends with the first that goes wrong: also one that crashes or hangs.
 */
void farm_run(const struct farm_order *order, struct farm_harvest *harvest)
{
	const struct timespec nap = { .tv_nsec = 20000000 };
	struct farm *farm = share(sizeof(*farm));
	double begin = seconds_now(), last = begin, now;
	double step = isatty(STDERR_FILENO) ? 1 : 10;

	*harvest = (struct farm_harvest){ 0 };
	start(order, farm);
	while (look(order, farm, harvest)) {
		nanosleep(&nap, NULL);
		now = seconds_now();
		harvest->seconds = now - begin;
		sum_up(order, farm, harvest);
		if (done(order, harvest) >= 1)
			WRITE_ONCE(farm->stop, true);
		if (order->quiet || now - last < step)
			continue;
		progress(order, harvest);
		last = now;
	}
	harvest->seconds = seconds_now() - begin;
	sum_up(order, farm, harvest);
	if (!order->quiet && !harvest->failed)
		progress(order, harvest);
	munmap(farm, sizeof(*farm));
}

/**
 * farm_explain() - say what went wrong with a seed
 * @order: what it was one of
 * @seed: the seed
 * @to: where to
 *
 * Runs it once more, in a process of its own since it may crash, and prints
 * the last lines of its trace.
 */
void farm_explain(const struct farm_order *order, u64 seed, FILE *to)
{
	bool usual = order->profile == profile_find(NULL);
	struct sim_result *r = share(sizeof(*r));
	struct trace *trace = share(sizeof(*trace));
	struct sim_watch watch = { .trace = trace };
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		struct sim_scenario *s = malloc(sizeof(*s));

		alarm(HANGS_S);
		if (!freopen("/dev/null", "w", stderr))
			_exit(2);
		scenario_draw(s, order->profile, seed);
		world_run(s, &watch, store_new(), r);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	fprintf(to, "The last lines of the trace of seed %llu:\n",
		(unsigned long long)seed);
	trace_last(trace, to);
	if (r->wrong[0])
		fprintf(to, "seed %llu: %s\n", (unsigned long long)seed,
			r->wrong);
	else
		fprintf(to, "seed %llu: the program crashed or hung\n",
			(unsigned long long)seed);
	fprintf(to, "Repeat it with: make sim SEED=%llu TRACE=-%s%s\n",
		(unsigned long long)seed,
		usual ? "" : " PROFILE=", usual ? "" : order->profile->name);
	munmap(r, sizeof(*r));
	munmap(trace, sizeof(*trace));
}
