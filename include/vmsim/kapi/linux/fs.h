/* SPDX-License-Identifier: MIT */
/*
 * Files and character devices. Counterpart: include/linux/fs.h.
 */
#ifndef VMSIM_KAPI_LINUX_FS_H
#define VMSIM_KAPI_LINUX_FS_H

#include "capability.h"
#include "compiler.h"
#include "errno.h"
#include "fcntl.h"
#include "ioctl.h"
#include "kdev_t.h"
#include "kernel.h"
#include "list.h"
#include "mutex.h"
#include "rwsem.h"
#include "semaphore.h"
#include "stat.h"
#include "string.h"
#include "types.h"
#include "uio.h"
#include "wait.h"
#include "workqueue.h"
#include "../vmsim/fs_types.h"

/* vmsim: exact */
typedef void *fl_owner_t;

struct folio;
struct page;

/* vmsim: exact, every name of this file */
#define FMODE_READ 0x1
#define FMODE_WRITE 0x2
#define FMODE_LSEEK 0x4
#define FMODE_PREAD 0x8
#define FMODE_PWRITE 0x10
#define FMODE_EXEC 0x20
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#define S_DAX 0x2000
#define IOCB_NOWAIT 0x8
#define CHRDEV_MAJOR_MAX 512
#define MAX_LFS_FILESIZE ((loff_t)(~0ULL >> 1))

#if VMSIM_SINCE(3, 9, 0)
static inline struct inode *file_inode(const struct file *f)
{
	return f->f_inode;
}
#endif

#if VMSIM_SINCE(4, 6, 0)
#define file_dentry(f) ((f)->f_path.dentry)
#endif

static inline unsigned int iminor(const struct inode *inode)
{
	return MINOR(inode->i_rdev);
}

static inline unsigned int imajor(const struct inode *inode)
{
	return MAJOR(inode->i_rdev);
}

#define i_size_read(inode) ((inode)->i_size)
#define i_size_write(inode, size) ((void)((inode)->i_size = (size)))
#define get_file(f) vmsim_get_file(f)
#define file_count(f) ((f)->f_count.counter)
extern struct file *vmsim_get_file(struct file *f);
extern void fput(struct file *f);
#if VMSIM_SINCE(2, 6, 14)
extern struct file *fget(unsigned int fd);
#endif
#if VMSIM_SINCE(4, 5, 0)
extern void inode_lock(struct inode *inode);
extern void inode_unlock(struct inode *inode);
#endif

/* Character devices. */
extern int alloc_chrdev_region(dev_t *dev, unsigned int first, unsigned int count,
			       const char *name);
extern int register_chrdev_region(dev_t first, unsigned int count, const char *name);
extern void unregister_chrdev_region(dev_t first, unsigned int count);
extern int register_chrdev(unsigned int major, const char *name, const struct file_operations *ops);
#if VMSIM_SINCE(2, 6, 23)
extern void unregister_chrdev(unsigned int major, const char *name);
#else
extern int unregister_chrdev(unsigned int major, const char *name);
#endif
#define replace_fops(f, fops) ((void)((f)->f_op = (fops)))
#define fops_get(fops) (fops)
#define fops_put(fops) ((void)(fops))

/* Ready-made members of file_operations. */
extern int nonseekable_open(struct inode *inode, struct file *filp);
extern loff_t no_llseek(struct file *file, loff_t offset, int whence);
extern loff_t default_llseek(struct file *file, loff_t offset, int whence);
extern loff_t generic_file_llseek(struct file *file, loff_t offset, int whence);
#if VMSIM_SINCE(2, 6, 35)
extern loff_t noop_llseek(struct file *file, loff_t offset, int whence);
#endif
#if VMSIM_SINCE(3, 11, 0)
extern loff_t fixed_size_llseek(struct file *file, loff_t offset, int whence, loff_t size);
extern loff_t no_seek_end_llseek(struct file *file, loff_t offset, int whence);
#endif
#if VMSIM_SINCE(3, 4, 0)
extern int simple_open(struct inode *inode, struct file *file);
#endif
#if VMSIM_SINCE(5, 0, 0)
extern int stream_open(struct inode *inode, struct file *filp);
extern long compat_ptr_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
#endif
extern ssize_t simple_read_from_buffer(void __user *to, size_t count, loff_t *ppos,
				       const void *from, size_t available);
#if VMSIM_SINCE(2, 6, 38)
extern ssize_t simple_write_to_buffer(void *to, size_t available, loff_t *ppos,
				      const void __user *from, size_t count);
#endif
extern int fasync_helper(int fd, struct file *filp, int on, struct fasync_struct **list);
extern void kill_fasync(struct fasync_struct **list, int sig, int band);
#define vfs_mmap(file, vma) ((file)->f_op->mmap((file), (vma)))
#define call_mmap(file, vma) ((file)->f_op->mmap((file), (vma)))
extern int generic_file_mmap(struct file *file, struct vm_area_struct *vma);

/* Asynchronous reads and writes. */
#if VMSIM_SINCE(2, 6, 0) && VMSIM_UNTIL(4, 1, 0)
/* vmsim: exact [2.6, 4.1) */
extern ssize_t do_sync_read(struct file *filp, char __user *buf, size_t len, loff_t *ppos);
/* vmsim: exact [2.6, 4.1) */
extern ssize_t do_sync_write(struct file *filp, const char __user *buf, size_t len, loff_t *ppos);
#endif
#if VMSIM_SINCE(4, 1, 0)
#define is_sync_kiocb(iocb) ((iocb)->ki_complete == NULL)
#endif

#endif
