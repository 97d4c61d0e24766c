/* SPDX-License-Identifier: MIT */
/*
 * Privileges. Counterpart: include/linux/capability.h.
 */
#ifndef VMSIM_KAPI_LINUX_CAPABILITY_H
#define VMSIM_KAPI_LINUX_CAPABILITY_H

#include "types.h"

/* vmsim: exact, every name of this file */
#define CAP_CHOWN 0
#define CAP_DAC_OVERRIDE 1
#define CAP_DAC_READ_SEARCH 2
#define CAP_FOWNER 3
#define CAP_KILL 5
#define CAP_SETUID 7
#define CAP_NET_ADMIN 12
#define CAP_IPC_LOCK 14
#define CAP_SYS_MODULE 16
#define CAP_SYS_RAWIO 17
#define CAP_SYS_PTRACE 19
#define CAP_SYS_ADMIN 21
#define CAP_SYS_NICE 23
#define CAP_SYS_RESOURCE 24
#define CAP_SYS_TTY_CONFIG 26
#if VMSIM_SINCE(2, 6, 19)
extern bool capable(int cap);
#else
extern int capable(int cap);
#endif
#if VMSIM_SINCE(2, 6, 39)
#define ns_capable(ns, cap) ((void)(ns), capable(cap))
#define ns_capable_noaudit(ns, cap) ns_capable(ns, cap)
#endif
#if VMSIM_SINCE(3, 10, 0)
#define file_ns_capable(file, ns, cap) ((void)(file), (void)(ns), capable(cap))
#endif

#endif
