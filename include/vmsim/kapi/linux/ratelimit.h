/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/ratelimit.h.
 */
#ifndef VMSIM_KAPI_LINUX_RATELIMIT_H
#define VMSIM_KAPI_LINUX_RATELIMIT_H

#include "printk.h"

#endif
