/* SPDX-License-Identifier: MIT */
/* ioctls of the handed page, for the driver and for its program. */
#ifndef TWO_HALVES_H
#define TWO_HALVES_H

#include <linux/ioctl.h>

#define HALVES_HANDOVERS _IO('h', 1) /* returns how often the page has changed hands */
#define HALVES_RELEASE _IO('h', 2) /* takes the page from this file's last mapping, by zap_vma_ptes() */
#define HALVES_OWNED _IO('h', 3) /* returns 1 if this file's program has the page now */

#endif
