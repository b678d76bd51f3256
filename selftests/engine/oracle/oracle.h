/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The oracle: is what one end of a connection does allowed by RFC 9293 and its
 * companions? It is told everything that can be seen of that end (event.h) and
 * keeps a TCP of its own beside it, written from the RFCs and as naive as can
 * be. README.md says what it looks at.
 */
#ifndef ATCP_ENGINE_ORACLE_H
#define ATCP_ENGINE_ORACLE_H

#include "../event.h"

struct oracle;

/**
 * oracle_new() - an oracle for one end of one connection, in CLOSED
 *
 * Return: the oracle, for oracle_free().
 */
struct oracle *oracle_new(void);

/**
 * oracle_event() - what happened next
 * @o: the oracle
 * @e: the event
 *
 * Events come in the order in which they happened. Those that the end brings
 * about (EVENT_SENDS, EVENT_STATE, EVENT_DELIVERED, EVENT_ACKED) follow, at the
 * same time, what they are the answer to: a segment, a call of the user's, or a
 * deadline, which is no event. When the next of those comes, the answer is
 * complete. EVENT_STATE, EVENT_DELIVERED and EVENT_ACKED may be left out of the
 * whole trace; if one is there at all, it must be there each time it changes.
 * All states passed through may be told, or the last one only.
 *
 * After the first objection there is no use in going on.
 *
 * Return: NULL, or what is wrong with it and by which section of which RFC;
 * valid until the next call.
 */
const char *oracle_event(struct oracle *o, const struct event *e);

/**
 * oracle_strict() - the RFCs to the letter
 * @o: the oracle, fresh from oracle_new()
 *
 * Where ATCP departs from them on purpose (exempt.c) it objects, too.
 */
void oracle_strict(struct oracle *o);

/**
 * oracle_free() - the trace has ended
 * @o: the oracle, or NULL
 */
void oracle_free(struct oracle *o);

#endif
