/* SPDX-License-Identifier: MIT */
/*
 * Small numbers for pointers, and small numbers alone. Counterpart: include/linux/idr.h.
 */
#ifndef VMSIM_KAPI_LINUX_IDR_H
#define VMSIM_KAPI_LINUX_IDR_H

#include "gfp.h"
#include "preempt.h"
#include "radix-tree.h"

/* vmsim: exact, every name of this file */
#define IDR_INIT(name) { { { NULL, #name }, { 0 }, { NULL } }, 0, 0 }
#define DEFINE_IDR(name) struct idr name = IDR_INIT(name)

static inline void idr_init(struct idr *idr)
{
	INIT_RADIX_TREE(&idr->idr_rt, 0);
	idr->idr_base = 0;
	idr->idr_next = 0;
}

extern void idr_destroy(struct idr *idr);
#if VMSIM_SINCE(4, 11, 0)
extern void *idr_find(const struct idr *idr, unsigned long id);
extern void *idr_remove(struct idr *idr, unsigned long id);
extern void *idr_replace(struct idr *idr, void *ptr, unsigned long id);
#else
extern void *idr_find(const struct idr *idr, int id);
extern void idr_remove(struct idr *idr, int id);
#if VMSIM_SINCE(2, 6, 17)
extern void *idr_replace(struct idr *idr, void *ptr, int id);
#endif
#endif

#if VMSIM_UNTIL(3, 15, 0)
/* vmsim: simplified [, 3.15): there is always memory, so idr_get_new() needs no other try */
static inline int idr_pre_get(struct idr *idr, gfp_t gfp)
{
	might_sleep_if(gfp & VMSIM_GFP_BIT_DIRECT_RECLAIM);
	return 1;
}

extern int idr_get_new(struct idr *idr, void *ptr, int *id);
extern int idr_get_new_above(struct idr *idr, void *ptr, int start, int *id);
#define idr_remove_all(idr) idr_destroy(idr)
#endif

#if VMSIM_SINCE(2, 6, 23)
extern int idr_for_each(const struct idr *idr, int (*fn)(int id, void *p, void *data), void *data);
#endif
#if VMSIM_SINCE(2, 6, 29)
extern void *idr_get_next(struct idr *idr, int *next);
#define idr_for_each_entry(idr, entry, id) \
	for ((id) = 0; ((entry) = idr_get_next((idr), &(id))) != NULL; ++(id))
#define idr_for_each_entry_continue(idr, entry, id) \
	for (; ((entry) = idr_get_next((idr), &(id))) != NULL; ++(id))
#endif

#if VMSIM_SINCE(3, 9, 0)
extern int idr_alloc(struct idr *idr, void *ptr, int start, int end, gfp_t gfp);

/* vmsim: simplified [3.9, ): nothing to preload; preemption goes off as in Linux */
static inline void idr_preload(gfp_t gfp)
{
	might_sleep_if(gfp & VMSIM_GFP_BIT_DIRECT_RECLAIM);
	preempt_disable();
}

static inline void idr_preload_end(void)
{
	preempt_enable();
}
#endif
#if VMSIM_SINCE(3, 10, 0)
extern int idr_alloc_cyclic(struct idr *idr, void *ptr, int start, int end, gfp_t gfp);
#endif
#if VMSIM_SINCE(3, 14, 0)
#define idr_is_empty(idr) ((idr)->idr_rt.xa_head == NULL)
#endif
#if VMSIM_SINCE(4, 11, 0)
#define idr_get_cursor(idr) ((idr)->idr_next)
#define idr_set_cursor(idr, value) ((void)((idr)->idr_next = (value)))
#endif
#if VMSIM_SINCE(4, 16, 0)
extern int idr_alloc_u32(struct idr *idr, void *ptr, u32 *id, unsigned long max, gfp_t gfp);
extern void *idr_get_next_ul(struct idr *idr, unsigned long *next);

static inline void idr_init_base(struct idr *idr, int base)
{
	idr_init(idr);
	idr->idr_base = (unsigned int)base;
}

#if VMSIM_SINCE(5, 3, 0)
#define idr_for_each_entry_ul(idr, entry, tmp, id) \
	for ((tmp) = 0, (id) = 0; \
	     ((entry) = (tmp) <= (id) ? idr_get_next_ul((idr), &(id)) : NULL) != NULL; \
	     (tmp) = (id), ++(id))
#else
#define idr_for_each_entry_ul(idr, entry, id) \
	for ((id) = 0; ((entry) = idr_get_next_ul((idr), &(id))) != NULL; ++(id))
#endif
#endif

#if VMSIM_SINCE(2, 6, 23)
#define IDA_INIT(name) { { { NULL, #name }, { 0 }, { NULL } } }
#define DEFINE_IDA(name) struct ida name = IDA_INIT(name)

static inline void ida_init(struct ida *ida)
{
	INIT_RADIX_TREE(&ida->xa, 0);
}

extern void ida_destroy(struct ida *ida);
#define ida_is_empty(ida) ((ida)->xa.xa_head == NULL)
#if VMSIM_SINCE(4, 19, 0)
extern int ida_alloc_range(struct ida *ida, unsigned int min, unsigned int max, gfp_t gfp);
extern void ida_free(struct ida *ida, unsigned int id);
#define ida_alloc(ida, gfp) ida_alloc_range((ida), 0, ~0U, (gfp))
#define ida_alloc_min(ida, min, gfp) ida_alloc_range((ida), (min), ~0U, (gfp))
#define ida_alloc_max(ida, max, gfp) ida_alloc_range((ida), 0, (max), (gfp))
#if VMSIM_UNTIL(6, 10, 0)
#define ida_simple_get(ida, start, end, gfp) ida_alloc_range((ida), (start), (end)-1, (gfp))
#define ida_simple_remove(ida, id) ida_free((ida), (id))
#endif
#else
static inline int ida_pre_get(struct ida *ida, gfp_t gfp)
{
	might_sleep_if(gfp & VMSIM_GFP_BIT_DIRECT_RECLAIM);
	return 1;
}

extern int ida_get_new_above(struct ida *ida, int start, int *id);
extern void ida_remove(struct ida *ida, int id);
#define ida_get_new(ida, id) ida_get_new_above((ida), 0, (id))
#if VMSIM_SINCE(3, 1, 0)
extern int ida_simple_get(struct ida *ida, unsigned int start, unsigned int end, gfp_t gfp);
extern void ida_simple_remove(struct ida *ida, unsigned int id);
#endif
#endif
#if VMSIM_SINCE(6, 13, 0)
extern int ida_find_first_range(struct ida *ida, unsigned int min, unsigned int max);
#define ida_find_first(ida) ida_find_first_range((ida), 0, ~0U)
#define ida_exists(ida, id) (ida_find_first_range((ida), (id), (id)) == (int)(id))
#endif
#endif

#endif
