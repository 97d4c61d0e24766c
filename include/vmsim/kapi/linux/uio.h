/* SPDX-License-Identifier: MIT */
/*
 * I/O vectors. Counterpart: include/linux/uio.h.
 */
#ifndef VMSIM_KAPI_LINUX_UIO_H
#define VMSIM_KAPI_LINUX_UIO_H

#include "kernel.h"
#include "types.h"
#include "../vmsim/fs_types.h"

/* vmsim: simplified: user buffers only, every name of this file */
extern size_t copy_to_iter(const void *from, size_t bytes, struct iov_iter *to);
extern size_t copy_from_iter(void *to, size_t bytes, struct iov_iter *from);
extern void iov_iter_advance(struct iov_iter *iter, size_t bytes);
#define iov_iter_count(iter) ((iter)->count)
#define iov_iter_rw(iter) ((int)(iter)->data_source)

#endif
