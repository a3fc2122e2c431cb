/* SPDX-License-Identifier: MIT */
/*
 * More tests whose x86 verdict is published: those of the x86-TSO paper by its names (iwp,
 * amd, n), and of herdtools7's catalogue of x86_64 by the names of diy.
 */
#include "sim/scenarios/litmus.h"

/* What several of them have as one of their columns. */
ACTOR(wx, STORE(x, 1))
ACTOR(wx2, STORE(x, 2))
ACTOR(wy, STORE(y, 1))
ACTOR(wx_wy, STORE(x, 1); STORE(y, 1))
ACTOR(wx_ry, STORE(x, 1); R(0) = LOAD(y))
ACTOR(wx_mb_ry, STORE(x, 1); smp_mb(); R(0) = LOAD(y))
ACTOR(rx_ry, R(0) = LOAD(x); R(1) = LOAD(y))
ACTOR(rx_wy, R(0) = LOAD(x); STORE(y, 1))
ACTOR(ry_rx, R(0) = LOAD(y); R(1) = LOAD(x))

/* MP */
ACTOR(mp_rfi, R(0) = LOAD(y); STORE(z, 1); R(1) = LOAD(z); R(2) = LOAD(x))
LITMUS(mp_po_rfi_po, "MP+po+po-rfi-po", three, wx_wy, mp_rfi)
ACTOR(lx_wy, LOCKED(x, 1); STORE(y, 1))
LITMUS(iwp28b, "iwp2.8.b", two, lx_wy, ry_rx)

/* R */
ACTOR(r_mb, STORE(y, 2); smp_mb(); R(0) = LOAD(x))
LITMUS(r_po_mfence, "R+po+mfence", one_and_memory, wx_wy, r_mb)
ACTOR(r_rfi, STORE(y, 2); R(0) = LOAD(y); R(1) = LOAD(x))
LITMUS(r_po_rfi_po, "R+po+rfi-po", two_and_memory, wx_wy, r_rfi)
ACTOR(r_po_rfi, STORE(y, 2); STORE(z, 1); R(0) = LOAD(z); R(1) = LOAD(x))
LITMUS(r_po_po_rfi_po, "R+po+po-rfi-po", two_and_memory, wx_wy, r_po_rfi)

/* RWC */
ACTOR(rwc2, STORE(y, 1); R(2) = LOAD(x))
LITMUS(rwc, "RWC", three, wx, rx_ry, rwc2)
ACTOR(rwc_mb, STORE(y, 1); smp_mb(); R(2) = LOAD(x))
LITMUS(rwc_po_mfence, "RWC+po+mfence", three, wx, rx_ry, rwc_mb)
ACTOR(rwc_rfi, STORE(y, 1); R(2) = LOAD(y); R(3) = LOAD(x))
LITMUS(rwc_po_rfi_po, "RWC+po+rfi-po", four, wx, rx_ry, rwc_rfi)

/* SB */
ACTOR(sb_rx, STORE(y, 1); R(1) = LOAD(x))
LITMUS(sb_mfence_po, "SB+mfence+po", two, wx_mb_ry, sb_rx)
ACTOR(sb_rfi, STORE(y, 1); R(1) = LOAD(y); R(2) = LOAD(x))
LITMUS(sb_po_rfi_po, "SB+po+rfi-po", three, wx_ry, sb_rfi)
LITMUS(sb_mfence_rfi_po, "SB+mfence+rfi-po", three, wx_mb_ry, sb_rfi)
ACTOR(sb_po_rfi, STORE(y, 1); STORE(z, 1); R(1) = LOAD(z); R(2) = LOAD(x))
LITMUS(sb_po_po_rfi_po, "SB+po+po-rfi-po", three, wx_ry, sb_po_rfi)
LITMUS(sb_mfence_po_rfi_po, "SB+mfence+po-rfi-po", three, wx_mb_ry, sb_po_rfi)
ACTOR(sb_own, STORE(x, 1); R(0) = LOAD(x); R(1) = LOAD(y))
ACTOR(sb_own_po, STORE(y, 1); STORE(z, 1); R(2) = LOAD(z); R(3) = LOAD(x))
LITMUS(sb_rfi_po_po_rfi_po, "SB+rfi-po+po-rfi-po", four, sb_own, sb_own_po)

