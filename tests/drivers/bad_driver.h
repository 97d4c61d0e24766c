/* SPDX-License-Identifier: MIT */
/*
 * ioctls of the bad_driver test driver, for the driver and for its tests: which mistake to make
 * where. Counterpart: a driver's uapi header.
 */
#ifndef VMSIM_TESTS_BAD_DRIVER_H
#define VMSIM_TESTS_BAD_DRIVER_H

#include <linux/ioctl.h>

#define BAD_MMAP _IO('B', 1) /* arg: enum bad_mmap, what the mmap handler does from now on */
#define BAD_FAULT _IO('B', 2) /* arg: enum bad_fault, what the fault handler does from now on */
#define BAD_DO _IO('B', 3) /* arg: enum bad_do, done at once; returns its result */
#define BAD_PFN _IO('B', 4) /* arg: the frame that BAD_MMAP_REMAP maps */
#define BAD_TOUCH _IO('B', 5) /* arg: an address that the driver reads as if it were its own */
#define BAD_FAULTS _IO('B', 6) /* returns the number of fault calls */
#define BAD_RESULT _IO('B', 7) /* returns minus what the last call in the mmap handler returned */

enum bad_mmap {
	BAD_MMAP_GOOD,
	BAD_MMAP_REMAP, /* the whole area, from the frame of BAD_PFN on */
	BAD_MMAP_UNALIGNED,
	BAD_MMAP_WRAPS,
	BAD_MMAP_OUTSIDE, /* one page more than the area has */
	BAD_MMAP_KERNEL_ADDRESS,
	BAD_MMAP_TWICE,
	BAD_MMAP_EMPTY,
	BAD_MMAP_INSERT_SLAB,
	BAD_MMAP_INSERT_FREE,
	BAD_MMAP_INSERT_ZERO,
	BAD_MMAP_INSERT_VMALLOC, /* virt_to_page() of a vmalloc address */
	BAD_MMAP_INSERT_COOKIE, /* virt_to_page() of an ioremap cookie */
	BAD_MMAP_INSERT_JUNK,
	BAD_MMAP_INSERT_OUTSIDE,
	BAD_MMAP_INSERT_TWICE,
	BAD_MMAP_INSERT_PFNMAP,
	BAD_MMAP_RETURNS_5,
	BAD_MMAP_RETURNS_MINUS_4095,
	BAD_MMAP_OOPSES,
	BAD_MMAP_FAULT,
	BAD_MMAP_FAULT_PFNMAP,
	BAD_MMAP_FAULT_MIXED,
};

enum bad_fault {
	BAD_FAULT_NOPAGE, /* without an entry */
	BAD_FAULT_OOM,
	BAD_FAULT_RETRY, /* mmap_lock released, as it should be, again and again */
	BAD_FAULT_RETRY_LOCKED,
	BAD_FAULT_NO_PAGE, /* 0 and no vmf->page */
	BAD_FAULT_LOCKED_NO_PAGE,
	BAD_FAULT_JUNK_PAGE,
	BAD_FAULT_FREE_PAGE,
	BAD_FAULT_JUNK_BITS,
	BAD_FAULT_TOP_BIT,
	BAD_FAULT_MINUS_ENOMEM,
	BAD_FAULT_SIGSEGV,
	BAD_FAULT_HWPOISON,
	BAD_FAULT_INSERT_PFN,
	BAD_FAULT_NULL,
};

enum bad_do {
	BAD_KFREE_TWICE,
	BAD_KFREE_MIDDLE,
	BAD_KFREE_VMALLOC,
	BAD_WRITE_PAST_END,
	BAD_WRITE_AFTER_KFREE,
	BAD_FREE_PAGE_TWICE,
	BAD_VFREE_TWICE,
	BAD_VFREE_MIDDLE,
	BAD_VFREE_KMALLOC,
	BAD_KUNMAP_UNMAPPED,
	BAD_KUNMAP_ADDRESS,
	BAD_USE_AFTER_KUNMAP,
	BAD_KMAP_LEFT,
	BAD_READ_NULL,
	BAD_READ_FREED_VMALLOC,
	BAD_READ_COOKIE,
	BAD_IOUNMAP_TWICE,
	BAD_BUG,
	BAD_DIVIDE,
	BAD_JUMP_NULL,
	BAD_MUTEX_TWICE,
	BAD_MUTEX_UNLOCK_UNLOCKED,
	BAD_MUTEX_HOLD, /* for a second, by who asks */
	BAD_MUTEX_UNLOCK, /* of whoever holds it */
	BAD_MUTEX_LEFT, /* still held when the call returns */
	BAD_OOPS_WITH_MUTEX,
	BAD_MUTEX_TAKE, /* and let go */
	BAD_SPIN_TWICE,
	BAD_SLEEP_IN_SPINLOCK,
	BAD_LOCK_A_B,
	BAD_LOCK_B_A,
	BAD_WAIT_FOREVER,
	BAD_UNREGISTER_TWICE,
};

/* Bits of the parameter `leave`: what exit() forgets. */
enum bad_leave {
	BAD_LEAVE_MISC = 1,
	BAD_LEAVE_CHRDEV = 2,
	BAD_LEAVE_IRQ = 4,
	BAD_LEAVE_TIMER = 8,
	BAD_LEAVE_WORK = 16,
	BAD_LEAVE_MEMORY = 32,
	BAD_LEAVE_IOREMAP = 64,
};

#endif
