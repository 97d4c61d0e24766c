/* SPDX-License-Identifier: MIT */
/* Fixed-width types. Counterpart: include/uapi/linux/types.h. See linux/. */
#ifndef VMSIM_KAPI_UAPI_LINUX_TYPES_H
#define VMSIM_KAPI_UAPI_LINUX_TYPES_H

#include "../../linux/types.h"

#endif
