/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two ends of a TCP connection and the wires between them, for the model
 * checker spin: every order of what users, wires and clocks can do, within the
 * bounds that a configuration sets (see README.md for those, and for how to
 * read a counterexample). Sections are RFC 9293's.
 *
 * One process picks the next event; what an end does about it is one step, as
 * in the engine, where an end's lock is held meanwhile. Numbers count modulo 16,
 * data is one octet or none, and each wire carries up to three segments.
 */
#include "transitions.h"

/* How often what may happen. A configuration overrides these with -D. */
#ifndef OPENS
#define OPENS 1		/* connections that each user opens */
#endif
#ifndef LOSSES
#define LOSSES 0	/* segments that the wires lose */
#endif
#ifndef REPEATS
#define REPEATS 0	/* segments that arrive twice */
#endif
#ifndef EARLY
#define EARLY 0		/* time-outs that come before their time */
#endif
#ifndef TRIES
#define TRIES 1		/* retransmissions before an end gives up */
#endif
#ifndef ABORTS
#define ABORTS 0	/* ABORT calls */
#endif
#ifndef CRASHES
#define CRASHES 0	/* ends that forget all they knew */
#endif
#ifndef ERRORS
#define ERRORS 0	/* ICMP errors, and times without memory */
#endif
#ifndef DATA
#define DATA 3		/* whose user may send an octet: bit 0, bit 1 */
#endif
#ifndef HALF_CLOSE
#define HALF_CLOSE 1	/* may users close one direction only? */
#endif
#ifndef QUIET_TIME
#define QUIET_TIME 1	/* does TIME-WAIT last until all old segments died? */
#endif
#ifndef RESETS
#define RESETS 1	/* is what fits no connection answered with a RST? */
#endif
#ifndef LIMIT
#define LIMIT 1		/* is what empty segments are answered with limited? */
#endif
#ifndef ANY_ISS
#define ANY_ISS 0	/* may any ISS follow TIME-WAIT, or only a later one? */
#endif
#ifndef ROLES
#define ROLES 3		/* bit 0: active OPENs by end 0; bit 1: by end 1 */
#endif
#ifndef OLD_SYNS
#define OLD_SYNS 0	/* SYNs of forgotten connections that show up */
#endif
#ifndef STAY
#define STAY 0		/* do users close only what both agree on? */
#endif

/* Numbers of the model's own for what the table names. */
#define ATCP_CLOSED 0
#define ATCP_LISTEN 1
#define ATCP_SYN_SENT 2
#define ATCP_SYN_RECEIVED 3
#define ATCP_ESTABLISHED 4
#define ATCP_FIN_WAIT_1 5
#define ATCP_FIN_WAIT_2 6
#define ATCP_CLOSE_WAIT 7
#define ATCP_CLOSING 8
#define ATCP_LAST_ACK 9
#define ATCP_TIME_WAIT 10

#define ATCP_CAUSE_PASSIVE_OPEN 0
#define ATCP_CAUSE_ACTIVE_OPEN 1
#define ATCP_CAUSE_RCV_SYN 2
#define ATCP_CAUSE_RCV_SYN_ACK 3
#define ATCP_CAUSE_RCV_ACK_OF_SYN 4
#define ATCP_CAUSE_RCV_FIN 5
#define ATCP_CAUSE_RCV_ACK_OF_FIN 6
#define ATCP_CAUSE_RCV_RST 7
#define ATCP_CAUSE_CLOSE 8
#define ATCP_CAUSE_ABORT 9
#define ATCP_CAUSE_RETRIES 10
#define ATCP_CAUSE_FIN_TIMEOUT 11
#define ATCP_CAUSE_2MSL 12
#define ATCP_CAUSE_REOPENED 13
#define ATCP_CAUSE_ICMP 14
#define ATCP_CAUSE_MEMORY 15

/*
 * The table, and how often the search took each arrow. This is C, which spin
 * copies into the checker, so that the count is no part of the model's state.
 */
