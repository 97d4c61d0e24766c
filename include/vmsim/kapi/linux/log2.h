/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/log2.h.
 */
#ifndef VMSIM_KAPI_LINUX_LOG2_H
#define VMSIM_KAPI_LINUX_LOG2_H

#include "types.h"

/* vmsim: exact, every name of this file */
#define ilog2(n) ((int)(63 - __builtin_clzll((unsigned long long)(n))))
#define is_power_of_2(n) ((n) != 0 && (((n) & ((n) - 1)) == 0))
#define roundup_pow_of_two(n) ((unsigned long)(n) <= 1 ? 1UL : 1UL << (ilog2((n) - 1) + 1))
#define rounddown_pow_of_two(n) (1UL << ilog2(n))
#define order_base_2(n) ((unsigned long)(n) <= 1 ? 0 : ilog2((n) - 1) + 1)

#endif
