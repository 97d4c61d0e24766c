/* SPDX-License-Identifier: MIT */
/* Flags of mmap(2). Counterpart: include/uapi/linux/mman.h. See linux/. */
#ifndef VMSIM_KAPI_UAPI_LINUX_MMAN_H
#define VMSIM_KAPI_UAPI_LINUX_MMAN_H

#include "../../linux/mman.h"

#endif
