/* SPDX-License-Identifier: MIT */
/*
 * Identifiers of 16 bytes: uuid_t is big-endian, guid_t little-endian. Counterpart:
 * include/linux/uuid.h. Exists since 2.6.35 (vmsim-from: 2.6.35 ); types of today since 4.13.
 */
#ifndef VMSIM_KAPI_LINUX_UUID_H
#define VMSIM_KAPI_LINUX_UUID_H

#include "errno.h"
#include "kernel.h"
#include "random.h"
#include "string.h"

/* vmsim: exact, every name of this file */
#define UUID_SIZE 16
#define UUID_STRING_LEN 36
#define VMSIM_UUID_TAIL(d0, d1, d2, d3, d4, d5, d6, d7) d0, d1, d2, d3, d4, d5, d6, d7
#define VMSIM_UUID_LE(a, b, c, ...) \
	{ \
		(a)&0xff, ((a) >> 8) & 0xff, ((a) >> 16) & 0xff, ((a) >> 24) & 0xff, (b)&0xff, \
		((b) >> 8) & 0xff, (c)&0xff, ((c) >> 8) & 0xff, VMSIM_UUID_TAIL(__VA_ARGS__) \
	}
#define VMSIM_UUID_BE(a, b, c, ...) \
	{ \
		((a) >> 24) & 0xff, ((a) >> 16) & 0xff, ((a) >> 8) & 0xff, (a)&0xff, \
		((b) >> 8) & 0xff, (b)&0xff, ((c) >> 8) & 0xff, (c)&0xff, \
		VMSIM_UUID_TAIL(__VA_ARGS__) \
	}

/* A random one (version 4); `version_at` is the byte that holds the version. */
static inline void vmsim_uuid_gen(u8 *b, int version_at)
{
	get_random_bytes(b, UUID_SIZE);
	b[version_at] = (u8)((b[version_at] & 0x0f) | 0x40);
	b[8] = (u8)((b[8] & 0x3f) | 0x80);
}

static inline void generate_random_uuid(unsigned char uuid[16])
{
	vmsim_uuid_gen(uuid, 6);
}

#if VMSIM_SINCE(4, 13, 0)
typedef struct {
	__u8 b[UUID_SIZE];
} uuid_t;

typedef struct {
	__u8 b[UUID_SIZE];
} guid_t;

#define UUID_INIT(...) ((uuid_t) { VMSIM_UUID_BE(__VA_ARGS__) })
#define GUID_INIT(...) ((guid_t) { VMSIM_UUID_LE(__VA_ARGS__) })

static inline bool uuid_equal(const uuid_t *a, const uuid_t *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static inline void uuid_copy(uuid_t *to, const uuid_t *from)
{
	memcpy(to, from, sizeof(*to));
}

static inline bool uuid_is_null(const uuid_t *uuid)
{
	return !memchr_inv(uuid, 0, sizeof(*uuid));
}

static inline bool guid_equal(const guid_t *a, const guid_t *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static inline void guid_copy(guid_t *to, const guid_t *from)
{
	memcpy(to, from, sizeof(*to));
}

static inline bool guid_is_null(const guid_t *guid)
{
	return !memchr_inv(guid, 0, sizeof(*guid));
}

static inline void uuid_gen(uuid_t *uuid)
{
	vmsim_uuid_gen(uuid->b, 6);
}

static inline void guid_gen(guid_t *guid)
{
	vmsim_uuid_gen(guid->b, 7);
}

static inline bool uuid_is_valid(const char *text)
{
	unsigned int i;

	for (i = 0; i < UUID_STRING_LEN; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (text[i] != '-')
				return false;
		} else if (hex_to_bin((unsigned char)text[i]) < 0) {
			return false;
		}
	}
	return true;
}

/* `little`: the first three groups have their bytes in reverse. */
static inline int vmsim_uuid_parse(const char *text, u8 *b, bool little)
{
	static const u8 swapped[8] = { 3, 2, 1, 0, 5, 4, 7, 6 };
	unsigned int i, at = 0;

	if (!uuid_is_valid(text))
		return -EINVAL;
	for (i = 0; i < UUID_SIZE; i++, at += 2) {
		if (text[at] == '-')
			at++;
		b[little && i < 8 ? swapped[i] : i] =
			(u8)(hex_to_bin((unsigned char)text[at]) << 4 |
			     hex_to_bin((unsigned char)text[at + 1]));
	}
	return 0;
}

static inline int uuid_parse(const char *text, uuid_t *uuid)
{
	return vmsim_uuid_parse(text, uuid->b, false);
}

static inline int guid_parse(const char *text, guid_t *guid)
{
	return vmsim_uuid_parse(text, guid->b, true);
}

static inline void import_uuid(uuid_t *to, const __u8 *from)
{
	memcpy(to, from, sizeof(*to));
}

static inline void export_uuid(__u8 *to, const uuid_t *from)
{
	memcpy(to, from, sizeof(*from));
}
#else
/* vmsim: exact [2.6.35, 4.13) */
typedef struct {
	__u8 b[UUID_SIZE];
} uuid_le;

typedef struct {
	__u8 b[UUID_SIZE];
} uuid_be;

#define UUID_LE(...) ((uuid_le) { VMSIM_UUID_LE(__VA_ARGS__) })
#define UUID_BE(...) ((uuid_be) { VMSIM_UUID_BE(__VA_ARGS__) })
#define uuid_le_cmp(a, b) memcmp(&(a), &(b), sizeof(uuid_le))
#define uuid_be_cmp(a, b) memcmp(&(a), &(b), sizeof(uuid_be))

static inline void uuid_le_gen(uuid_le *uuid)
{
	vmsim_uuid_gen(uuid->b, 7);
}

static inline void uuid_be_gen(uuid_be *uuid)
{
	vmsim_uuid_gen(uuid->b, 6);
}
#endif

#endif