c_decl {
	static struct {
		const char *name;
		unsigned char from, to, cause;
		unsigned long taken;
	} arrows[] = {
#define X(f, t, c) { #f " " #t " " #c, ATCP_##f, ATCP_##t, ATCP_CAUSE_##c, 0 },
		ATCP_TRANSITIONS(X)
#undef X
	};

	static int arrow_taken(int from, int to, int cause)
	{
		unsigned int i;

		for (i = 0; i < sizeof(arrows) / sizeof(arrows[0]); i++) {
			if (arrows[i].from != from || arrows[i].to != to ||
			    arrows[i].cause != cause)
				continue;
			arrows[i].taken++;
			return 1;
		}
		return 0;
	}

	__attribute__((destructor)) static void arrows_print(void)
	{
		unsigned int i;

		for (i = 0; i < sizeof(arrows) / sizeof(arrows[0]); i++)
			fprintf(stderr, "arrow %s %lu\n", arrows[i].name,
				arrows[i].taken);
	}
}

/* A segment in one number: what it is, SEG.SEQ, SEG.ACK, and of which of its
 * sender's connections. The last is for the checks only. 0 is no segment.
 */
#define SYN 1
#define ACK 2
#define FIN 4
#define RST 8
#define TEXT 16
#define SEGMENT(f, s, a, t) ((f) | (s) << 5 | (a) << 9 | (t) << 13)
#define MOD(n) ((n) & 15)
#define LESS(a, b) (MOD((a) - (b)) > 8)	/* in sequence space */

#define SLOTS 3		/* segments that a wire carries at most */
#define WINDOW 2	/* RCV.WND */

short wire[6];		/* SLOTS to each end, in no order but their size */

byte st[2] = ATCP_CLOSED;
byte iss[2], irs[2];
byte una[2], nxt[2];	/* SND.UNA, SND.NXT */
byte wr[2];		/* after the last that the user wants to send */
byte rcv[2];		/* RCV.NXT */
byte tries[2];		/* retransmissions since the last answer */
bool passive[2];	/* opened by listen() */
bool text[2];		/* the user sends an octet: it is ISS + 1 */
bool fin[2];		/* the user has closed: it is wr - 1 */
bool orphan[2];		/* ... both directions, and is gone */
bool answered[2];	/* an empty segment, since time last passed */
bool rested[2] = true;	/* nothing of the last connection is left */
byte opened[2];		/* connections begun; the current one's number */
byte peer[2];		/* the number of the peer's that this one is with */
byte lost, repeated, early, aborted, crashed, errors, old_syns;
bool over;

/* What one step works with; nothing of it outlives the step. */
hidden short seg, other;
hidden byte flags, seq, ack, tag, length, i, from, to, cause;
hidden byte owe, taken, legal;

#define me _pid
#define you (1 - _pid)
#define silent (!wire[0] && !wire[SLOTS])	/* no segment is on its way */
#define in_flight(e) (una[e] != nxt[e])
/* Neither a segment nor a time-out will come. */
#define still (silent && !in_flight(0) && !in_flight(1))
#define at_rest(e) (st[e] == ATCP_CLOSED || st[e] == ATCP_LISTEN)
#define agreed (st[0] == ATCP_ESTABLISHED && st[1] == ATCP_ESTABLISHED && \
		peer[0] == opened[1] && peer[1] == opened[0])
#define sending (st[me] == ATCP_ESTABLISHED || st[me] == ATCP_CLOSE_WAIT || \
		 st[me] == ATCP_FIN_WAIT_1 || st[me] == ATCP_CLOSING || \
		 st[me] == ATCP_LAST_ACK)
#define synchronised (sending || st[me] == ATCP_FIN_WAIT_2)
#define receiving (st[me] == ATCP_ESTABLISHED || st[me] == ATCP_FIN_WAIT_1 || \
		   st[me] == ATCP_FIN_WAIT_2)

