/* SPDX-License-Identifier: MIT */
/*
 * The version number a driver compares with. Counterpart: include/generated/uapi/linux/version.h.
 */
#ifndef VMSIM_KAPI_LINUX_VERSION_H
#define VMSIM_KAPI_LINUX_VERSION_H

#include "../vmsim/era.h"

/* vmsim: exact, every name of this file */
#define LINUX_VERSION_CODE VMSIM_KERNEL
#define KERNEL_VERSION(a, b, c) VMSIM_VERSION(a, b, c)
#define LINUX_VERSION_MAJOR (VMSIM_KERNEL >> 16)
#define LINUX_VERSION_PATCHLEVEL (VMSIM_KERNEL >> 8 & 255)
#define LINUX_VERSION_SUBLEVEL (VMSIM_KERNEL & 255)

#if VMSIM_UNTIL(2, 6, 33)
#include "utsrelease.h"
#endif

#endif
