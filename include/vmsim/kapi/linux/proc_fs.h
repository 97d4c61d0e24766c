/* SPDX-License-Identifier: MIT */
/*
 * Files under /proc. Counterpart: include/linux/proc_fs.h.
 */
#ifndef VMSIM_KAPI_LINUX_PROC_FS_H
#define VMSIM_KAPI_LINUX_PROC_FS_H

#include "fs.h"
#include "types.h"
#include "../vmsim/proc_types.h"

/* vmsim: exact, every name of this file */
extern struct proc_dir_entry *proc_mkdir(const char *name, struct proc_dir_entry *parent);
extern void remove_proc_entry(const char *name, struct proc_dir_entry *parent);
#if VMSIM_UNTIL(3, 10, 0)
/* vmsim: exact [, 3.10), every name of this block */
typedef int(read_proc_t)(char *page, char **start, off_t off, int count, int *eof, void *data);
typedef int(write_proc_t)(struct file *file, const char __user *buffer, unsigned long count,
			  void *data);
/* vmsim: exact, then proc_create */
extern struct proc_dir_entry *create_proc_entry(const char *name, mode_t mode,
						struct proc_dir_entry *parent);
/* vmsim: exact, then proc_create_single */
extern struct proc_dir_entry *create_proc_read_entry(const char *name, mode_t mode,
						     struct proc_dir_entry *base,
						     read_proc_t *read_proc, void *data);
typedef int(get_info_t)(char *page, char **start, off_t off, int count);

static inline int vmsim_get_info(char *page, char **start, off_t off, int count, int *eof,
				 void *data)
{
	int length = ((get_info_t *)data)(page, start, off, count);

	*eof = length < count;
	return length;
}

static inline struct proc_dir_entry *create_proc_info_entry(const char *name, mode_t mode,
							    struct proc_dir_entry *base,
							    get_info_t *get_info)
{
	return create_proc_read_entry(name, mode, base, vmsim_get_info, (void *)get_info);
}
#endif
#if VMSIM_SINCE(5, 6, 0)
#define VMSIM_PROC_OPS struct proc_ops
#define PROC_ENTRY_PERMANENT 1U
#else
#define VMSIM_PROC_OPS struct file_operations
#endif
#if VMSIM_SINCE(2, 6, 25)
/* vmsim: exact [2.6.25, ), every name of this block */
extern struct proc_dir_entry *proc_create(const char *name, umode_t mode,
					  struct proc_dir_entry *parent, const VMSIM_PROC_OPS *ops);
extern struct proc_dir_entry *proc_create_data(const char *name, umode_t mode,
					       struct proc_dir_entry *parent,
					       const VMSIM_PROC_OPS *ops, void *data);
#endif
#if VMSIM_SINCE(3, 10, 0)
/* vmsim: exact [3.10, ), every name of this block */
extern void proc_remove(struct proc_dir_entry *entry);
extern int remove_proc_subtree(const char *name, struct proc_dir_entry *parent);
extern void *vmsim_pde_data(const struct inode *inode);
extern void proc_set_size(struct proc_dir_entry *entry, loff_t size);
#if VMSIM_SINCE(5, 17, 0)
#define pde_data(inode) vmsim_pde_data(inode)
#else
/* vmsim: exact, then pde_data */
#define PDE_DATA(inode) vmsim_pde_data(inode)
#endif
#endif
#if VMSIM_SINCE(4, 18, 0)
/* vmsim: exact [4.18, ), every name of this block */
extern struct proc_dir_entry *proc_create_single_data(const char *name, umode_t mode,
						      struct proc_dir_entry *parent,
						      int (*show)(struct seq_file *, void *),
						      void *data);
extern struct proc_dir_entry *proc_create_seq_private(const char *name, umode_t mode,
						      struct proc_dir_entry *parent,
						      const struct seq_operations *ops,
						      unsigned int state_size, void *data);
#define proc_create_single(name, mode, parent, show) \
	proc_create_single_data(name, mode, parent, show, NULL)
#define proc_create_seq(name, mode, parent, ops) \
	proc_create_seq_private(name, mode, parent, ops, 0, NULL)
#endif

#endif
