/* SPDX-License-Identifier: MIT */
/*
 * Formatting with the kernel's extensions (%pK, %pa, %*ph, …). Counterpart:
 * include/linux/sprintf.h.
 */
#ifndef VMSIM_KAPI_LINUX_SPRINTF_H
#define VMSIM_KAPI_LINUX_SPRINTF_H

#include "stdarg.h"
#include "compiler.h"
#include "types.h"

/* vmsim: exact */
extern int sprintf(char *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* vmsim: exact */
extern int vsprintf(char *buf, const char *fmt, va_list args);
/* vmsim: exact */
extern int snprintf(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* vmsim: exact */
extern int vsnprintf(char *buf, size_t size, const char *fmt, va_list args);
/* vmsim: exact */
extern int scnprintf(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* vmsim: exact */
extern int vscnprintf(char *buf, size_t size, const char *fmt, va_list args);
/* vmsim: exact */
extern char *kasprintf(gfp_t gfp, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* vmsim: exact */
extern char *kvasprintf(gfp_t gfp, const char *fmt, va_list args);
/* vmsim: exact */
extern int sscanf(const char *buf, const char *fmt, ...) __attribute__((format(scanf, 2, 3)));
/* vmsim: exact */
extern int vsscanf(const char *buf, const char *fmt, va_list args);

#endif
