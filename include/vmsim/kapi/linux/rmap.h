/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/rmap.h; reverse maps are vmsim's own.
 */
#ifndef VMSIM_KAPI_LINUX_RMAP_H
#define VMSIM_KAPI_LINUX_RMAP_H

#include "mm.h"

extern int page_mkclean(struct page *page); /* vmsim: exact */

#endif
