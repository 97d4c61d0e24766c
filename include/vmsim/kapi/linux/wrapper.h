/* SPDX-License-Identifier: MIT */
/*
 * Where 2.4's drivers find mem_map_reserve(); gone since 2.6.0 (vmsim-until:2.6.0 ). Counterpart:
 * include/linux/wrapper.h.
 */
#ifndef VMSIM_KAPI_LINUX_WRAPPER_H
#define VMSIM_KAPI_LINUX_WRAPPER_H

#if VMSIM_SINCE(2, 6, 0)
#error "linux/wrapper.h does not exist since 2.6.0: SetPageReserved() is in linux/mm.h"
#endif
#include "page-flags.h"

#endif
