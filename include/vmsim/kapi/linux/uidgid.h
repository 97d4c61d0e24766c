/* SPDX-License-Identifier: MIT */
/*
 * User and group ids as types of their own. Counterpart: include/linux/uidgid.h. [3.5, )
 */
#ifndef VMSIM_KAPI_LINUX_UIDGID_H
#define VMSIM_KAPI_LINUX_UIDGID_H

#include "types.h"

#if VMSIM_SINCE(3, 5, 0)
/* vmsim: exact [3.5, ), every name of this file */
typedef struct {
	uid_t val;
} kuid_t;
typedef struct {
	gid_t val;
} kgid_t;
#define KUIDT_INIT(value) ((kuid_t){ (value) })
#define KGIDT_INIT(value) ((kgid_t){ (value) })
#define GLOBAL_ROOT_UID KUIDT_INIT(0)
#define __kuid_val(uid) ((uid).val)
#define __kgid_val(gid) ((gid).val)
#define uid_eq(a, b) ((a).val == (b).val)
#define gid_eq(a, b) ((a).val == (b).val)
#define from_kuid(ns, uid) ((uid).val)
#define from_kgid(ns, gid) ((gid).val)
#define from_kuid_munged(ns, uid) ((uid).val)
#define from_kgid_munged(ns, gid) ((gid).val)
#define make_kuid(ns, uid) KUIDT_INIT(uid)
#define make_kgid(ns, gid) KGIDT_INIT(gid)
#define GLOBAL_ROOT_GID KGIDT_INIT(0)
#define INVALID_UID KUIDT_INIT(~0U)
#define INVALID_GID KGIDT_INIT(~0U)
#define uid_valid(uid) ((uid).val != ~0U)
#define gid_valid(gid) ((gid).val != ~0U)
#define uid_gt(a, b) ((a).val > (b).val)
#define uid_lt(a, b) ((a).val < (b).val)
#define kuid_has_mapping(ns, uid) uid_valid(uid)
#define init_user_ns (*(struct user_namespace *)0)
struct user_namespace;
#endif

#endif
