/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/mmzone.h.
 */
#ifndef VMSIM_KAPI_LINUX_MMZONE_H
#define VMSIM_KAPI_LINUX_MMZONE_H

#include "gfp_types.h"
#include "../asm/page.h"

/* vmsim: exact */
#if VMSIM_SINCE(6, 8, 0)
#define MAX_PAGE_ORDER 10
#else
/* vmsim: exact: the largest order plus one until 6.4, the largest after, then MAX_PAGE_ORDER */
#define MAX_ORDER (VMSIM_SINCE(6, 4, 0) ? 10 : 11)
#endif

#endif
