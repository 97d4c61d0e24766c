/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: arch/x86/include/asm/div64.h.
 */
#ifndef VMSIM_KAPI_ASM_DIV64_H
#define VMSIM_KAPI_ASM_DIV64_H

/* vmsim: exact */
#define do_div(n, base) \
	({ \
		unsigned int vmsim_base = (base); \
		unsigned int vmsim_rem = (unsigned int)((unsigned long long)(n) % vmsim_base); \
		(n) = (unsigned long long)(n) / vmsim_base; \
		vmsim_rem; \
	})

#endif
