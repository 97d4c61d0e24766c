/* SPDX-License-Identifier: MIT */
/* ioctls of the test driver where, for the driver and for its tests. Counterpart: a driver's uapi header. */
#ifndef VMSIM_TESTS_WHERE_H
#define VMSIM_TESTS_WHERE_H

#include <linux/ioctl.h>

#define WHERE_MAP _IO('W', 0) /* arg: enum where_map, what mmap or the fault handler does */
#define WHERE_KFREE_TWICE _IO('W', 1)
#define WHERE_SLEEP_LOCKED _IO('W', 2)
#define WHERE_KFREE_STATIC _IO('W', 3)
#define WHERE_KFREE_LOCAL _IO('W', 4)
#define WHERE_LOCK_TWICE _IO('W', 5)
#define WHERE_LOCK_LEFT _IO('W', 6)
#define WHERE_WRITE_PAST_END _IO('W', 7)
#define WHERE_VFREE_TWICE _IO('W', 8)
#define WHERE_FREE_PAGE_TWICE _IO('W', 9)
#define WHERE_COPY_THEN_KFREE _IO('W', 10) /* arg: a user address */
#define WHERE_DIVIDE _IO('W', 11)
#define WHERE_BAD_STRING _IO('W', 12)
#define WHERE_READ_CONST _IO('W', 13)
#define WHERE_GET_NULL _IO('W', 14) /* arg: 0 */

enum where_map {
	WHERE_MAP_5,
	WHERE_MAP_REFUSED,
	WHERE_MAP_EPERM, /* the same refusal, with another errno */
	WHERE_MAP_FREE_PAGE,
	WHERE_MAP_FREED_PFN,
	WHERE_MAP_TWICE,
	WHERE_FAULT_ERRNO,
	WHERE_FAULT_RETRY,
	WHERE_FAULT_NOPAGE,
	WHERE_FAULT_NO_PAGE,
	WHERE_FAULT_FREE_PAGE,
	WHERE_FAULT_FREE_PFN,
	WHERE_FAULT_KFREE, /* and a good page */
	WHERE_FAULT_NO_GET,
};

#endif
