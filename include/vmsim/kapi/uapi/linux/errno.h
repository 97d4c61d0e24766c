/* SPDX-License-Identifier: MIT */
/* Error numbers. Counterpart: include/uapi/linux/errno.h. See linux/. */
#ifndef VMSIM_KAPI_UAPI_LINUX_ERRNO_H
#define VMSIM_KAPI_UAPI_LINUX_ERRNO_H

#include "../../linux/errno.h"

#endif
