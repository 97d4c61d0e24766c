/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/const.h.
 */
#ifndef VMSIM_KAPI_LINUX_CONST_H
#define VMSIM_KAPI_LINUX_CONST_H

/* vmsim: exact, every name of this file */
#define VMSIM_CONST_JOIN(x, suffix) (x##suffix)
#define _AC(x, suffix) VMSIM_CONST_JOIN(x, suffix)
#define _AT(type, x) ((type)(x))
#define _UL(x) _AC(x, UL)
#define _ULL(x) _AC(x, ULL)
#define _BITUL(x) (1UL << (x))
#define UL(x) _UL(x)
#define ULL(x) _ULL(x)

#endif
