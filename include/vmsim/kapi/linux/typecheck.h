/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/typecheck.h.
 */
#ifndef VMSIM_KAPI_LINUX_TYPECHECK_H
#define VMSIM_KAPI_LINUX_TYPECHECK_H

/* vmsim: exact */
#define typecheck(type, x) \
	({ \
		type vmsim_want; \
		__typeof__(x) vmsim_have; \
		(void)(&vmsim_want == &vmsim_have); \
		1; \
	})

#endif
