/* SPDX-License-Identifier: MIT */
/* Flags of open(2). Counterpart: include/uapi/linux/fcntl.h. See linux/. */
#ifndef VMSIM_KAPI_UAPI_LINUX_FCNTL_H
#define VMSIM_KAPI_UAPI_LINUX_FCNTL_H

#include "../../linux/fcntl.h"

#endif
