/* SPDX-License-Identifier: MIT */
/*
 * Spinlocks and reader-writer spinlocks. Counterpart: include/linux/spinlock.h.
 */
#ifndef VMSIM_KAPI_LINUX_SPINLOCK_H
#define VMSIM_KAPI_LINUX_SPINLOCK_H

#include "bug.h"
#include "irqflags.h"
#include "kernel.h"
#include "preempt.h"
#include "spinlock_types.h"
#include "../asm/processor.h"

extern unsigned long vmsim_spin_lock_irqsave(spinlock_t *lock);
extern int vmsim_spin_trylock_irqsave(spinlock_t *lock, unsigned long *flags);
extern unsigned long vmsim_read_lock_irqsave(rwlock_t *lock);
extern unsigned long vmsim_write_lock_irqsave(rwlock_t *lock);

/* vmsim: exact, every name of this file */
extern void spin_lock(spinlock_t *lock);
extern int spin_trylock(spinlock_t *lock);
extern void spin_unlock(spinlock_t *lock);
extern void spin_lock_irq(spinlock_t *lock);
extern void spin_unlock_irq(spinlock_t *lock);
extern void spin_lock_bh(spinlock_t *lock);
extern void spin_unlock_bh(spinlock_t *lock);
extern void spin_unlock_irqrestore(spinlock_t *lock, unsigned long flags);
extern int spin_is_locked(spinlock_t *lock);
extern void read_lock(rwlock_t *lock);
extern void read_unlock(rwlock_t *lock);
extern void write_lock(rwlock_t *lock);
extern void write_unlock(rwlock_t *lock);
extern void read_lock_irq(rwlock_t *lock);
extern void read_unlock_irq(rwlock_t *lock);
extern void write_lock_irq(rwlock_t *lock);
extern void write_unlock_irq(rwlock_t *lock);
extern void read_lock_bh(rwlock_t *lock);
extern void read_unlock_bh(rwlock_t *lock);
extern void write_lock_bh(rwlock_t *lock);
extern void write_unlock_bh(rwlock_t *lock);
extern void read_unlock_irqrestore(rwlock_t *lock, unsigned long flags);
extern void write_unlock_irqrestore(rwlock_t *lock, unsigned long flags);
extern int read_trylock(rwlock_t *lock);
extern int write_trylock(rwlock_t *lock);

#define spin_lock_init(lock) \
	do { \
		(lock)->owner = NULL; \
		(lock)->name = #lock; \
	} while (0)
#define rwlock_init(lock) \
	do { \
		(lock)->owner = NULL; \
		(lock)->name = #lock; \
		(lock)->readers = 0; \
	} while (0)
#define spin_lock_irqsave(lock, flags) ((flags) = vmsim_spin_lock_irqsave(lock))
#define spin_lock_nested(lock, subclass) spin_lock(lock)
#define spin_trylock_irqsave(lock, flags) vmsim_spin_trylock_irqsave((lock), &(flags))
#define read_lock_irqsave(lock, flags) ((flags) = vmsim_read_lock_irqsave(lock))
#define write_lock_irqsave(lock, flags) ((flags) = vmsim_write_lock_irqsave(lock))
#define assert_spin_locked(lock) BUG_ON(!spin_is_locked(lock))
#if VMSIM_SINCE(2, 6, 33)
#define raw_spin_lock_init(lock) spin_lock_init(lock)
#define raw_spin_lock(lock) spin_lock(lock)
#define raw_spin_unlock(lock) spin_unlock(lock)
#define raw_spin_lock_irqsave(lock, flags) spin_lock_irqsave(lock, flags)
#define raw_spin_unlock_irqrestore(lock, flags) spin_unlock_irqrestore(lock, flags)
#endif
#define lockdep_assert_held(lock) ((void)(lock))

#endif
