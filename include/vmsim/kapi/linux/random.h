/* SPDX-License-Identifier: MIT */
/*
 * Random bytes, from the machine's seed. Counterpart: include/linux/random.h.
 */
#ifndef VMSIM_KAPI_LINUX_RANDOM_H
#define VMSIM_KAPI_LINUX_RANDOM_H

#include "types.h"

/* vmsim: simplified: from the machine's seed, every name of this file */
extern void get_random_bytes(void *buf, size_t len);
#if VMSIM_SINCE(4, 11, 0)
extern u32 get_random_u32(void); /* vmsim: simplified [4.11, ): from the machine's seed */
extern u64 get_random_u64(void); /* vmsim: simplified [4.11, ): from the machine's seed */
#endif
#if VMSIM_SINCE(3, 8, 0) && VMSIM_UNTIL(6, 1, 0)
extern u32 prandom_u32(void); /* vmsim: simplified [3.8, 6.1): from the machine's seed, then get_random_u32 */
#endif
#if VMSIM_SINCE(6, 2, 0)
#define get_random_u32_below(ceil) (get_random_u32() % (ceil))
#endif

#endif
