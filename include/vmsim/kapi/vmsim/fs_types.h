/* SPDX-License-Identifier: MIT */
/*
 * Files, inodes and character devices as drivers and the core share them. Drivers allocate file_operations, cdev and
 * miscdevice themselves; file and inode are made by vmsim. Counterpart: include/linux/fs.h, cdev.h, miscdevice.h.
 */
#ifndef VMSIM_KAPI_FS_TYPES_H
#define VMSIM_KAPI_FS_TYPES_H

#include "base_types.h"
#include "device_types.h"
#include "lock_types.h"

struct address_space_operations;
struct cdev;
struct cred;
struct dentry;
struct file;
struct file_lock;
struct fasync_struct;
struct inode;
struct iov_iter;
struct iovec;
struct kiocb;
struct module;
struct page;
struct poll_table_struct;
struct seq_file;
struct vm_area_desc;
struct vm_area_struct;

/* How the era's drivers spell members whose arguments changed (vmsim/era.h); the core sees the newest form. */
#ifndef VMSIM_ERA_FSYNC_ARGS
#define VMSIM_ERA_FSYNC_ARGS struct file *, vmsim_loff_t start, vmsim_loff_t end, int datasync
#define VMSIM_ERA_FLUSH_ARGS struct file *, void *owner
#define VMSIM_ERA_AIO_BUFFER(q) const struct iovec *, unsigned long
#endif

/* vmsim: simplified: the fields that drivers use, every name of this file */
/* The first members are in the order of 2.4, whose drivers may name none of them. */
struct file_operations {
	struct module *owner;
	vmsim_loff_t (*llseek)(struct file *, vmsim_loff_t, int);
	long (*read)(struct file *, char *, unsigned long, vmsim_loff_t *);
	long (*write)(struct file *, const char *, unsigned long, vmsim_loff_t *);
	int (*readdir)(struct file *, void *, void *); /* vmsim: stub; until 3.10 */
	vmsim_poll_t (*poll)(struct file *, struct poll_table_struct *);
	int (*ioctl)(struct inode *, struct file *, unsigned int, unsigned long); /* until 2.6.35 */
	int (*mmap)(struct file *, struct vm_area_struct *);
	int (*open)(struct inode *, struct file *);
	int (*flush)(VMSIM_ERA_FLUSH_ARGS);
	int (*release)(struct inode *, struct file *);
	int (*fsync)(VMSIM_ERA_FSYNC_ARGS);
	int (*fasync)(int, struct file *, int);
	int (*lock)(struct file *, int, struct file_lock *); /* vmsim: stub */
	/* vmsim: stub; until 2.6.18 */
	long (*readv)(struct file *, const struct iovec *, unsigned long, vmsim_loff_t *);
	/* vmsim: stub; until 2.6.18 */
	long (*writev)(struct file *, const struct iovec *, unsigned long, vmsim_loff_t *);
	long (*read_iter)(struct kiocb *, struct iov_iter *);
	long (*write_iter)(struct kiocb *, struct iov_iter *);
	long (*unlocked_ioctl)(struct file *, unsigned int, unsigned long);
	long (*compat_ioctl)(struct file *, unsigned int, unsigned long); /* vmsim: stub: there are no 32-bit callers */
	unsigned long mmap_supported_flags; /* vmsim: stub */
	unsigned long (*get_unmapped_area)(struct file *, unsigned long addr, unsigned long len,
					   unsigned long pgoff, unsigned long flags);
	int (*check_flags)(int); /* vmsim: stub */
	int (*mmap_prepare)(struct vm_area_desc *); /* 6.16 on, in place of mmap */
	long (*aio_read)(struct kiocb *, VMSIM_ERA_AIO_BUFFER(), vmsim_loff_t); /* until 4.1 */
	long (*aio_write)(struct kiocb *, VMSIM_ERA_AIO_BUFFER(const), vmsim_loff_t);
	int (*iterate_shared)(struct file *, void *); /* vmsim: stub */
	long (*fallocate)(struct file *, int mode, vmsim_loff_t, vmsim_loff_t); /* vmsim: stub */
	void (*show_fdinfo)(struct seq_file *, struct file *); /* vmsim: stub */
	void *splice_read; /* vmsim: stub */
	void *splice_write; /* vmsim: stub */
	unsigned long fop_flags; /* vmsim: stub */
};

