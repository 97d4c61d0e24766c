/* SPDX-License-Identifier: MIT */
/*
 * Kernel objects of any size, by the name that 2.4 still has. Counterpart:
 * include/linux/malloc.h. vmsim-until: 2.6.0
 */
#ifndef VMSIM_KAPI_LINUX_MALLOC_H
#define VMSIM_KAPI_LINUX_MALLOC_H

#include "slab.h"

#endif
