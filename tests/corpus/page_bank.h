/* SPDX-License-Identifier: MIT */
/* ioctls of the page bank, for the driver and for its program. */
#ifndef PAGE_BANK_H
#define PAGE_BANK_H

#include <linux/ioctl.h>

#define BANK_PAGES 4

enum bank_mode { BANK_MAP, BANK_MAP_ZERO, BANK_INSERT };

#define BANK_MODE _IO('B', 1) /* how later mappings of this file are made */
#define BANK_REFS _IO('B', 2) /* returns the reference count of the page given by the argument */
#define BANK_LEFT _IO('B', 3) /* returns what vm_insert_pages() left over the last time */

#endif
