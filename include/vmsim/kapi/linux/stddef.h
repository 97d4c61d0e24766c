/* SPDX-License-Identifier: MIT */
/*
 * NULL, offsetof and kin. Counterpart: include/linux/stddef.h.
 */
#ifndef VMSIM_KAPI_LINUX_STDDEF_H
#define VMSIM_KAPI_LINUX_STDDEF_H

#include <stddef.h>
#include "compiler_types.h"

#if VMSIM_SINCE(2, 6, 19)
enum { false = 0, true = 1 };
#endif

/* vmsim: exact */
#define sizeof_field(type, member) sizeof(((type *)0)->member)
#define offsetofend(type, member) (offsetof(type, member) + sizeof_field(type, member))

#endif
