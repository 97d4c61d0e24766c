/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/set_memory.h.
 */
#ifndef VMSIM_KAPI_LINUX_SET_MEMORY_H
#define VMSIM_KAPI_LINUX_SET_MEMORY_H

#include "../asm/set_memory.h"

#endif
