/* SPDX-License-Identifier: MIT */
/*
 * Annotations of pointers and functions, and what kbuild defines for every source. Counterpart:
 * include/linux/compiler_types.h and compiler_attributes.h.
 */
#ifndef VMSIM_KAPI_LINUX_COMPILER_TYPES_H
#define VMSIM_KAPI_LINUX_COMPILER_TYPES_H

/* vmsim: exact, every name of this file */
#define __user
#define __kernel
#define __iomem
#define __percpu
#define __rcu
#define __force
#define __nocast
#define __safe
#define __private
#define __must_hold(x)
#define __acquires(x)
#define __releases(x)
#define __acquire(x) (void)0
#define __release(x) (void)0
#define __cond_lock(x, c) (c)
#define __chk_user_ptr(x) (void)0
#define __chk_io_ptr(x) (void)0

#define ____vmsim_attr(...) __attribute__((__VA_ARGS__))
#ifndef __always_inline
#define __always_inline inline ____vmsim_attr(always_inline)
#endif
#define noinline ____vmsim_attr(noinline)
#define __used ____vmsim_attr(used)
#define __maybe_unused ____vmsim_attr(unused)
#define __always_unused ____vmsim_attr(unused)
#define __must_check ____vmsim_attr(warn_unused_result)
#define __packed ____vmsim_attr(packed)
#define __aligned(x) ____vmsim_attr(aligned(x))
#define __printf(a, b) ____vmsim_attr(format(printf, a, b))
#define __scanf(a, b) ____vmsim_attr(format(scanf, a, b))
#define __noreturn ____vmsim_attr(noreturn)
#define __pure ____vmsim_attr(pure)
#define __attribute_const__ ____vmsim_attr(const)
#define __weak ____vmsim_attr(weak)
#define __cold ____vmsim_attr(cold)
#define __alias(symbol) ____vmsim_attr(alias(#symbol))
#define __section(name) ____vmsim_attr(section(name))
#define __malloc ____vmsim_attr(malloc)
#define __visible
#define __deprecated
#define __designated_init
#define __no_sanitize_address
#define __nonstring
#define __counted_by(member)
#define __mode(x) ____vmsim_attr(mode(x))
#define notrace
#define asmlinkage
#define __same_type(a, b) __builtin_types_compatible_p(__typeof__(a), __typeof__(b))
#define __native_word(t) \
	(sizeof(t) == sizeof(char) || sizeof(t) == sizeof(short) || sizeof(t) == sizeof(int) || \
	 sizeof(t) == sizeof(long))

#if VMSIM_UNTIL(4, 12, 0)
#define fastcall
#endif
#define __cacheline_aligned __aligned(64)
#define ____cacheline_aligned __aligned(64)
#define ____cacheline_aligned_in_smp __aligned(64)
#define __read_mostly
#define __ro_after_init

#endif
