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
#elif VMSIM_SINCE(2, 6, 27)
#define current_uid() vmsim_current_uid(0)
#define current_euid() vmsim_current_uid(1)
#define current_gid() vmsim_current_gid(0)
#define current_fsuid() vmsim_current_uid(1)
#endif

#endif
