// SPDX-License-Identifier: GPL-2.0
/*
 * How well the engine uses a link, and how evenly its flows share it: over a
 * grid of round-trip times, buffers, losses and numbers of flows. All in
 * virtual time and in integers, so that each machine prints the same table.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "observe.h"
#include "profile.h"

#define RATE	 1250000 /* octets per second: 10 Mbit/s */
#define LASTS_US (20 * ATCP_USEC_PER_SEC)
#define RUNS	 3 /* seeds that a cell is the mean of */

static const u32 rtts_ms[] = { 2, 20, 100 };
static const u32 buffers[] = { 1, 4, 16 };    /* quarters of RATE x RTT */
static const u32 losses[] = { 0, 1, 10, 30 }; /* of 1000 segments */
static const u32 flows[] = { 1, 4, 16 };

#define LINES (ARRAY_SIZE(rtts_ms) * ARRAY_SIZE(buffers) * ARRAY_SIZE(losses))

/**
 * struct cell - what came of some flows
 * @goodput: octets that arrived, per cent of what the link could carry
 * @fairness: Jain's index in per cent: 100 if all flows got the same
 * @again: retransmissions, of 1000 segments
 */
struct cell {
	u32 goodput;
	u32 fairness;
	u32 again;
};

/**
 * struct line - the cells of one link
 * @cell: by number of flows
 * @wrong: what did not hold, if not all did
 */
struct line {
	struct cell cell[ARRAY_SIZE(flows)];
	char wrong[400];
};

static void describe_link(struct sim_link *l, u32 rtt_ms, u32 buffer, u32 loss)
{
	u32 product = RATE / 1000 * rtt_ms;

	*l = (struct sim_link){
		.loss = loss,
		.delay_us = rtt_ms * ATCP_USEC_PER_MSEC / 2,
		.rate = RATE,
		/* A router has room for two segments at least. */
		.queue = max(product * buffer / 4, 3000U),
	};
}

/* One writes all the time, the other reads for LASTS_US. */
static void describe_flow(struct sim_conn *c, struct rng *r)
{
	static const struct sim_side side = {
		.write_most = 65536,
		.read_most = 1 << 20,
		.sndbuf = 1 << 20,
		.rcvbuf = 1 << 20,
		.think_us = 100,
		.leave = SIM_LEAVE_STAY,
		.advmss = 1460,
		.wscale = 7,
		.options = ATCP_OPT_TS | ATCP_OPT_SACK_OK | ATCP_OPT_WSCALE,
		.burst = 2,
	};
	unsigned int end;

	*c = (struct sim_conn){ .start_us = 1 + below(r, 100000),
				.side = { side, side } };
	for (end = 0; end < 2; end++) {
		c->side[end].iss = rng_next(r);
		c->side[end].ts_offset = rng_next(r);
	}
	c->side[0].octets = 1 << 30;
	c->side[0].patience_us = LASTS_US + ATCP_USEC_PER_SEC;
	c->side[1].patience_us = LASTS_US;
}

static void describe(struct sim_scenario *s, u32 nth, u32 nr_flows, u64 seed)
{
	u32 loss = losses[nth % ARRAY_SIZE(losses)];
	u32 buffer = buffers[nth / ARRAY_SIZE(losses) % ARRAY_SIZE(buffers)];
	u32 rtt = rtts_ms[nth / ARRAY_SIZE(losses) / ARRAY_SIZE(buffers)];
	struct rng r;

	memset(s, 0, sizeof(*s));
	rng_seed(&r, seed);
	s->seed = seed;
	draw_hosts(s, &r, 2);
	describe_link(&s->path[0].link[0], rtt, buffer, loss);
	/* What comes back has a queue of its own and is never lost. */
	describe_link(&s->path[0].link[1], rtt, 16, 0);
	for (; s->nr_conns < nr_flows; s->nr_conns++)
		describe_flow(&s->conn[s->nr_conns], &r);
	scenario_finish(s);
}

/* What arrived, in per cent of what the link could have carried meanwhile. */
static u32 goodput_of(const struct sim_result *r, u32 n)
{
	u64 octets = 0, begin = ~0ULL, end = 0;
	u32 i;

	for (i = 0; i < n; i++) {
		const struct sim_conn_result *c = &r->conn[i];

		octets += c->octets[1];
		begin = min(begin, c->first_us[1]);
		end = max(end, c->last_us[1]);
	}
	return octets * 100 * ATCP_USEC_PER_SEC / (end - begin + 1) / RATE;
}

