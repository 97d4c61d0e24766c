/* SPDX-License-Identifier: MIT */
/*
 * Chains of callbacks, called in order of priority. Counterpart: include/linux/notifier.h; until
 * 2.6.17 a chain was a bare pointer. Leaves out SRCU chains.
 */
#ifndef VMSIM_KAPI_LINUX_NOTIFIER_H
#define VMSIM_KAPI_LINUX_NOTIFIER_H

#include "errno.h"
#include "rcupdate.h"
#include "rwsem.h"
#include "spinlock.h"
#include "../vmsim/container_types.h"

/* vmsim: exact, every name of this file */
#define NOTIFY_DONE 0x0000
#define NOTIFY_OK 0x0001
#define NOTIFY_STOP_MASK 0x8000
#define NOTIFY_BAD (NOTIFY_STOP_MASK | 0x0002)
#define NOTIFY_STOP (NOTIFY_OK | NOTIFY_STOP_MASK)

extern int vmsim_notifier_register(struct notifier_block **chain, struct notifier_block *nb);
extern int vmsim_notifier_unregister(struct notifier_block **chain, struct notifier_block *nb);
extern int vmsim_notifier_call(struct notifier_block **chain, unsigned long val, void *v,
			       int nr_to_call, int *nr_calls);

#if VMSIM_UNTIL(2, 6, 17)
extern int notifier_chain_register(struct notifier_block **list, struct notifier_block *n);
extern int notifier_chain_unregister(struct notifier_block **list, struct notifier_block *n);
extern int notifier_call_chain(struct notifier_block **list, unsigned long val, void *v);
#else
typedef int (*notifier_fn_t)(struct notifier_block *nb, unsigned long action, void *data);

static inline int notifier_from_errno(int err)
{
	return err ? NOTIFY_STOP_MASK | (NOTIFY_OK - err) : NOTIFY_OK;
}

static inline int notifier_to_errno(int ret)
{
	ret &= ~NOTIFY_STOP_MASK;
	return ret > NOTIFY_OK ? NOTIFY_OK - ret : 0;
}

struct atomic_notifier_head {
	spinlock_t lock;
	struct notifier_block *head;
};

struct blocking_notifier_head {
	struct rw_semaphore rwsem;
	struct notifier_block *head;
};

struct raw_notifier_head {
	struct notifier_block *head;
};

#define ATOMIC_NOTIFIER_INIT(name) { { NULL, #name }, NULL }
#define BLOCKING_NOTIFIER_INIT(name) { { NULL, #name, 0, 0 }, NULL }
#define RAW_NOTIFIER_INIT(name) { NULL }
#define ATOMIC_NOTIFIER_HEAD(name) \
	struct atomic_notifier_head name = ATOMIC_NOTIFIER_INIT(name)
#define BLOCKING_NOTIFIER_HEAD(name) \
	struct blocking_notifier_head name = BLOCKING_NOTIFIER_INIT(name)
#define RAW_NOTIFIER_HEAD(name) struct raw_notifier_head name = RAW_NOTIFIER_INIT(name)
#define ATOMIC_INIT_NOTIFIER_HEAD(nh) \
	do { \
		spin_lock_init(&(nh)->lock); \
		(nh)->head = NULL; \
	} while (0)
#define BLOCKING_INIT_NOTIFIER_HEAD(nh) \
	do { \
		init_rwsem(&(nh)->rwsem); \
		(nh)->head = NULL; \
	} while (0)
#define RAW_INIT_NOTIFIER_HEAD(nh) ((void)((nh)->head = NULL))

static inline int atomic_notifier_chain_register(struct atomic_notifier_head *nh,
						 struct notifier_block *nb)
{
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&nh->lock, flags);
	ret = vmsim_notifier_register(&nh->head, nb);
	spin_unlock_irqrestore(&nh->lock, flags);
	return ret;
}

static inline int atomic_notifier_chain_unregister(struct atomic_notifier_head *nh,
						   struct notifier_block *nb)
{
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&nh->lock, flags);
	ret = vmsim_notifier_unregister(&nh->head, nb);
	spin_unlock_irqrestore(&nh->lock, flags);
	synchronize_rcu();
	return ret;
}

static inline int atomic_notifier_call_chain(struct atomic_notifier_head *nh, unsigned long val,
					     void *v)
{
	int ret;

	rcu_read_lock();
	ret = vmsim_notifier_call(&nh->head, val, v, -1, NULL);
	rcu_read_unlock();
	return ret;
}

static inline int blocking_notifier_chain_register(struct blocking_notifier_head *nh,
						   struct notifier_block *nb)
{
	int ret;

	down_write(&nh->rwsem);
	ret = vmsim_notifier_register(&nh->head, nb);
	up_write(&nh->rwsem);
	return ret;
}

static inline int blocking_notifier_chain_unregister(struct blocking_notifier_head *nh,
						     struct notifier_block *nb)
{
	int ret;

	down_write(&nh->rwsem);
	ret = vmsim_notifier_unregister(&nh->head, nb);
	up_write(&nh->rwsem);
	return ret;
}

static inline int blocking_notifier_call_chain(struct blocking_notifier_head *nh,
					       unsigned long val, void *v)
{
	int ret = NOTIFY_DONE;

	if (nh->head) {
		down_read(&nh->rwsem);
		ret = vmsim_notifier_call(&nh->head, val, v, -1, NULL);
		up_read(&nh->rwsem);
	}
	return ret;
}

#define raw_notifier_chain_register(nh, nb) vmsim_notifier_register(&(nh)->head, (nb))
#define raw_notifier_chain_unregister(nh, nb) vmsim_notifier_unregister(&(nh)->head, (nb))
#define raw_notifier_call_chain(nh, val, v) \
	vmsim_notifier_call(&(nh)->head, (val), (v), -1, NULL)
#endif

#endif