inline move(s, c)
{
	from = st[me];
	to = s;
	cause = c;
	printf("move %d %d %d %d\n", me, from, to, cause);
	c_code { legal = arrow_taken(from, to, cause); };
	assert(legal);	/* transitions.h has no such arrow */
	st[me] = s;
	if
	:: to == ATCP_CLOSED ->
		/* Only the numbers that the next ISS must be beyond are kept. */
		una[me] = nxt[me];
		wr[me] = 0;
		iss[me] = 0;
		irs[me] = 0;
		rcv[me] = 0;
		tries[me] = 0;
		peer[me] = 0;
		passive[me] = false;
		text[me] = false;
		fin[me] = false;
		orphan[me] = false;
		answered[me] = false;
		rested[me] = false;
		owe = false;
	:: to == ATCP_TIME_WAIT -> tries[me] = 0
	:: else
	fi
}

/* Adds a segment to the peer's wire, whose slots are in descending order; what
 * falls out of a full one is lost, and comes again by retransmission.
 */
inline send(f, s, a)
{
	seg = SEGMENT(f, s, a, opened[me]);
	printf("send %d %d %d %d %d\n", me, f, s, a, opened[me]);
	i = you * SLOTS;
	do
	:: i < you * SLOTS + SLOTS ->
		if
		:: wire[i] < seg -> other = wire[i]; wire[i] = seg; seg = other
		:: else
		fi;
		i++
	:: else -> break
	od;
	i = 0
}

/* Sends what has number n, as the user wrote it. */
inline send_number(n)
{
	if
	:: n == iss[me] && st[me] == ATCP_SYN_SENT -> send(SYN, n, 0)
	:: n == iss[me] && st[me] != ATCP_SYN_SENT -> send(SYN + ACK, n, rcv[me])
	:: n != iss[me] && n == MOD(iss[me] + 1) && text[me] ->
		send(TEXT + ACK, n, rcv[me])
	:: else -> send(FIN + ACK, n, rcv[me])
	fi
}

/* After an event: all that may be sent now; it carries the ACK that is owed. */
inline output()
{
	do
	:: sending && nxt[me] != wr[me] ->
		send_number(nxt[me]);
		nxt[me] = MOD(nxt[me] + 1);
		owe = false
	:: else -> break
	od;
	if
	:: owe -> send(ACK, nxt[me], rcv[me])
	:: else
	fi;
	owe = false
}

/* 3.5.2: the answer to a segment that fits no connection. */
inline reset()
{
	if
	:: (flags & RST) || !RESETS
	:: RESETS && !(flags & RST) && (flags & ACK) -> send(RST, ack, 0)
	:: else -> send(RST + ACK, 0, MOD(seq + length))
	fi
}

/* A new connection's numbers; its ISS has been chosen. */
inline begin()
{
	una[me] = iss[me];
	nxt[me] = MOD(iss[me] + 1);
	wr[me] = nxt[me]
}

inline take_syn()
{
	irs[me] = seq;
	rcv[me] = MOD(seq + 1);
	peer[me] = tag
}

/* CLOSE that waited for the handshake, 3.10.4. */
inline established()
{
	tries[me] = 0;
	/* Both ends in ESTABLISHED agree on the numbers (figures 6 to 9). */
	assert(st[you] != ATCP_ESTABLISHED || crashed ||
	       (peer[me] == opened[you] && peer[you] == opened[me]));
	if
	:: fin[me] -> move(ATCP_FIN_WAIT_1, ATCP_CAUSE_CLOSE)
	:: else
	fi
}

/* 3.10.7.2 */
inline listen_arrives()
{
	if
	:: flags & RST
	:: !(flags & RST) && (flags & ACK) -> reset()
	:: !(flags & (RST + ACK)) && (flags & SYN) ->
		move(ATCP_SYN_RECEIVED, ATCP_CAUSE_RCV_SYN);
		take_syn();
		begin();
		send_number(iss[me])
	:: else
	fi
}

/* 3.10.7.3 */
inline syn_sent_arrives()
{
	if
	:: (flags & ACK) && ack != nxt[me] -> reset()
	:: !((flags & ACK) && ack != nxt[me]) && (flags & RST) ->
		if
		:: flags & ACK -> move(ATCP_CLOSED, ATCP_CAUSE_RCV_RST)
		:: else
		fi
	:: !((flags & ACK) && ack != nxt[me]) && !(flags & RST) && (flags & SYN) ->
		take_syn();
		if
		:: flags & ACK ->
			una[me] = ack;
			owe = true;
			move(ATCP_ESTABLISHED, ATCP_CAUSE_RCV_SYN_ACK);
			established()
		:: else ->
			move(ATCP_SYN_RECEIVED, ATCP_CAUSE_RCV_SYN);
			tries[me] = 0;
			send_number(iss[me])
		fi
	:: else
	fi
}

