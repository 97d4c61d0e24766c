/* SPDX-License-Identifier: MIT */
/*
 * struct page, vm_area_struct, vm_fault and mm_struct. Counterpart: include/linux/mm_types.h; the
 * structs: vmsim/mm_types.h.
 */
#ifndef VMSIM_KAPI_LINUX_MM_TYPES_H
#define VMSIM_KAPI_LINUX_MM_TYPES_H

#include "types.h"
#include "atomic.h"
#include "spinlock_types.h"
#include "../asm/page.h"
#include "../vmsim/mm_types.h"

/* vmsim: exact, every name of this file */
#if VMSIM_SINCE(4, 17, 0)
typedef vmsim_fault_t vm_fault_t;
#endif
#if VMSIM_SINCE(3, 6, 0)
typedef unsigned long vm_flags_t;
#endif
#if VMSIM_UNTIL(5, 8, 0)
/* vmsim: exact, then mmap_lock */
#define mmap_sem mmap_lock
#endif

#if VMSIM_SINCE(4, 11, 0) && VMSIM_UNTIL(6, 6, 0)
/* vmsim: exact [4.11, 6.6), in linux/mm.h: until 6.6 an argument of huge_fault */
enum page_entry_size { PE_SIZE_PTE = 0, PE_SIZE_PMD, PE_SIZE_PUD };
#endif

#if VMSIM_SINCE(5, 16, 0)
/* vmsim: simplified [5.16, ): a folio is its head page */
struct folio {
	struct page page;
};
#endif

#if VMSIM_SINCE(2, 6, 23)
enum vm_fault_reason {
	VM_FAULT_OOM = 0x1,
	VM_FAULT_SIGBUS = 0x2,
	VM_FAULT_MAJOR = 0x4,
#if VMSIM_UNTIL(6, 1, 0)
	VM_FAULT_WRITE = 0x8,
#endif
#if VMSIM_UNTIL(2, 6, 30)
	VM_FAULT_MINOR = 0,
#endif
	VM_FAULT_HWPOISON = 0x10,
	VM_FAULT_HWPOISON_LARGE = 0x20,
	VM_FAULT_SIGSEGV = 0x40,
	VM_FAULT_NOPAGE = 0x100,
	VM_FAULT_LOCKED = 0x200,
	VM_FAULT_RETRY = 0x400,
	VM_FAULT_FALLBACK = 0x800,
	VM_FAULT_DONE_COW = 0x1000,
	VM_FAULT_NEEDDSYNC = 0x2000,
	VM_FAULT_COMPLETED = 0x4000
};
#define VM_FAULT_ERROR \
	(VM_FAULT_OOM | VM_FAULT_SIGBUS | VM_FAULT_SIGSEGV | VM_FAULT_HWPOISON | \
	 VM_FAULT_HWPOISON_LARGE | VM_FAULT_FALLBACK)
#elif VMSIM_SINCE(2, 6, 13)
#define VM_FAULT_OOM 0
#define VM_FAULT_SIGBUS 1
#define VM_FAULT_MINOR 2
#define VM_FAULT_MAJOR 3
#else
#define VM_FAULT_OOM (-1)
#define VM_FAULT_SIGBUS 0
#define VM_FAULT_MINOR 1
#define VM_FAULT_MAJOR 2
#endif
#if VMSIM_UNTIL(2, 6, 26)
/* vmsim: exact [, 2.6.26): the answers of nopage that are no page, then VM_FAULT_SIGBUS */
#define NOPAGE_SIGBUS (NULL)
/* vmsim: exact, then VM_FAULT_OOM */
#define NOPAGE_OOM ((struct page *)(-1))
#endif

#if VMSIM_SINCE(2, 6, 23)
#define FAULT_FLAG_WRITE 0x01
#if VMSIM_SINCE(4, 0, 0)
#define FAULT_FLAG_MKWRITE 0x02
#define FAULT_FLAG_ALLOW_RETRY 0x04
#define FAULT_FLAG_RETRY_NOWAIT 0x08
#define FAULT_FLAG_KILLABLE 0x10
#define FAULT_FLAG_TRIED 0x20
#define FAULT_FLAG_USER 0x40
#define FAULT_FLAG_REMOTE 0x80
#define FAULT_FLAG_INSTRUCTION 0x100
#define FAULT_FLAG_INTERRUPTIBLE 0x200
#define FAULT_FLAG_UNSHARE 0x400
#define FAULT_FLAG_ORIG_PTE_VALID 0x800
#define FAULT_FLAG_VMA_LOCK 0x1000
#else
#define FAULT_FLAG_NONLINEAR 0x02
#define FAULT_FLAG_MKWRITE 0x04
#define FAULT_FLAG_ALLOW_RETRY 0x08
#endif
#endif

#endif
