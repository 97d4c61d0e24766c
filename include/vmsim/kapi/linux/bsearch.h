/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/bsearch.h. Exists since 2.6.39 (vmsim-from: 2.6.39 ).
 */
#ifndef VMSIM_KAPI_LINUX_BSEARCH_H
#define VMSIM_KAPI_LINUX_BSEARCH_H

#include "types.h"

/* vmsim: exact */
extern void *bsearch(const void *key, const void *base, size_t num, size_t size,
		     int (*cmp)(const void *key, const void *elt));

#endif
