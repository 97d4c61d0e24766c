/* SPDX-License-Identifier: MIT */
/*
 * Stable. Counterpart: include/linux/list_sort.h. Exists since 2.6.34 (vmsim-from: 2.6.34 ).
 */
#ifndef VMSIM_KAPI_LINUX_LIST_SORT_H
#define VMSIM_KAPI_LINUX_LIST_SORT_H

#include "types.h"

#if VMSIM_SINCE(5, 13, 0)
/* vmsim: exact [5.13, ) */
typedef int (*list_cmp_func_t)(void *, const struct list_head *, const struct list_head *);
/* vmsim: exact [5.13, ) */
extern void list_sort(void *priv, struct list_head *head, list_cmp_func_t cmp);
#else
/* vmsim: exact [2.6.34, 5.13) */
extern void list_sort(void *priv, struct list_head *head,
		      int (*cmp)(void *priv, struct list_head *a, struct list_head *b));
#endif

#endif
