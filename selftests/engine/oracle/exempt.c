// SPDX-License-Identifier: GPL-2.0
/*
 * The one place that names where ATCP departs from the RFCs on purpose. The
 * oracle follows the RFC and, where an entry here says so, ATCP.
 */
#include "exempt.h"

const struct exemption exemptions[EXEMPTIONS] = {
	[EXEMPT_ROUNDED_EDGE] = {
		"rounded edge", "RFC 9293 3.8.6 (SHLD-14)",
		"Window scaling rounds: the right edge may move left by less than the scale's unit, as RFC 7323 2.4 foresees. What was offered before is still taken.",
	},
	[EXEMPT_WINDOW_BY_ACK] = {
		"window by ACK", "RFC 9293 3.10.7.4 (SND.WL1, SND.WL2)",
		"A segment that acknowledges new data is the newest whatever its SEG.SEQ; else SND.UNA + SND.WND would run past what its sender offered.",
	},
	[EXEMPT_AT_THE_EDGE] = {
		"at the edge", "RFC 9293 3.10.7.4, first",
		"A peer that has filled the window sends its ACK and its FIN from the window's right edge: RFC 9293 A.2. A FIN needs no room.",
	},
	[EXEMPT_WHOLE_WINDOW] = {
		"whole window", "RFC 9293 3.10.7.4, first",
		"A segment that begins before the window and ends behind it passes neither of the RFC's tests, but has all that is waited for.",
	},
	[EXEMPT_SEQ_IN_WINDOW] = {
		"sequence number in the window", "RFC 9293 3.10.7.4 (SND.NXT)",
		"Where the peer has moved its right edge back below SND.NXT, a segment without text starts from the edge, or it would be dropped; as in Linux.",
	},
	[EXEMPT_PROBE_WITHDRAWN] = {
		"probe withdrawn", "RFC 9293 3.10.7.4 (SND.NXT), RFC 6298",
		"When the window opens, the octet of an unanswered probe goes again at once, as the first of a full segment; SND.NXT steps back over it.",
	},
	[EXEMPT_NO_TIMESTAMP] = {
		"no timestamp", "RFC 7323 3.2",
		"A segment without timestamps is taken although they are in use, as in Linux: middleboxes strip options.",
	},
	[EXEMPT_RTO_MIN] = {
		"least RTO", "RFC 6298 2.4",
		"200 ms instead of a second, as in Linux; net.atcp.rto_min_us.",
	},
	[EXEMPT_TIME_WAIT] = {
		"TIME-WAIT", "RFC 9293 3.4.2",
		"60 s instead of four minutes, as in Linux.",
	},
	[EXEMPT_TIME_WAIT_RESET] = {
		"RST in TIME-WAIT", "RFC 9293 3.10.7.4, second",
		"RFC 1337: a RST does not end it.",
	},
	[EXEMPT_FIN_WAITS] = {
		"CLOSE in SYN-RECEIVED", "RFC 9293 3.10.4",
		"The FIN waits until our SYN is acknowledged, as the RFC has it where text waits: the SYN may have to be sent again.",
	},
	[EXEMPT_LEAST_MSS] = {
		"least MSS", "RFC 9293 3.7.1 (MUST-16)",
		"A peer's MSS of less than 48 is a mistake or an attack, and options would eat it; net.atcp.min_snd_mss, as in Linux.",
	},
	[EXEMPT_SYN_FIN] = {
		"SYN with FIN", "RFC 9293 3.10.7.2, third",
		"A SYN that also closes does not open a connection, as in Linux.",
	},
	[EXEMPT_SYN_AGAIN] = {
		"SYN again", "RFC 9293 3.10.7.4, first",
		"In SYN-RECEIVED the peer's SYN comes again because our SYN-ACK was lost: that goes again, rather than an ACK which the peer cannot use.",
	},
	[EXEMPT_SYN_ACK_IS_AN_ACK] = {
		"SYN-ACK is an ACK", "RFC 9293 3.10.7.4, first",
		"After a simultaneous open the peer's SYN-ACK has an old SYN; if both ends dropped it, neither would be established (figure 7).",
	},
	[EXEMPT_SYN_IN_SYN_RECEIVED] = {
		"SYN in SYN-RECEIVED", "RFC 9293 3.10.7.4, fourth",
		"A SYN in the window gets a challenge ACK as in the other states (RFC 5961 4.2), also after a passive open.",
	},
	[EXEMPT_TS_OF_BAD_ACK] = {
		"timestamp of a bad ACK", "RFC 7323 4.3",
		"What does not acknowledge our SYN is not from the peer of this connection, and a passive open does not take its timestamp; as in Linux.",
	},
	[EXEMPT_GIVES_UP] = {
		"gives up", "RFC 9293 3.8.3 (SHLD-11, MUST-23)",
		"R2 is the operator's and the user's to set, from one retransmission on.",
	},
};
