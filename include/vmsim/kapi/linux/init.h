/* SPDX-License-Identifier: MIT */
/*
 * Entry points and section marks. Counterpart: include/linux/init.h. Sections are not discarded:
 * the marks are empty.
 */
#ifndef VMSIM_KAPI_LINUX_INIT_H
#define VMSIM_KAPI_LINUX_INIT_H

#include "compiler.h"
#include "types.h"

/* vmsim: simplified: nothing is discarded, every name of this block */
#define __init
#define __exit
#define __initdata
#define __initconst
#define __exitdata
#define __refdata
#define __ref
#define __exit_p(x) (x)
#if VMSIM_UNTIL(3, 8, 0)
#define __devinit
#define __devexit
#define __devinitdata
#define __devexit_p(x) (x)
#endif

/* vmsim: exact */
#define module_init(fn) \
	static inline int (*__maybe_unused vmsim_check_init(void))(void) \
	{ \
		return fn; \
	} \
	int init_module(void) __attribute__((alias(#fn)));
/* vmsim: exact */
#define module_exit(fn) \
	static inline void (*__maybe_unused vmsim_check_exit(void))(void) \
	{ \
		return fn; \
	} \
	void cleanup_module(void) __attribute__((alias(#fn)));
/* vmsim: exact: in a module every level is module_init, every name of this block */
#define early_initcall(fn) module_init(fn)
#define core_initcall(fn) module_init(fn)
#define postcore_initcall(fn) module_init(fn)
#define arch_initcall(fn) module_init(fn)
#define subsys_initcall(fn) module_init(fn)
#define fs_initcall(fn) module_init(fn)
#define device_initcall(fn) module_init(fn)
#define late_initcall(fn) module_init(fn)

#endif
