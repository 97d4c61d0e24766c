/* SPDX-License-Identifier: MIT */
/*
 * Character classes, ASCII only. Counterpart: include/linux/ctype.h.
 */
#ifndef VMSIM_KAPI_LINUX_CTYPE_H
#define VMSIM_KAPI_LINUX_CTYPE_H

/* vmsim: simplified: ASCII, not Latin-1, every name of this file */
static inline int isdigit(int c)
{
	return c >= '0' && c <= '9';
}

static inline int islower(int c)
{
	return c >= 'a' && c <= 'z';
}

static inline int isupper(int c)
{
	return c >= 'A' && c <= 'Z';
}

static inline int isspace(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

#define isalpha(c) (islower(c) || isupper(c))
#define isalnum(c) (isalpha(c) || isdigit(c))
#define isxdigit(c) (isdigit(c) || ((c) >= 'a' && (c) <= 'f') || ((c) >= 'A' && (c) <= 'F'))
#define isprint(c) ((c) >= 0x20 && (c) < 0x7f)
#define isgraph(c) ((c) > 0x20 && (c) < 0x7f)
#define iscntrl(c) (((c) >= 0 && (c) < 0x20) || (c) == 0x7f)
#define ispunct(c) (isgraph(c) && !isalnum(c))
#define isascii(c) (((unsigned char)(c)) <= 0x7f)

static inline int tolower(int c)
{
	return isupper(c) ? c + 32 : c;
}

static inline int toupper(int c)
{
	return islower(c) ? c - 32 : c;
}

#endif
