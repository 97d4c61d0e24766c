/* SPDX-License-Identifier: MIT */
/*
 * NULL, offsetof and kin. Counterpart: include/linux/stddef.h.
 */
#ifndef VMSIM_KAPI_LINUX_STDDEF_H
#define VMSIM_KAPI_LINUX_STDDEF_H

#include "compiler_types.h"

#if VMSIM_SINCE(2, 6, 19)
enum { false = 0, true = 1 };
#endif

/* vmsim: exact, every name of this file */
typedef __SIZE_TYPE__ size_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t;
#undef NULL
#define NULL ((void *)0)
#undef offsetof
#define offsetof(type, member) __builtin_offsetof(type, member)
#define sizeof_field(type, member) sizeof(((type *)0)->member)
#define offsetofend(type, member) (offsetof(type, member) + sizeof_field(type, member))

#endif
