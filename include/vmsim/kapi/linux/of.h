/* SPDX-License-Identifier: MIT */
/*
 * Device tree; the simulated machine has none. Counterpart: include/linux/of.h.
 */
#ifndef VMSIM_KAPI_LINUX_OF_H
#define VMSIM_KAPI_LINUX_OF_H

#include "types.h"

/* vmsim: stub, every name of this file */
/* vmsim: stub */
struct device_node;
#define of_match_ptr(table) NULL

#endif
