/* SPDX-License-Identifier: MIT */
/*
 * Files under /sys/kernel/debug. Counterpart: include/linux/debugfs.h.
 */
#ifndef VMSIM_KAPI_LINUX_DEBUGFS_H
#define VMSIM_KAPI_LINUX_DEBUGFS_H

#include "fs.h"
#include "seq_file.h"

/* vmsim: exact, every name of this file */
extern struct dentry *debugfs_create_dir(const char *name, struct dentry *parent);
extern struct dentry *debugfs_create_file(const char *name, umode_t mode, struct dentry *parent,
					  void *data, const struct file_operations *fops);
extern void debugfs_create_u32(const char *name, umode_t mode, struct dentry *parent, u32 *value);
extern void debugfs_remove(struct dentry *dentry);
extern void debugfs_remove_recursive(struct dentry *dentry);

#endif
