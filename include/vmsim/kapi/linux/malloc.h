/* SPDX-License-Identifier: MIT */
/*
 * The old name of linux/slab.h; gone since 2.6.0 (vmsim-until:2.6.0 ). Counterpart:
 * include/linux/malloc.h.
 */
#ifndef VMSIM_KAPI_LINUX_MALLOC_H
#define VMSIM_KAPI_LINUX_MALLOC_H

#if VMSIM_SINCE(2, 6, 0)
#error "linux/malloc.h does not exist since 2.6.0: include linux/slab.h"
#endif
#include "slab.h"

#endif
