/* SPDX-License-Identifier: MIT */
/*
 * mem_map_reserve() and its opposite; gone since 2.6.0 (vmsim-until:2.6 ). Counterpart:
 * include/linux/wrapper.h.
 */
#ifndef VMSIM_KAPI_LINUX_WRAPPER_H
#define VMSIM_KAPI_LINUX_WRAPPER_H

/* vmsim: exact [, 2.6) */
#if VMSIM_SINCE(2, 6, 0)
#error "linux/wrapper.h does not exist since 2.6: call SetPageReserved()"
#endif
#include "page-flags.h"

#endif
