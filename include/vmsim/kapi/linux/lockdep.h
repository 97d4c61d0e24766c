/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/lockdep.h. vmsim checks locks itself; the annotations do nothing.
 */
#ifndef VMSIM_KAPI_LINUX_LOCKDEP_H
#define VMSIM_KAPI_LINUX_LOCKDEP_H

#include "spinlock.h"

/* vmsim: stub, every name of this file */
struct lock_class_key {
	char vmsim_unused;
};
#define lockdep_set_class(lock, key) ((void)(key))
#define lockdep_assert_held_write(lock) ((void)(lock))

#endif
