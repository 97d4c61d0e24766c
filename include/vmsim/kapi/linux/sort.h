/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/sort.h. In place, not stable.
 */
#ifndef VMSIM_KAPI_LINUX_SORT_H
#define VMSIM_KAPI_LINUX_SORT_H

#include "types.h"

/* vmsim: exact */
extern void sort(void *base, size_t num, size_t size, int (*cmp)(const void *, const void *),
		 void (*swap)(void *, void *, int));
#if VMSIM_SINCE(5, 4, 0)
/* vmsim: exact [5.4, ) */
extern void sort_r(void *base, size_t num, size_t size,
		   int (*cmp)(const void *, const void *, const void *),
		   void (*swap)(void *, void *, int, const void *), const void *priv);
#endif

#endif
