/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/linkage.h.
 */
#ifndef VMSIM_KAPI_LINUX_LINKAGE_H
#define VMSIM_KAPI_LINUX_LINKAGE_H

#include "compiler_types.h"
#include "stringify.h"

#endif
