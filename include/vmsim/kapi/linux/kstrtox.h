/* SPDX-License-Identifier: MIT */
/*
 * Text to numbers. Counterpart: include/linux/kstrtox.h.
 */
#ifndef VMSIM_KAPI_LINUX_KSTRTOX_H
#define VMSIM_KAPI_LINUX_KSTRTOX_H

#include "types.h"

/* vmsim: exact, every name of this file */
extern unsigned long simple_strtoul(const char *text, char **end, unsigned int base);
extern long simple_strtol(const char *text, char **end, unsigned int base);
extern unsigned long long simple_strtoull(const char *text, char **end, unsigned int base);
extern long long simple_strtoll(const char *text, char **end, unsigned int base);
extern unsigned long long memparse(const char *text, char **end);

#if VMSIM_SINCE(2, 6, 38)
/* vmsim: exact [2.6.38, ) */
extern int kstrtoull(const char *s, unsigned int base, unsigned long long *res);
/* vmsim: exact [2.6.38, ) */
extern int kstrtoll(const char *s, unsigned int base, long long *res);
/* vmsim: exact [2.6.38, ) */
extern int kstrtoul(const char *s, unsigned int base, unsigned long *res);
/* vmsim: exact [2.6.38, ) */
extern int kstrtol(const char *s, unsigned int base, long *res);
/* vmsim: exact [2.6.38, ) */
extern int kstrtouint(const char *s, unsigned int base, unsigned int *res);
/* vmsim: exact [2.6.38, ) */
extern int kstrtoint(const char *s, unsigned int base, int *res);
/* vmsim: exact [2.6.38, ) */
extern int kstrtou8(const char *s, unsigned int base, u8 *res);
/* vmsim: exact [2.6.38, ) */
extern int kstrtou16(const char *s, unsigned int base, u16 *res);
#if VMSIM_SINCE(4, 6, 0)
extern int kstrtobool(const char *s, bool *res); /* vmsim: exact [4.6, ) */
#endif
/* vmsim: exact [2.6.38, ) */
extern int kstrtoul_from_user(const char __user *s, size_t n, unsigned int base,
			      unsigned long *res);
/* vmsim: exact [2.6.38, ) */
extern int kstrtoint_from_user(const char __user *s, size_t n, unsigned int base, int *res);
/* vmsim: exact [2.6.38, ) */
extern int kstrtouint_from_user(const char __user *s, size_t n, unsigned int base,
				unsigned int *res);

static inline int kstrtou32(const char *s, unsigned int base, u32 *res)
{
	return kstrtouint(s, base, res);
}

static inline int kstrtos32(const char *s, unsigned int base, s32 *res)
{
	return kstrtoint(s, base, res);
}

static inline int kstrtou64(const char *s, unsigned int base, u64 *res)
{
	return kstrtoull(s, base, res);
}
#endif

#endif
