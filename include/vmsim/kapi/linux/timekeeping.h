/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/timekeeping.h.
 */
#ifndef VMSIM_KAPI_LINUX_TIMEKEEPING_H
#define VMSIM_KAPI_LINUX_TIMEKEEPING_H

#include "ktime.h"

#endif