/* Says where we are. Two ends of which each finds what the other sends out of
 * place would do so for ever; so an empty segment is answered only now and then
 * (RFC 5961 section 7), here: once before time passes.
 */
inline say_again()
{
	if
	:: length || !answered[me] || !LIMIT ->
		owe = true;
		answered[me] = answered[me] || !length
	:: else
	fi
}

inline time_passes()
{
	answered[0] = false;
	answered[1] = false
}

/* 3.10.7.4 for TIME-WAIT, RFC 1337 and, for a listener's user, RFC 6191. */
inline time_wait_arrives()
{
	if
	:: flags == SYN && LESS(rcv[me], seq) && opened[me] < OPENS &&
	   !(ROLES & (1 << me)) ->
		other = MOD(nxt[me] + WINDOW + 1);
		move(ATCP_CLOSED, ATCP_CAUSE_REOPENED);
		move(ATCP_LISTEN, ATCP_CAUSE_PASSIVE_OPEN);
		iss[me] = other;
		passive[me] = true;
		opened[me]++;
		listen_arrives()
	:: else ->
		if
		:: !(flags & RST) && (length || seq != rcv[me]) -> say_again()
		:: else
		fi
	fi
}

/* First: is it in the window, and new? */
#define acceptable (length -> MOD(seq - rcv[me]) < WINDOW : \
		    MOD(seq - rcv[me]) <= WINDOW)

/* Fifth: ACK, in a synchronised state. */
inline take_ack()
{
	if
	:: ack != una[me] && MOD(ack - una[me]) <= MOD(nxt[me] - una[me]) ->
		una[me] = ack;
		tries[me] = 0
	:: else
	fi;
	if
	:: fin[me] && una[me] == wr[me] ->
		if
		:: st[me] == ATCP_FIN_WAIT_1 &&
		   !((flags & FIN) && seq == rcv[me]) ->
			move(ATCP_FIN_WAIT_2, ATCP_CAUSE_RCV_ACK_OF_FIN)
		:: st[me] == ATCP_CLOSING ->
			move(ATCP_TIME_WAIT, ATCP_CAUSE_RCV_ACK_OF_FIN)
		:: st[me] == ATCP_LAST_ACK ->
			move(ATCP_CLOSED, ATCP_CAUSE_RCV_ACK_OF_FIN)
		:: else
		fi
	:: else
	fi
}

/* Seventh and eighth. What comes out of order is not kept, only answered. */
inline take_text()
{
	if
	:: st[me] == ATCP_CLOSED || !length -> skip
	:: st[me] != ATCP_CLOSED && length && (!receiving || seq != rcv[me]) ->
		owe = true
	:: receiving && seq == rcv[me] && (flags & TEXT) && orphan[me] ->
		send(RST, nxt[me], 0);
		move(ATCP_CLOSED, ATCP_CAUSE_ABORT)
	:: receiving && seq == rcv[me] && (flags & TEXT) && !orphan[me] ->
		/* No octet of an older connection is taken for one of this. */
		assert(tag == peer[me]);
		rcv[me] = MOD(rcv[me] + 1);
		owe = true
	:: receiving && seq == rcv[me] && (flags & FIN) ->
		assert(tag == peer[me]);
		rcv[me] = MOD(rcv[me] + 1);
		owe = true;
		if
		:: st[me] == ATCP_ESTABLISHED ->
			move(ATCP_CLOSE_WAIT, ATCP_CAUSE_RCV_FIN)
		:: st[me] == ATCP_FIN_WAIT_1 && una[me] != wr[me] ->
			move(ATCP_CLOSING, ATCP_CAUSE_RCV_FIN)
		:: else -> move(ATCP_TIME_WAIT, ATCP_CAUSE_RCV_FIN)
		fi
	fi
}

