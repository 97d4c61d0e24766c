/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/spinlock_types.h.
 */
#ifndef VMSIM_KAPI_LINUX_SPINLOCK_TYPES_H
#define VMSIM_KAPI_LINUX_SPINLOCK_TYPES_H

#include "types.h"
#include "../vmsim/lock_types.h"

/* vmsim: exact, every name of this file */
typedef vmsim_spinlock_t spinlock_t;
typedef vmsim_rwlock_t rwlock_t;
#define __SPIN_LOCK_UNLOCKED(lockname) ((spinlock_t) { NULL, #lockname })
#define __RW_LOCK_UNLOCKED(lockname) ((rwlock_t) { NULL, #lockname, 0 })
#define DEFINE_SPINLOCK(x) spinlock_t x = { NULL, #x }
#define DEFINE_RWLOCK(x) rwlock_t x = { NULL, #x, 0 }
#if VMSIM_UNTIL(2, 6, 39)
/* vmsim: exact, then DEFINE_SPINLOCK */
#define SPIN_LOCK_UNLOCKED { NULL, NULL }
/* vmsim: exact, then DEFINE_RWLOCK */
#define RW_LOCK_UNLOCKED { NULL, NULL, 0 }
#endif
#if VMSIM_SINCE(2, 6, 33)
typedef vmsim_spinlock_t raw_spinlock_t;
#define DEFINE_RAW_SPINLOCK(x) raw_spinlock_t x = { NULL, #x }
#endif

#endif
