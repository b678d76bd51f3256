// SPDX-License-Identifier: GPL-2.0
/*
 * Memory for one run after the other. What a run gives back the next one takes,
 * since the sanitizers make malloc() and free() dear; while nobody has it, it is
 * poisoned, and so is a packet behind its last octet.
 */
#include <stdlib.h>
#include <sanitizer/asan_interface.h>
#include "../oracle/oracle.h"
#include "world.h"

/**
 * struct store - what no run uses now
 * @packets: packets
 * @socks: sockets
 * @records: range records
 * @world: the run, one at a time
 */
struct store {
	struct packet *packets;
	struct sock *socks;
	struct atcp_range *records;
	struct world world;
};

/**
 * store_new() - an empty store
 *
 * Return: the store, to be freed with store_free().
 */
struct store *store_new(void)
{
	return calloc(1, sizeof(struct store));
}

/**
 * store_free() - free all that runs have left
 * @store: the store
 */
void store_free(struct store *store)
{
	struct packet *p;
	struct sock *sk;
	struct atcp_range *r;

	while ((p = store->packets)) {
		ASAN_UNPOISON_MEMORY_REGION(p, sizeof(*p));
		store->packets = p->next;
		free(p);
	}
	while ((sk = store->socks)) {
		ASAN_UNPOISON_MEMORY_REGION(sk, sizeof(*sk));
		store->socks = sk->next;
		free(sk->check.kept.range);
		free(sk);
	}
	while ((r = store->records)) {
		ASAN_UNPOISON_MEMORY_REGION(r, sizeof(*r));
		store->records = r->next;
		free(r);
	}
	free(store);
}

/**
 * store_world() - where a run is kept
 * @store: the store
 *
 * Return: a world as the last run has left it.
 */
struct world *store_world(struct store *store)
{
	return &store->world;
}

/**
 * packet_new() - a packet to be filled
 * @w: the run
 *
 * Return: the packet; packet_free() takes it back.
 */
struct packet *packet_new(struct world *w)
{
	struct packet *p = w->store->packets;

	if (p) {
		ASAN_UNPOISON_MEMORY_REGION(p, sizeof(*p));
		w->store->packets = p->next;
	} else {
		p = malloc(sizeof(*p));
	}
	memset(p, 0, offsetof(struct packet, octets));
	p->world = w;
	w->nr_packets++;
	return p;
}

/**
 * packet_free() - a packet is not needed any more
 * @p: the packet
 */
void packet_free(struct packet *p)
{
	struct store *store = p->world->store;

	p->world->nr_packets--;
	p->next = store->packets;
	store->packets = p;
	ASAN_POISON_MEMORY_REGION(p, sizeof(*p));
}

/**
 * sock_alloc() - a socket, all zero
 * @w: the run
 *
 * Return: the socket; sock_free() takes it back.
 */
struct sock *sock_alloc(struct world *w)
{
	struct sock *sk = w->store->socks;
	struct kept kept = { 0 };

	if (sk) {
		ASAN_UNPOISON_MEMORY_REGION(sk, sizeof(*sk));
		w->store->socks = sk->next;
		kept = sk->check.kept;
	} else {
		sk = malloc(sizeof(*sk));
	}
	memset(sk, 0, sizeof(*sk));
	sk->check.kept = kept;
	sk->check.kept.count = 0;
	sk->world = w;
	sk->all = w->socks;
	w->socks = sk;
	w->nr_socks++;
	return sk;
}

/**
 * sock_free() - a socket is not needed any more
 * @sk: the socket, in no bucket and with no alarm set
 */
void sock_free(struct sock *sk)
{
	struct world *w = sk->world;
	struct sock **link = &w->socks;

	oracle_free(sk->oracle);
	while (*link != sk)
		link = &(*link)->all;
	*link = sk->all;
	w->nr_socks--;
	sk->next = w->store->socks;
	w->store->socks = sk;
	ASAN_POISON_MEMORY_REGION(sk, sizeof(*sk));
}

/**
 * record_new() - a range record
 * @w: the run
 *
 * Return: the record; record_free() takes it back.
 */
struct atcp_range *record_new(struct world *w)
{
	struct atcp_range *r = w->store->records;

	w->nr_records++;
	if (!r)
		return malloc(sizeof(*r));
	ASAN_UNPOISON_MEMORY_REGION(r, sizeof(*r));
	w->store->records = r->next;
	return r;
}

/**
 * record_free() - a range record is not needed any more
 * @w: the run
 * @r: the record
 */
void record_free(struct world *w, struct atcp_range *r)
{
	w->nr_records--;
	r->next = w->store->records;
	w->store->records = r;
	ASAN_POISON_MEMORY_REGION(r, sizeof(*r));
}
