/* SPDX-License-Identifier: MIT */
/*
 * Files made of records. Counterpart: include/linux/seq_file.h.
 */
#ifndef VMSIM_KAPI_LINUX_SEQ_FILE_H
#define VMSIM_KAPI_LINUX_SEQ_FILE_H

#include "fs.h"
#include "mutex.h"
#include "types.h"
#include "../vmsim/proc_types.h"

/* vmsim: exact, every name of this file */
#define SEQ_START_TOKEN ((void *)1)
#define SEQ_SKIP 1
extern int seq_open(struct file *file, const struct seq_operations *op);
extern ssize_t seq_read(struct file *file, char __user *buf, size_t size, loff_t *ppos);
extern loff_t seq_lseek(struct file *file, loff_t offset, int whence);
extern int seq_release(struct inode *inode, struct file *file);
extern int single_open(struct file *file, int (*show)(struct seq_file *m, void *v), void *data);
extern int single_release(struct inode *inode, struct file *file);
#if VMSIM_SINCE(4, 3, 0)
#define VMSIM_SEQ_T void
#else
#define VMSIM_SEQ_T int
#endif
extern VMSIM_SEQ_T seq_printf(struct seq_file *m, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
extern VMSIM_SEQ_T seq_puts(struct seq_file *m, const char *s);
extern VMSIM_SEQ_T seq_putc(struct seq_file *m, char c);
extern int seq_write(struct seq_file *m, const void *data, size_t len);
#define seq_has_overflowed(m) ((m)->count == (m)->size)
#if VMSIM_SINCE(2, 6, 27)
extern ssize_t seq_read_iter(struct kiocb *iocb, struct iov_iter *iter);
extern int seq_release_private(struct inode *inode, struct file *file);
extern void *__seq_open_private(struct file *file, const struct seq_operations *op, int size);
extern struct list_head *seq_list_start(struct list_head *head, loff_t pos);
extern struct list_head *seq_list_next(void *v, struct list_head *head, loff_t *ppos);
#endif

/* name_fops or name_proc_ops from name_show. */
#define VMSIM_SHOW_OPEN(name) \
	static int name##_open(struct inode *inode, struct file *file) \
	{ \
		return single_open(file, name##_show, inode->i_private); \
	}
#if VMSIM_SINCE(4, 16, 0)
#define DEFINE_SHOW_ATTRIBUTE(name) \
	VMSIM_SHOW_OPEN(name) \
	static const struct file_operations name##_fops = { \
		.owner = THIS_MODULE, .open = name##_open, .read = seq_read, \
		.llseek = seq_lseek, .release = single_release \
	}
#endif
#if VMSIM_SINCE(5, 6, 0)
extern void *vmsim_pde_data(const struct inode *inode);
#define DEFINE_PROC_SHOW_ATTRIBUTE(name) \
	static int name##_open(struct inode *inode, struct file *file) \
	{ \
		return single_open(file, name##_show, vmsim_pde_data(inode)); \
	} \
	static const struct proc_ops name##_proc_ops = { \
		.proc_open = name##_open, .proc_read = seq_read, .proc_lseek = seq_lseek, \
		.proc_release = single_release \
	}
#endif

#endif
