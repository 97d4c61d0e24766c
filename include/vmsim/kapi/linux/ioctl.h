/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/uapi/linux/ioctl.h.
 */
#ifndef VMSIM_KAPI_LINUX_IOCTL_H
#define VMSIM_KAPI_LINUX_IOCTL_H

#include "../asm/ioctl.h"

#endif
