/* SPDX-License-Identifier: MIT */
/*
 * 32-bit callers, of which there are none. Counterpart: include/linux/compat.h.
 */
#ifndef VMSIM_KAPI_LINUX_COMPAT_H
#define VMSIM_KAPI_LINUX_COMPAT_H

#include "types.h"

/* vmsim: exact, every name of this file */
typedef u32 compat_uptr_t;
typedef u32 compat_ulong_t;
typedef s32 compat_long_t;
typedef s32 compat_int_t;
typedef u32 compat_uint_t;
#define compat_ptr(x) ((void __user *)(unsigned long)(x))
#define in_compat_syscall() 0

#endif
