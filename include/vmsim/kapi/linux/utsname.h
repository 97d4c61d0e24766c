/* SPDX-License-Identifier: MIT */
/*
 * The system's names. Counterpart: include/linux/utsname.h.
 */
#ifndef VMSIM_KAPI_LINUX_UTSNAME_H
#define VMSIM_KAPI_LINUX_UTSNAME_H

#include "utsrelease.h"

/* vmsim: exact, every name of this file */
struct new_utsname {
	char sysname[65];
	char nodename[65];
	char release[65];
	char version[65];
	char machine[65];
	char domainname[65];
};

static inline struct new_utsname *vmsim_utsname(void)
{
	static struct new_utsname names = {
		"Linux", "vmsim", UTS_RELEASE, "#1 SMP", "x86_64", "(none)"
	};

	return &names;
}

#if VMSIM_SINCE(2, 6, 19)
struct uts_namespace {
	struct new_utsname name;
};
#define init_uts_ns (*(struct uts_namespace *)vmsim_utsname())
#define utsname() vmsim_utsname()
#define init_utsname() vmsim_utsname()
#else
/* vmsim: exact, then utsname */
#define system_utsname (*vmsim_utsname())
#endif

#endif
