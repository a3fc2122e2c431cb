/* SPDX-License-Identifier: MIT */
/*
 * jhash_1word of Linux 2.6.24: Bob Jenkins' hash of 1996 (public domain, known
 * as lookup2) for three words, two of them zero. Not today's kernel's jhash.
 */
#ifndef SYSLETS_JHASH_H
#define SYSLETS_JHASH_H

#define JHASH_GOLDEN_RATIO 0x9e3779b9u

static inline u32 jhash_1word(u32 word, u32 initval)
{
	u32 a = word + JHASH_GOLDEN_RATIO, b = JHASH_GOLDEN_RATIO, c = initval;
	/* right, left, right shifts of the three rounds of lookup2 */
	static const u8 shift[3][3] = {{13, 8, 13}, {12, 16, 5}, {3, 10, 15}};
	int round;

	for (round = 0; round < 3; round++) {
		a = (a - b - c) ^ (c >> shift[round][0]);
		b = (b - c - a) ^ (a << shift[round][1]);
		c = (c - a - b) ^ (b >> shift[round][2]);
	}
	return c;
}

#endif
