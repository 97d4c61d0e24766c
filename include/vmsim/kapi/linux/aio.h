/* SPDX-License-Identifier: MIT */
/*
 * Asynchronous I/O of old drivers. Counterpart: include/linux/aio.h.
 */
#ifndef VMSIM_KAPI_LINUX_AIO_H
#define VMSIM_KAPI_LINUX_AIO_H

#include "fs.h"

#if VMSIM_UNTIL(4, 1, 0)
/* vmsim: exact [, 4.1), every name of this file */
#define KIOCB_SYNC_KEY (~0U)
#define is_sync_kiocb(iocb) ((iocb)->ki_key == KIOCB_SYNC_KEY)
/* vmsim: exact, then ki_complete */
extern int aio_complete(struct kiocb *iocb, long res, long res2);
#endif

#endif
