/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/swab.h.
 */
#ifndef VMSIM_KAPI_LINUX_SWAB_H
#define VMSIM_KAPI_LINUX_SWAB_H

#include "../asm/byteorder.h"

#endif
