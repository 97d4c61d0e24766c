/* SPDX-License-Identifier: MIT */
/*
 * Tables by which drivers name their devices. Counterpart: include/linux/mod_devicetable.h.
 */
#ifndef VMSIM_KAPI_LINUX_MOD_DEVICETABLE_H
#define VMSIM_KAPI_LINUX_MOD_DEVICETABLE_H

#include "types.h"
#include "../vmsim/platform_types.h"

/* vmsim: exact, every name of this file */
#define PLATFORM_NAME_SIZE 24
typedef unsigned long kernel_ulong_t;

#endif
