/* SPDX-License-Identifier: MIT */
/* ioctl numbers. Counterpart: include/uapi/linux/ioctl.h. See linux/. */
#ifndef VMSIM_KAPI_UAPI_LINUX_IOCTL_H
#define VMSIM_KAPI_UAPI_LINUX_IOCTL_H

#include "../../linux/ioctl.h"

#endif
