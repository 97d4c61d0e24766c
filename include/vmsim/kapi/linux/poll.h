/* SPDX-License-Identifier: MIT */
/*
 * Readiness. Counterpart: include/linux/poll.h, uapi/linux/eventpoll.h.
 */
#ifndef VMSIM_KAPI_LINUX_POLL_H
#define VMSIM_KAPI_LINUX_POLL_H

#include "fs.h"
#include "uaccess.h"
#include "wait.h"
#include "../vmsim/fs_types.h"

/* vmsim: exact, every name of this file */
typedef struct poll_table_struct poll_table;
#define POLLIN 0x0001
#define POLLPRI 0x0002
#define POLLOUT 0x0004
#define POLLERR 0x0008
#define POLLHUP 0x0010
#define POLLNVAL 0x0020
#define POLLRDNORM 0x0040
#define POLLRDBAND 0x0080
#define POLLWRNORM 0x0100
#define POLLWRBAND 0x0200
#define POLLMSG 0x0400
#define POLLRDHUP 0x2000
#if VMSIM_SINCE(4, 16, 0)
#define EPOLLIN ((__poll_t)POLLIN)
#define EPOLLPRI ((__poll_t)POLLPRI)
#define EPOLLOUT ((__poll_t)POLLOUT)
#define EPOLLERR ((__poll_t)POLLERR)
#define EPOLLHUP ((__poll_t)POLLHUP)
#define EPOLLNVAL ((__poll_t)POLLNVAL)
#define EPOLLRDNORM ((__poll_t)POLLRDNORM)
#define EPOLLRDBAND ((__poll_t)POLLRDBAND)
#define EPOLLWRNORM ((__poll_t)POLLWRNORM)
#define EPOLLWRBAND ((__poll_t)POLLWRBAND)
#define EPOLLRDHUP ((__poll_t)POLLRDHUP)
#define DEFAULT_POLLMASK (EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM)
#else
#define DEFAULT_POLLMASK (POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM)
#endif

static inline void poll_wait(struct file *filp, wait_queue_head_t *head, poll_table *p)
{
	if (p && p->_qproc && head)
		p->_qproc(filp, head, p);
}

#endif