/* Jain's index: (sum of x)^2 / (n * sum of x^2), in per cent. */
static u32 fairness_of(const struct sim_result *r, u32 n)
{
	u64 sum = 0, squares = 0;
	u32 i;

	for (i = 0; i < n; i++) {
		u64 x = r->conn[i].octets[1] / 1000;

		sum += x;
		squares += x * x;
	}
	return squares ? sum * sum * 100 / (n * squares) : 0;
}

static bool measure(struct cell *cell, u32 nth, u32 nr_flows,
		    struct store *store, char *wrong)
{
	struct sim_scenario *s = malloc(sizeof(*s));
	struct sim_result *r = malloc(sizeof(*r));
	struct sim_watch watch = { 0 };
	u64 goodput = 0, fairness = 0, segments = 0, again = 0;
	bool good = true;
	u32 run;

	for (run = 0; run < RUNS && good; run++) {
		describe(s, nth, nr_flows, run + 1);
		good = world_run(s, &watch, store, r);
		goodput += goodput_of(r, nr_flows);
		fairness += fairness_of(r, nr_flows);
		segments += r->count[SIM_SEGMENTS];
		again += r->count[SIM_AGAIN];
	}
	if (!good)
		strcpy(wrong, r->wrong);
	*cell = (struct cell){
		.goodput = goodput / RUNS,
		.fairness = fairness / RUNS,
		.again = segments ? again * 1000 / segments : 0,
	};
	free(s);
	free(r);
	return good;
}

static void work(struct line *lines, u32 first, u32 step)
{
	struct store *store = store_new();
	u32 nth, i;

	for (nth = first; nth < LINES; nth += step)
		for (i = 0; i < ARRAY_SIZE(flows); i++)
			if (!measure(&lines[nth].cell[i], nth, flows[i], store,
				     lines[nth].wrong))
				exit(1);
	store_free(store);
	exit(0);
}

static void print_head(void)
{
	u32 i;

	printf("# Goodput, fairness and retransmissions of flows over one link of 10 Mbit/s.\n"
	       "# Made by: make grid UPDATE=1. Columns, for each number of flows: octets that\n"
	       "# arrived (%% of the link's), Jain's index of how evenly (%%), segments sent again\n"
	       "# (of 1000). 96 %% of the link is all there is: the rest are headers.\n"
	       "#\n"
	       "# RTT  buffer    loss");
	for (i = 0; i < ARRAY_SIZE(flows); i++)
		printf("  %2u flow%s    ", flows[i], flows[i] > 1 ? "s" : " ");
	printf("\n#  ms RTTxrate   %%  ");
	for (i = 0; i < ARRAY_SIZE(flows); i++)
		printf("  good fair rtx");
	putchar('\n');
}

static void print_line(u32 nth, const struct line *line)
{
	u32 loss = losses[nth % ARRAY_SIZE(losses)];
	u32 buffer = buffers[nth / ARRAY_SIZE(losses) % ARRAY_SIZE(buffers)];
	u32 i;

	printf("%5u %4u.%02u %6u.%u ",
	       rtts_ms[nth / ARRAY_SIZE(losses) / ARRAY_SIZE(buffers)],
	       buffer / 4, buffer % 4 * 25, loss / 10, loss % 10);
	for (i = 0; i < ARRAY_SIZE(flows); i++)
		printf("  %4u %4u %3u", line->cell[i].goodput,
		       line->cell[i].fairness, line->cell[i].again);
	putchar('\n');
}

int main(int argc, char **argv)
{
	u32 i, jobs = sysconf(_SC_NPROCESSORS_ONLN);
	struct line *lines;
	int status, bad = 0;

	if (argc > 1) {
		fprintf(argv[1][1] == 'h' ? stdout : stderr,
			"Usage: grid\n"
			"Prints a table of goodput and fairness; make grid compares it with snapshot.txt.\n");
		return strcmp(argv[1], "-h") ? 2 : 0;
	}
	lines = mmap(NULL, LINES * sizeof(*lines), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (lines == MAP_FAILED) {
		perror("grid: mmap");
		return 2;
	}
	for (i = 0; i < jobs; i++)
		if (!fork())
			work(lines, i, jobs);
	while (wait(&status) > 0)
		bad |= status;
	for (i = 0; i < LINES; i++)
		if (lines[i].wrong[0])
			fprintf(stderr, "grid: %s\n", lines[i].wrong);
	if (bad)
		return 1;
	print_head();
	for (i = 0; i < LINES; i++)
		print_line(i, &lines[i]);
	return 0;
}
