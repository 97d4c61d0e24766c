/* SPDX-License-Identifier: MIT */
/*
 * Who is asking. Counterpart: include/linux/cred.h. [2.6.27, )
 */
#ifndef VMSIM_KAPI_LINUX_CRED_H
#define VMSIM_KAPI_LINUX_CRED_H

#include "capability.h"
#include "sched.h"
#include "uidgid.h"

extern unsigned int vmsim_current_uid(int effective);
extern unsigned int vmsim_current_gid(int effective);
#if VMSIM_SINCE(3, 5, 0)
/* vmsim: exact [2.6.27, ), every name of this file */
#define current_uid() KUIDT_INIT(vmsim_current_uid(0))
#define current_euid() KUIDT_INIT(vmsim_current_uid(1))
#define current_gid() KGIDT_INIT(vmsim_current_gid(0))
#define current_fsuid() KUIDT_INIT(vmsim_current_uid(1))
#define current_egid() KGIDT_INIT(vmsim_current_gid(1))
#define current_fsgid() KGIDT_INIT(vmsim_current_gid(1))
#define current_user_ns() (&init_user_ns)
#elif VMSIM_SINCE(2, 6, 27)
#define current_uid() vmsim_current_uid(0)
#define current_euid() vmsim_current_uid(1)
#define current_gid() vmsim_current_gid(0)
#define current_fsuid() vmsim_current_uid(1)
#define current_egid() vmsim_current_gid(1)
#define current_fsgid() vmsim_current_gid(1)
#endif

#if VMSIM_SINCE(2, 6, 27)
#if VMSIM_UNTIL(3, 5, 0)
typedef uid_t kuid_t; /* vmsim: simplified [2.6.27, 3.5): a number */
typedef gid_t kgid_t; /* vmsim: simplified [2.6.27, 3.5): a number */
#endif
/* vmsim: simplified [2.6.27, ): the ids, which lie in the task in this order */
struct cred {
	kuid_t uid, euid, suid, fsuid;
	kgid_t gid, egid, sgid, fsgid;
};
#define current_cred() ((const struct cred *)&current->uid)
#define get_current_cred() current_cred()
#define get_cred(cred) (cred)
#define put_cred(cred) ((void)(cred))
#define task_uid(task) (((const struct cred *)&(task)->uid)->uid)
#define task_euid(task) (((const struct cred *)&(task)->uid)->euid)
#endif

#endif
