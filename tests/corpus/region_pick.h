/* SPDX-License-Identifier: MIT */
/* The regions of one device, chosen by the offset of mmap(), for the driver and for its program. */
#ifndef REGION_PICK_H
#define REGION_PICK_H

#define REGION_STRIDE 0x100000ul /* region n starts at offset n * REGION_STRIDE */

enum region_nr { REGION_CONFIG, REGION_QUEUE, REGION_TABLE, REGION_CARD, REGION_BIG, REGION_COUNT };

#define REGION_BIG_ALIGN 0x200000ul

#endif
