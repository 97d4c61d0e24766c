/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/posix_types.h.
 */
#ifndef VMSIM_KAPI_LINUX_POSIX_TYPES_H
#define VMSIM_KAPI_LINUX_POSIX_TYPES_H

#include "types.h"

#endif
