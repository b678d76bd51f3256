/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Instructions that do nothing but tell profile.c, QEMU's plugin, what the
 * instructions after them belong to: a long NOP whose displacement says it.
 */
#ifndef BENCH_MARKER_H
#define BENCH_MARKER_H

/* "ATC" and the kind, in a 32-bit displacement. */
#define MARK_BASE 0x41544300
#define MARK_END  0xff

static inline void mark(unsigned int what)
{
	switch (what) {
	case 0:
		__asm__ volatile("nopl %c0(%%rax)" ::"i"(MARK_BASE));
		break;
	case 1:
		__asm__ volatile("nopl %c0(%%rax)" ::"i"(MARK_BASE + 1));
		break;
	case 2:
		__asm__ volatile("nopl %c0(%%rax)" ::"i"(MARK_BASE + 2));
		break;
	default:
		__asm__ volatile("nopl %c0(%%rax)" ::"i"(MARK_BASE + MARK_END));
		break;
	}
}

#endif
