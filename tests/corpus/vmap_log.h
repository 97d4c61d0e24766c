/* SPDX-License-Identifier: MIT */
/* Layout of the log, for the driver and for its program. */
#ifndef VMAP_LOG_H
#define VMAP_LOG_H

#define LOG_PAGES 4
#define LOG_PLAIN_OFFSET 0x10000 /* mapped by faults over plain vmalloc() memory */

#endif