/* 3.10.7.4, step by step */
inline synchronised_arrives()
{
	taken = false;
	if
	/* Figure 7: the peer's SYN again, with or without the ACK of ours. */
	:: st[me] == ATCP_SYN_RECEIVED && seq == irs[me] && flags == SYN ->
		send_number(iss[me])
	:: st[me] == ATCP_SYN_RECEIVED && seq == irs[me] &&
	   flags == SYN + ACK && !passive[me] ->
		seq = rcv[me];
		flags = ACK;
		length = 0;
		taken = true
	:: else ->
		if
		:: !acceptable && (flags & RST)
		:: !acceptable && !(flags & RST) -> say_again()
		:: acceptable && (flags & RST) && seq != rcv[me] -> say_again()
		:: acceptable && (flags & RST) && seq == rcv[me] ->
			if
			:: st[me] == ATCP_SYN_RECEIVED && passive[me] ->
				move(ATCP_LISTEN, ATCP_CAUSE_RCV_RST);
				una[me] = nxt[me];
				tries[me] = 0;
				irs[me] = 0;
				rcv[me] = 0;
				peer[me] = 0;
				/* A listener's next connection is another. */
				iss[me] = MOD(nxt[me] + 1)
			:: else -> move(ATCP_CLOSED, ATCP_CAUSE_RCV_RST)
			fi
		:: acceptable && !(flags & RST) && (flags & SYN) -> say_again()
		:: else -> taken = (flags & ACK) != 0
		fi
	fi;
	if
	:: taken && st[me] == ATCP_SYN_RECEIVED ->
		if
		:: ack == una[me] || MOD(ack - una[me]) > MOD(nxt[me] - una[me]) ->
			reset();
			taken = false
		:: else ->
			una[me] = ack;
			move(ATCP_ESTABLISHED, ATCP_CAUSE_RCV_ACK_OF_SYN);
			established()
		fi
	:: taken && st[me] != ATCP_SYN_RECEIVED && LESS(nxt[me], ack) ->
		/* RFC 5961 section 5.2 */
		say_again();
		taken = false
	:: else
	fi;
	if
	:: taken -> take_ack(); take_text()
	:: else
	fi
}

/* SEGMENT ARRIVES, 3.10.7 */
inline arrives()
{
	flags = seg & 31;
	seq = (seg >> 5) & 15;
	ack = (seg >> 9) & 15;
	tag = (seg >> 13) & 3;
	length = (flags & SYN) + ((flags & FIN) >> 2) + ((flags & TEXT) >> 4);
	printf("takes %d %d %d %d %d\n", me, flags, seq, ack, tag);
	if
	:: st[me] == ATCP_CLOSED -> reset()
	:: st[me] == ATCP_LISTEN -> listen_arrives()
	:: st[me] == ATCP_SYN_SENT -> syn_sent_arrives()
	:: st[me] == ATCP_TIME_WAIT -> time_wait_arrives()
	:: else -> synchronised_arrives()
	fi;
	output()
}

/* The segment in slot k of my wire leaves it. */
inline leaves(k)
{
	i = me * SLOTS + k;
	do
	:: i < me * SLOTS + SLOTS - 1 -> wire[i] = wire[i + 1]; i++
	:: else -> break
	od;
	wire[me * SLOTS + SLOTS - 1] = 0
}

/* Where to start: after the last connection, or, if nothing of that can be on
 * its way any more, where that began or right behind: what is least safe.
 */
inline choose_iss()
{
	if
	:: !(ANY_ISS && rested[me] && opened[me]) ->
		iss[me] = MOD(nxt[me] + 1)
	:: ANY_ISS && rested[me] && opened[me] -> iss[me] = 1
	:: ANY_ISS && rested[me] && opened[me] -> iss[me] = 2
	fi
}

inline close_into(s)
{
	fin[me] = true;
	wr[me] = MOD(wr[me] + 1);
	move(s, ATCP_CAUSE_CLOSE);
	output()
}

/* May this user close now? */
#define may_close (!STAY || agreed || st[me] == ATCP_CLOSE_WAIT)

