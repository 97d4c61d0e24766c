/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/time64.h.
 */
#ifndef VMSIM_KAPI_LINUX_TIME64_H
#define VMSIM_KAPI_LINUX_TIME64_H

#include "time.h"

#endif
