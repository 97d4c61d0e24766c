/* SPDX-License-Identifier: MIT */
/*
 * Entries of /proc/sys: a driver compiles and loads, nothing appears. Counterpart:
 * include/linux/sysctl.h.
 */
#ifndef VMSIM_KAPI_LINUX_SYSCTL_H
#define VMSIM_KAPI_LINUX_SYSCTL_H

#include "errno.h"
#include "types.h"

struct ctl_table;
struct file;

#if VMSIM_SINCE(6, 11, 0)
#define VMSIM_SYSCTL_ARGS \
	const struct ctl_table *table, int write, void *buffer, size_t *lenp, loff_t *ppos
#elif VMSIM_SINCE(5, 8, 0)
#define VMSIM_SYSCTL_ARGS \
	struct ctl_table *table, int write, void *buffer, size_t *lenp, loff_t *ppos
#elif VMSIM_SINCE(2, 6, 32)
#define VMSIM_SYSCTL_ARGS \
	struct ctl_table *table, int write, void __user *buffer, size_t *lenp, loff_t *ppos
#elif VMSIM_SINCE(2, 6, 8)
#define VMSIM_SYSCTL_ARGS \
	struct ctl_table *table, int write, struct file *filp, void __user *buffer, \
		size_t *lenp, loff_t *ppos
#else
#define VMSIM_SYSCTL_ARGS \
	struct ctl_table *table, int write, struct file *filp, void __user *buffer, size_t *lenp
#endif

/* vmsim: stub, every name of this file */
typedef int proc_handler(VMSIM_SYSCTL_ARGS);
struct ctl_table {
#if VMSIM_UNTIL(2, 6, 33)
	int ctl_name;
#endif
	const char *procname;
	void *data;
	int maxlen;
	umode_t mode;
#if VMSIM_UNTIL(6, 5, 0)
	struct ctl_table *child;
#endif
	proc_handler *proc_handler;
#if VMSIM_UNTIL(2, 6, 33)
	void *strategy;
#endif
	void *extra1, *extra2;
};
#if VMSIM_UNTIL(3, 16, 0)
typedef struct ctl_table ctl_table;
#endif
struct ctl_table_header {
	const struct ctl_table *ctl_table;
};

static inline int proc_dointvec(VMSIM_SYSCTL_ARGS)
{
	return -ENOSYS;
}

static inline int proc_dointvec_minmax(VMSIM_SYSCTL_ARGS)
{
	return -ENOSYS;
}

static inline int proc_doulongvec_minmax(VMSIM_SYSCTL_ARGS)
{
	return -ENOSYS;
}

static inline int proc_dostring(VMSIM_SYSCTL_ARGS)
{
	return -ENOSYS;
}

static inline struct ctl_table_header *vmsim_sysctl_header(void)
{
	static struct ctl_table_header header;

	return &header;
}

#if VMSIM_SINCE(2, 6, 21) && VMSIM_UNTIL(6, 5, 0)
#define register_sysctl_table(table) ((void)(table), vmsim_sysctl_header())
#elif VMSIM_UNTIL(2, 6, 21)
#define register_sysctl_table(table, at_head) ((void)(table), vmsim_sysctl_header())
#endif
#if VMSIM_SINCE(3, 5, 0)
#define register_sysctl(path, table) ((void)(path), (void)(table), vmsim_sysctl_header())
#endif
#define unregister_sysctl_table(header) ((void)(header))

#endif
