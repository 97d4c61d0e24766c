/* SPDX-License-Identifier: MIT */
/*
 * Events that a driver signals to a program. Counterpart: include/linux/eventfd.h. [2.6.31, )
 */
#ifndef VMSIM_KAPI_LINUX_EVENTFD_H
#define VMSIM_KAPI_LINUX_EVENTFD_H

#include "err.h"
#include "fcntl.h"
#include "types.h"
#include "wait.h"

struct file;
struct eventfd_ctx;

#if VMSIM_SINCE(2, 6, 31)
/* vmsim: exact [2.6.31, ), every name of this file */
#define EFD_SEMAPHORE (1 << 0)
#define EFD_CLOEXEC 02000000
#define EFD_NONBLOCK 04000
extern struct eventfd_ctx *eventfd_ctx_fdget(int fd);
extern struct eventfd_ctx *eventfd_ctx_fileget(struct file *file);
extern struct file *eventfd_fget(int fd);
extern void eventfd_ctx_put(struct eventfd_ctx *ctx);
extern u64 vmsim_eventfd_signal(struct eventfd_ctx *ctx, u64 n);
#if VMSIM_SINCE(6, 8, 0)
static inline void eventfd_signal(struct eventfd_ctx *ctx)
{
	vmsim_eventfd_signal(ctx, 1);
}
#elif VMSIM_SINCE(3, 3, 0)
static inline __u64 eventfd_signal(struct eventfd_ctx *ctx, __u64 n)
{
	return vmsim_eventfd_signal(ctx, n);
}
#else
static inline int eventfd_signal(struct eventfd_ctx *ctx, int n)
{
	return n < 0 ? -EINVAL : (int)vmsim_eventfd_signal(ctx, (u64)n);
}
#endif
#endif

#endif
