/* SPDX-License-Identifier: MIT */
/*
 * Memory and string functions; only the kernel's. Counterpart: include/linux/string.h.
 */
#ifndef VMSIM_KAPI_LINUX_STRING_H
#define VMSIM_KAPI_LINUX_STRING_H

#include "compiler.h"
#include "errno.h"
#include "types.h"

/* vmsim: exact, every name of this file */
extern void *memset(void *s, int c, size_t n);
extern void *memcpy(void *to, const void *from, size_t n);
extern void *memmove(void *to, const void *from, size_t n);
extern int memcmp(const void *a, const void *b, size_t n);
extern void *memchr(const void *s, int c, size_t n);
extern void *memchr_inv(const void *s, int c, size_t n);
extern void *memscan(void *s, int c, size_t n);
extern size_t strlen(const char *s);
extern size_t strnlen(const char *s, size_t n);
extern int strcmp(const char *a, const char *b);
extern int strncmp(const char *a, const char *b, size_t n);
extern int strcasecmp(const char *a, const char *b);
extern int strncasecmp(const char *a, const char *b, size_t n);
extern char *strcpy(char *to, const char *from);
extern char *strncpy(char *to, const char *from, size_t n);
extern char *strcat(char *to, const char *from);
extern char *strncat(char *to, const char *from, size_t n);
extern char *strchr(const char *s, int c);
extern char *strrchr(const char *s, int c);
extern char *strnchr(const char *s, size_t n, int c);
extern char *strstr(const char *s, const char *what);
extern char *strnstr(const char *s, const char *what, size_t n);
extern size_t strspn(const char *s, const char *accept);
extern size_t strcspn(const char *s, const char *reject);
extern char *strpbrk(const char *s, const char *accept);
extern char *strsep(char **s, const char *delimiters);
extern char *skip_spaces(const char *s);
extern char *strim(char *s);
extern size_t strlcat(char *to, const char *from, size_t n);
#if VMSIM_UNTIL(6, 8, 0)
/* vmsim: exact [, 6.8), then strscpy */
extern size_t strlcpy(char *to, const char *from, size_t n);
#endif
#if VMSIM_SINCE(4, 3, 0)
/* vmsim: exact [4.3, ) */
extern ssize_t vmsim_strscpy(char *to, const char *from, size_t n);
#define VMSIM_STRSCPY_SIZE(to, from, size, ...) vmsim_strscpy(to, from, size)
#define strscpy(to, from, ...) VMSIM_STRSCPY_SIZE(to, from, ##__VA_ARGS__, sizeof(to))
#endif
#if VMSIM_SINCE(5, 2, 0)
extern ssize_t strscpy_pad(char *to, const char *from, size_t n); /* vmsim: exact [5.2, ) */
#endif
extern char *kstrdup(const char *s, gfp_t gfp);
extern const char *kstrdup_const(const char *s, gfp_t gfp);
extern char *kstrndup(const char *s, size_t n, gfp_t gfp);
extern void *kmemdup(const void *from, size_t n, gfp_t gfp);
extern char *kmemdup_nul(const char *s, size_t n, gfp_t gfp);
extern void kfree_const(const void *p);
#if VMSIM_SINCE(2, 6, 30)
extern void *memdup_user(const void __user *from, size_t n); /* vmsim: exact [2.6.30, ) */
#endif
#if VMSIM_SINCE(4, 16, 0)
extern void *vmemdup_user(const void __user *from, size_t n); /* vmsim: exact [4.16, ) */
#endif
#if VMSIM_SINCE(4, 5, 0)
extern void *memdup_user_nul(const void __user *from, size_t n); /* vmsim: exact [4.5, ) */
#endif
#if VMSIM_SINCE(2, 6, 18)
extern char *strndup_user(const char __user *s, long n); /* vmsim: exact [2.6.18, ) */
#endif
extern int sysfs_streq(const char *a, const char *b);
extern int match_string(const char *const *array, size_t n, const char *s);
#define strstarts(s, prefix) (strncmp(s, prefix, strlen(prefix)) == 0)
#define str_has_prefix(s, prefix) (strncmp(s, prefix, strlen(prefix)) ? 0 : strlen(prefix))
#define memzero_explicit(s, n) \
	do { \
		memset(s, 0, n); \
		barrier(); \
	} while (0)
#define kbasename(path) \
	({ \
		const char *vmsim_slash = strrchr(path, '/'); \
		vmsim_slash ? vmsim_slash + 1 : (path); \
	})

#endif
