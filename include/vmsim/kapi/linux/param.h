/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/param.h.
 */
#ifndef VMSIM_KAPI_LINUX_PARAM_H
#define VMSIM_KAPI_LINUX_PARAM_H

#include "../asm/param.h"

#endif