/* WRC and its like */
ACTOR(wrr2, STORE(y, 1); STORE(x, 1))
LITMUS(wrr_2w, "WRR+2W", two_and_memory, wx2, rx_ry, wrr2)
ACTOR(wrw2, STORE(y, 2); STORE(x, 1))
LITMUS(wrw_2w, "WRW+2W", one_and_memory, wx2, rx_wy, wrw2)
ACTOR(wwc2, R(1) = LOAD(y); STORE(x, 1))
LITMUS(wwc, "WWC", two_and_memory, wx2, rx_wy, wwc2)
ACTOR(wr2, STORE(y, 2); R(1) = LOAD(x))
LITMUS(wrw_wr, "WRW+WR", two_and_memory, wx, rx_wy, wr2)
ACTOR(wr_mb, STORE(y, 2); smp_mb(); R(1) = LOAD(x))
LITMUS(wrw_wr_po_mfence, "WRW+WR+po+mfence", two_and_memory, wx, rx_wy, wr_mb)
ACTOR(wr_rfi, STORE(y, 2); R(1) = LOAD(y); R(2) = LOAD(x))
LITMUS(wrw_wr_po_rfi_po, "WRW+WR+po+rfi-po", three_and_memory, wx, rx_wy, wr_rfi)

/* The x86-TSO paper */
ACTOR(own_x, STORE(x, 1); R(0) = LOAD(x))
ACTOR(own_y, STORE(y, 1); R(1) = LOAD(y))
LITMUS(iwp23b, "iwp2.3.b", two, own_x, own_y)

ACTOR(amd3_0, STORE(x, 1); STORE(x, 2); R(0) = LOAD(y))
ACTOR(amd3_1, STORE(y, 1); STORE(y, 2); R(1) = LOAD(x))
LITMUS(amd3, "amd3", two, amd3_0, amd3_1)

ACTOR(iwp26_2, R(0) = LOAD(x); R(1) = LOAD(x))
ACTOR(iwp26_3, R(2) = LOAD(x); R(3) = LOAD(x))
LITMUS(iwp26, "iwp2.6", four, wx, wx2, iwp26_2, iwp26_3)

ACTOR(lx, LOCKED(x, 1))
ACTOR(ly, LOCKED(y, 1))
ACTOR(iwp27_3, R(2) = LOAD(y); R(3) = LOAD(x))
LITMUS(iwp27, "iwp2.7", four, lx, ly, rx_ry, iwp27_3)

ACTOR(amd10_0, STORE(x, 1); smp_mb(); R(0) = LOAD(x); R(1) = LOAD(y))
ACTOR(amd10_1, STORE(y, 1); smp_mb(); R(2) = LOAD(y); R(3) = LOAD(x))
LITMUS(amd10, "amd10", four, amd10_0, amd10_1)

ACTOR(n1_0, STORE(x, 2); R(0) = LOAD(y))
ACTOR(n1_1, STORE(y, 1); STORE(x, 1))
ACTOR(n1_2, R(1) = LOAD(x); R(2) = LOAD(x))
LITMUS(n1, "n1", three, n1_0, n1_1, n1_2)

ACTOR(n2_1, STORE(x, 2); STORE(z, 1))
ACTOR(n2_3, R(2) = LOAD(z); R(3) = LOAD(y))
LITMUS(n2, "n2", four, n1_1, n2_1, iwp26_2, n2_3)

ACTOR(n3_2, R(0) = LOAD(y); R(1) = LOAD(x); R(2) = LOAD(x))
ACTOR(n3_3, R(3) = LOAD(x); R(4) = LOAD(y); R(5) = LOAD(y))
LITMUS(n3, "n3", six, lx, wy, n3_2, n3_3)

ACTOR(n4_0, R(0) = LOAD(x); STORE(x, 1); R(1) = LOAD(x))
ACTOR(n4_1, R(2) = LOAD(x); STORE(x, 2); R(3) = LOAD(x))
LITMUS(n4, "n4", four, n4_0, n4_1)

ACTOR(n5_1, STORE(x, 2); R(1) = LOAD(x))
LITMUS(n5, "n5", two, own_x, n5_1)

ACTOR(n6_1, STORE(y, 2); STORE(x, 2))
LITMUS(n6, "n6", two_and_memory, sb_own, n6_1)

ACTOR(n7_2, R(2) = LOAD(y); R(3) = LOAD(x))
LITMUS(n7, "n7", four, sb_own, wy, n7_2)

ACTOR(n8_0, LOCKED(x, 1); R(0) = LOAD(y))
LITMUS(n8, "n8", two, n8_0, sb_rx)
