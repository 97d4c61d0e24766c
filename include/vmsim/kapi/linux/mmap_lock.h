/* SPDX-License-Identifier: MIT */
/*
 * The lock of an address space. Counterpart: include/linux/mmap_lock.h. [5.8, )
 */
#ifndef VMSIM_KAPI_LINUX_MMAP_LOCK_H
#define VMSIM_KAPI_LINUX_MMAP_LOCK_H

#include "rwsem.h"
#include "mm_types.h"

#if VMSIM_SINCE(5, 8, 0)
/* vmsim: exact [5.8, ), every name of this file */
#define mmap_read_lock(mm) down_read(&(mm)->mmap_lock)
#define mmap_read_trylock(mm) down_read_trylock(&(mm)->mmap_lock)
#define mmap_read_lock_killable(mm) down_read_killable(&(mm)->mmap_lock)
#define mmap_read_unlock(mm) up_read(&(mm)->mmap_lock)
#define mmap_write_lock(mm) down_write(&(mm)->mmap_lock)
#define mmap_write_trylock(mm) down_write_trylock(&(mm)->mmap_lock)
#define mmap_write_lock_killable(mm) down_write_killable(&(mm)->mmap_lock)
#define mmap_write_unlock(mm) up_write(&(mm)->mmap_lock)
#define mmap_write_downgrade(mm) downgrade_write(&(mm)->mmap_lock)
extern void mmap_assert_locked(struct mm_struct *mm);
extern void mmap_assert_write_locked(struct mm_struct *mm);
#endif

#endif
