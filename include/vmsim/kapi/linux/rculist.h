/* SPDX-License-Identifier: MIT */
/*
 * List walks under RCU, over the plain ones. Counterpart: include/linux/rculist.h.
 */
#ifndef VMSIM_KAPI_LINUX_RCULIST_H
#define VMSIM_KAPI_LINUX_RCULIST_H

#include "list.h"
#include "rcupdate.h"

/* vmsim: simplified: publishes with a full barrier, every name of this file */
#define list_add_rcu(entry, head) \
	do { \
		smp_mb(); \
		list_add(entry, head); \
	} while (0)
#define list_add_tail_rcu(entry, head) \
	do { \
		smp_mb(); \
		list_add_tail(entry, head); \
	} while (0)
#define list_for_each_entry_rcu(pos, head, member, ...) list_for_each_entry(pos, head, member)

static inline void list_del_rcu(struct list_head *entry)
{
	vmsim_list_link(entry->prev, entry->next);
	entry->prev = LIST_POISON2;
}

#endif
