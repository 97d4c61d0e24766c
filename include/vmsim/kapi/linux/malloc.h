/* SPDX-License-Identifier: MIT */
/*
 * What linux/slab.h was called at first; gone since 2.5.0 (vmsim-until:2.5 ). Counterpart:
 * include/linux/malloc.h.
 */
#ifndef VMSIM_KAPI_LINUX_MALLOC_H
#define VMSIM_KAPI_LINUX_MALLOC_H

/* vmsim: exact [, 2.5) */
#if VMSIM_SINCE(2, 5, 0)
#error "linux/malloc.h does not exist since 2.5: include linux/slab.h"
#endif
#include "slab.h"

#endif
