/* SPDX-License-Identifier: MIT */
/* File modes. Counterpart: include/uapi/linux/stat.h. See linux/. */
#ifndef VMSIM_KAPI_UAPI_LINUX_STAT_H
#define VMSIM_KAPI_UAPI_LINUX_STAT_H

#include "../../linux/stat.h"

#endif
