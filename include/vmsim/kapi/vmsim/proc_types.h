/* SPDX-License-Identifier: MIT */
/*
 * /proc files and seq_file as drivers and the core share them. Entries are made by vmsim, ops by
 * drivers. Counterpart: include/linux/proc_fs.h and seq_file.h.
 */
#ifndef VMSIM_KAPI_PROC_TYPES_H
#define VMSIM_KAPI_PROC_TYPES_H

#include "fs_types.h"

/* vmsim: simplified: the fields that drivers use, in linux/proc_fs.h */
struct proc_dir_entry {
	const char *name;
	vmsim_umode_t mode;
	unsigned long size;
	const struct file_operations *proc_fops; /* until 5.6 */
	const struct proc_ops *proc_ops;
	struct module *owner;
	void *data;
	/* until 3.10 */
	int (*read_proc)(char *page, char **start, long offset, int count, int *eof, void *data);
	int (*write_proc)(struct file *file, const char *buffer, unsigned long count, void *data);
	struct proc_dir_entry *parent;
	void *core; /* vmsim's own */
};

/* vmsim: exact, in linux/proc_fs.h */
struct proc_ops {
	unsigned int proc_flags;
	int (*proc_open)(struct inode *, struct file *);
	long (*proc_read)(struct file *, char *, unsigned long, vmsim_loff_t *);
	long (*proc_read_iter)(struct kiocb *, struct iov_iter *);
	long (*proc_write)(struct file *, const char *, unsigned long, vmsim_loff_t *);
	vmsim_loff_t (*proc_lseek)(struct file *, vmsim_loff_t, int);
	int (*proc_release)(struct inode *, struct file *);
	vmsim_poll_t (*proc_poll)(struct file *, struct poll_table_struct *);
	long (*proc_ioctl)(struct file *, unsigned int, unsigned long);
	int (*proc_mmap)(struct file *, struct vm_area_struct *);
	unsigned long (*proc_get_unmapped_area)(struct file *, unsigned long, unsigned long,
						unsigned long, unsigned long);
};

/* vmsim: exact, in linux/seq_file.h */
struct seq_file {
	char *buf;
	unsigned long size;
	unsigned long from;
	unsigned long count;
	unsigned long pad_until;
	vmsim_loff_t index;
	vmsim_loff_t read_pos;
	struct mutex lock;
	const struct seq_operations *op;
	int poll_event;
	const struct file *file;
	void *VMSIM_KW(private);
};

/* vmsim: exact, in linux/seq_file.h */
struct seq_operations {
	void *(*start)(struct seq_file *m, vmsim_loff_t *pos);
	void (*stop)(struct seq_file *m, void *v);
	void *(*next)(struct seq_file *m, void *v, vmsim_loff_t *pos);
	int (*show)(struct seq_file *m, void *v);
};

#endif