active [2] proctype end()
{
	byte k = 0;

	do
	/* OPEN, 3.10.1 */
	:: atomic { st[me] == ATCP_CLOSED && opened[me] < OPENS && !over &&
		    (ROLES & (1 << me)) -> choose_iss();
		d_step {
			printf("call %d connect\n", me);
			opened[me]++;
			move(ATCP_SYN_SENT, ATCP_CAUSE_ACTIVE_OPEN);
			begin();
			send_number(iss[me])
		} }
	:: atomic { st[me] == ATCP_CLOSED && opened[me] < OPENS && !over &&
		    !(STAY && (ROLES & (1 << me))) -> choose_iss();
		d_step {
			printf("call %d listen\n", me);
			opened[me]++;
			passive[me] = true;
			move(ATCP_LISTEN, ATCP_CAUSE_PASSIVE_OPEN)
		} }
	/* SEND, 3.10.2 */
	:: d_step { (DATA & (1 << me)) && !text[me] && !fin[me] &&
		    (st[me] == ATCP_ESTABLISHED || st[me] == ATCP_CLOSE_WAIT ||
		     st[me] == ATCP_SYN_SENT) ->
		printf("call %d send\n", me);
		text[me] = true;
		wr[me] = MOD(wr[me] + 1);
		output() }
	/* CLOSE, 3.10.4: of all, or of the sending direction */
	:: d_step { st[me] == ATCP_LISTEN && !STAY ->
		printf("call %d close\n", me);
		move(ATCP_CLOSED, ATCP_CAUSE_CLOSE) }
	:: d_step { st[me] == ATCP_SYN_SENT && !STAY ->
		printf("call %d close\n", me);
		move(ATCP_CLOSED, ATCP_CAUSE_CLOSE) }
	/* A listener's close ends those that it has not accepted yet. */
	:: d_step { st[me] == ATCP_SYN_RECEIVED && passive[me] && !STAY ->
		printf("call %d close of the listener\n", me);
		move(ATCP_CLOSED, ATCP_CAUSE_CLOSE) }
	/* The RFC allows to close at once, and to wait for ESTABLISHED. */
	:: d_step { st[me] == ATCP_SYN_RECEIVED && !fin[me] && !STAY ->
		printf("call %d close\n", me);
		orphan[me] = true;
		close_into(ATCP_FIN_WAIT_1) }
	:: d_step { st[me] == ATCP_SYN_RECEIVED && !fin[me] && !STAY ->
		printf("call %d close, queued\n", me);
		orphan[me] = true;
		fin[me] = true;
		wr[me] = MOD(wr[me] + 1) }
	:: d_step { st[me] == ATCP_ESTABLISHED && may_close ->
		printf("call %d close\n", me);
		orphan[me] = true;
		close_into(ATCP_FIN_WAIT_1) }
	:: d_step { st[me] == ATCP_ESTABLISHED && HALF_CLOSE && may_close ->
		printf("call %d shutdown\n", me);
		close_into(ATCP_FIN_WAIT_1) }
	:: d_step { st[me] == ATCP_CLOSE_WAIT ->
		printf("call %d close\n", me);
		close_into(ATCP_LAST_ACK) }
	/* ABORT, 3.10.5 */
	:: d_step { st[me] != ATCP_CLOSED && aborted < ABORTS ->
		printf("call %d abort\n", me);
		aborted++;
		if
		:: receiving || st[me] == ATCP_CLOSE_WAIT ||
		   st[me] == ATCP_SYN_RECEIVED -> send(RST, nxt[me], 0)
		:: else
		fi;
		move(ATCP_CLOSED, ATCP_CAUSE_ABORT) }

	/* A segment arrives; another copy of it may follow. */
	:: atomic { wire[me * SLOTS] ->
		if
		:: k = 0
		:: wire[me * SLOTS + 1] -> k = 1
		:: wire[me * SLOTS + 2] -> k = 2
		fi;
		if
		:: d_step { seg = wire[me * SLOTS + k]; leaves(k); k = 0;
			arrives() }
		:: d_step { repeated < REPEATS -> repeated++;
			seg = wire[me * SLOTS + k]; k = 0;
			printf("twice %d\n", me);
			arrives() }
		:: d_step { lost < LOSSES -> lost++;
			seg = wire[me * SLOTS + k]; leaves(k); k = 0;
			printf("loses %d %d %d %d %d\n", me, seg & 31,
			       (seg >> 5) & 15, (seg >> 9) & 15,
			       (seg >> 13) & 3) }
		fi }

	/* Figure 9: a SYN whose number is before all of this connection. */
	:: d_step { old_syns < OLD_SYNS && st[me] != ATCP_CLOSED ->
		old_syns++;
		seg = SEGMENT(SYN, MOD(nxt[you] + 10), 0, 3);
		arrives() }
	:: d_step { old_syns < OLD_SYNS && st[me] != ATCP_CLOSED ->
		old_syns++;
		seg = SEGMENT(SYN, MOD(nxt[you] + 11), 0, 3);
		arrives() }

	/* 3.10.8: retransmission, and when to give up (3.8.3) */
	:: d_step { in_flight(me) && (silent || early < EARLY) &&
		    tries[me] < TRIES ->
		printf("time %d retransmission\n", me);
		if
		:: !silent -> early++
		:: else
		fi;
		time_passes();
		tries[me]++;
		send_number(una[me]) }
	:: d_step { in_flight(me) && silent && tries[me] == TRIES ->
		printf("time %d no answer\n", me);
		time_passes();
		move(ATCP_CLOSED, ATCP_CAUSE_RETRIES) }
	/* 3.8.4: a half-closed end asks whether its peer is still there. */
	:: atomic { timeout && st[me] == ATCP_FIN_WAIT_2 && !orphan[me] &&
		    tries[me] < TRIES ->
		d_step {
			printf("time %d keep-alive\n", me);
			time_passes();
			tries[me]++;
			send(ACK, MOD(nxt[me] - 1), rcv[me])
		} }
	:: atomic { timeout && st[me] == ATCP_FIN_WAIT_2 && !orphan[me] &&
		    tries[me] == TRIES ->
		d_step {
			printf("time %d no answer\n", me);
			time_passes();
			move(ATCP_CLOSED, ATCP_CAUSE_RETRIES)
		} }
	/* Nobody reads, and the peer does not close. */
	:: d_step { st[me] == ATCP_FIN_WAIT_2 && orphan[me] && still ->
		printf("time %d FIN-WAIT-2\n", me);
		time_passes();
		move(ATCP_CLOSED, ATCP_CAUSE_FIN_TIMEOUT) }
	/* 2 MSL: whatever was on its way has died or arrived. */
	:: d_step { st[me] == ATCP_TIME_WAIT && (still || !QUIET_TIME) ->
		printf("time %d 2 MSL\n", me);
		time_passes();
		move(ATCP_CLOSED, ATCP_CAUSE_2MSL);
		rested[me] = true }

	/* What else can end a connection. */
	:: d_step { errors < ERRORS && (st[me] == ATCP_SYN_SENT ||
					st[me] == ATCP_SYN_RECEIVED) ->
		printf("icmp %d\n", me);
		errors++;
		move(ATCP_CLOSED, ATCP_CAUSE_ICMP) }
	:: d_step { errors < ERRORS && (st[me] == ATCP_TIME_WAIT ||
			(st[me] == ATCP_SYN_RECEIVED && passive[me])) ->
		printf("memory %d\n", me);
		errors++;
		move(ATCP_CLOSED, ATCP_CAUSE_MEMORY) }
	/* The machine forgets the connection, and tells nobody: 3.5.1. */
	:: d_step { crashed < CRASHES && !at_rest(me) &&
		    (!STAY || (me == 0 && agreed && opened[0] < OPENS)) ->
		printf("crash %d\n", me);
		crashed++;
		una[me] = nxt[me];
		wr[me] = 0; iss[me] = 0; irs[me] = 0; rcv[me] = 0;
		tries[me] = 0; peer[me] = 0; passive[me] = false;
		text[me] = false; fin[me] = false; orphan[me] = false;
		answered[me] = false;
		rested[me] = false;
		st[me] = ATCP_CLOSED }

	/* Both users have had enough. */
	:: d_step { at_rest(0) && at_rest(1) && silent && !over -> over = true }
	:: over -> break
	od
}
