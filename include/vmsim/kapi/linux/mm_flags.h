/* SPDX-License-Identifier: MIT */
/*
 * The VM_ bits of vm_flags. Counterpart: the flag block of include/linux/mm.h. Numbers are those
 * of each era's x86.
 */
#ifndef VMSIM_KAPI_LINUX_MM_FLAGS_H
#define VMSIM_KAPI_LINUX_MM_FLAGS_H

/* vmsim: exact, every name of this file */
#define VM_NONE 0x0UL
#define VM_READ 0x1UL
#define VM_WRITE 0x2UL
#define VM_EXEC 0x4UL
#define VM_SHARED 0x8UL
#define VM_MAYREAD 0x10UL
#define VM_MAYWRITE 0x20UL
#define VM_MAYEXEC 0x40UL
#define VM_MAYSHARE 0x80UL
#define VM_GROWSDOWN 0x100UL
#define VM_LOCKED 0x2000UL
#define VM_IO 0x4000UL
#define VM_SEQ_READ 0x8000UL
#define VM_RAND_READ 0x10000UL
#define VM_DONTCOPY 0x20000UL
#define VM_DONTEXPAND 0x40000UL
#define VM_ACCOUNT 0x100000UL
#define VM_HUGETLB 0x400000UL
#if VMSIM_UNTIL(2, 6, 15)
#define VM_SHM 0x400UL
#else
#define VM_PFNMAP 0x400UL
#endif
#if VMSIM_UNTIL(3, 7, 0)
#define VM_GROWSUP 0x200UL
/* vmsim: exact, then VM_DONTDUMP */
#define VM_RESERVED 0x80000UL
#define VM_EXECUTABLE 0x1000UL
#endif
#if VMSIM_UNTIL(5, 15, 0)
#define VM_DENYWRITE 0x800UL
#endif
#if VMSIM_UNTIL(4, 0, 0)
#define VM_NONLINEAR 0x800000UL
#endif
#if VMSIM_SINCE(2, 6, 15)
#if VMSIM_UNTIL(3, 7, 0)
/* vmsim: exact, then VM_MIXEDMAP */
#define VM_INSERTPAGE 0x2000000UL
#endif
#define VM_NORESERVE 0x200000UL
#endif
#if VMSIM_SINCE(2, 6, 26)
#define VM_MIXEDMAP 0x10000000UL
#endif
#if VMSIM_SINCE(2, 6, 32)
#define VM_MERGEABLE 0x80000000UL
#endif
#if VMSIM_SINCE(3, 7, 0)
#define VM_DONTDUMP 0x4000000UL
#define VM_ARCH_1 0x1000000UL
#define VM_PAT VM_ARCH_1
#define VM_HUGEPAGE 0x20000000UL
#define VM_NOHUGEPAGE 0x40000000UL
#elif VMSIM_SINCE(3, 4, 0)
/* vmsim: exact, then VM_DONTDUMP */
#define VM_NODUMP 0x4000000UL
#endif
#if VMSIM_SINCE(3, 12, 0)
#define VM_SOFTDIRTY 0x8000000UL
#endif
#if VMSIM_SINCE(4, 3, 0)
#define VM_UFFD_MISSING 0x200UL
#define VM_UFFD_WP 0x1000UL
#endif
#if VMSIM_SINCE(4, 4, 0)
#define VM_LOCKONFAULT 0x80000UL
#endif
#if VMSIM_SINCE(4, 14, 0)
#define VM_WIPEONFORK 0x2000000UL
#endif
#if VMSIM_SINCE(4, 15, 0)
#define VM_SYNC 0x800000UL
#endif
#if VMSIM_SINCE(6, 10, 0)
#define VM_ALLOW_ANY_UNCACHED 0x8000000000UL
#define VM_SEALED 0x8000000000000000UL
#endif
#define VM_STACK VM_GROWSDOWN
#if VMSIM_SINCE(2, 6, 26)
#define VM_SPECIAL (VM_IO | VM_DONTEXPAND | VM_PFNMAP | VM_MIXEDMAP)
#endif
#define VM_ACCESS_FLAGS (VM_READ | VM_WRITE | VM_EXEC)

#endif
