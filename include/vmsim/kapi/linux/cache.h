/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/cache.h.
 */
#ifndef VMSIM_KAPI_LINUX_CACHE_H
#define VMSIM_KAPI_LINUX_CACHE_H

#include "compiler_types.h"

/* vmsim: exact, every name of this file */
#define L1_CACHE_SHIFT 6
#define L1_CACHE_BYTES (1 << L1_CACHE_SHIFT)
#define SMP_CACHE_BYTES L1_CACHE_BYTES
#define L1_CACHE_ALIGN(x) (((x) + (L1_CACHE_BYTES - 1)) & ~(unsigned long)(L1_CACHE_BYTES - 1))

#endif