struct address_space {
	struct inode *host;
	const struct address_space_operations *a_ops;
	unsigned long nrpages;
	unsigned long flags;
	void *private_data;
	struct list_head i_mmap; /* every area that maps this object, by vmsim's own links */
};

/* The file system that holds a node. Each node has its own copy. */
struct super_block {
	vmsim_dev_t s_dev; /* as maps prints it */
	unsigned long s_blocksize;
	unsigned char s_blocksize_bits;
	unsigned long s_magic;
	char s_id[32];
};

struct inode {
	vmsim_umode_t i_mode;
	vmsim_dev_t i_rdev;
	unsigned long i_ino;
	vmsim_loff_t i_size;
	unsigned int i_flags; /* S_* */
	struct super_block *i_sb;
	const struct file_operations *i_fop;
	struct address_space *i_mapping;
	struct address_space i_data;
	struct cdev *i_cdev;
	void *i_private;
	vmsim_atomic_t i_count;
};

struct qstr {
	unsigned int hash;
	unsigned int len;
	const unsigned char *name;
};

struct dentry {
	struct inode *d_inode;
	struct dentry *d_parent; /* itself: there is no tree */
	struct qstr d_name; /* the last part of the path */
	struct super_block *d_sb;
};

struct path {
	void *mnt;
	struct dentry *dentry;
};

struct file {
	union {
		struct path f_path;
		struct {
			void *f_vfsmnt; /* until 3.18 */
			struct dentry *f_dentry;
		};
	};
	struct inode *f_inode;
	const struct file_operations *f_op;
	unsigned int f_flags; /* O_* */
	unsigned int f_mode;  /* FMODE_* */
	vmsim_loff_t f_pos;
	vmsim_atomic64_t f_count;
	struct address_space *f_mapping;
	const struct cred *f_cred;
	void *private_data;
	struct fasync_struct *f_fasync;
};

/* vmsim: exact, in linux/cdev.h */
struct cdev {
	struct kobject kobj;
	struct module *owner;
	const struct file_operations *ops;
	struct list_head list;
	vmsim_dev_t dev;
	unsigned int count;
};

/* vmsim: exact, in linux/miscdevice.h */
struct miscdevice {
	int minor;
	const char *name;
	const struct file_operations *fops;
	struct list_head list;
	struct device *parent;
	struct device *this_device;
	const struct attribute_group **groups;
	const char *nodename;
	vmsim_umode_t mode;
};

/* vmsim: exact, in linux/poll.h */
struct poll_table_struct {
	void (*_qproc)(struct file *, struct wait_queue_head *, struct poll_table_struct *);
	vmsim_poll_t _key;
};

/* vmsim: exact, in linux/uio.h */
struct iovec {
	void *iov_base; /* user address */
	unsigned long iov_len;
};

/* vmsim: simplified: user buffers only, in linux/uio.h */
struct iov_iter {
	unsigned char data_source; /* the kernel's READ (0: into the buffers) or WRITE (1: from them) */
	unsigned long iov_offset; /* into the first remaining segment */
	const struct iovec *__iov;
	unsigned long nr_segs; /* that remain */
	unsigned long count; /* bytes that remain */
};

struct kiocb {
	struct file *ki_filp;
	vmsim_loff_t ki_pos;
	void (*ki_complete)(struct kiocb *iocb, long result); /* NULL: the caller waits */
	void *VMSIM_KW(private);
	int ki_flags;
	unsigned int ki_key; /* 2.6: all ones if the caller waits */
	void *ki_user_data;
};

#endif
