/* SPDX-License-Identifier: MIT */
/*
 * Arguments of functions that take any number of them. Counterpart: include/linux/stdarg.h, before
 * 5.15 the compiler's own header.
 */
#ifndef VMSIM_KAPI_LINUX_STDARG_H
#define VMSIM_KAPI_LINUX_STDARG_H

/* vmsim: exact, every name of this file */
typedef __builtin_va_list va_list;
#define va_start(v, l) __builtin_va_start(v, l)
#define va_end(v) __builtin_va_end(v)
#define va_arg(v, l) __builtin_va_arg(v, l)
#define va_copy(d, s) __builtin_va_copy(d, s)

#endif
