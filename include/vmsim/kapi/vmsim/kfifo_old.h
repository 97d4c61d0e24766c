/* SPDX-License-Identifier: MIT */
/*
 * Rings of bytes as until 2.6.33 (vmsim-until: 2.6.33 ): behind a pointer, with the lock that
 * kfifo_put() and kfifo_get() take. Counterpart: include/linux/kfifo.h of then. Included by it.
 */
#ifndef VMSIM_KAPI_VMSIM_KFIFO_OLD_H
#define VMSIM_KAPI_VMSIM_KFIFO_OLD_H

#include "../linux/err.h"
#include "../linux/kernel.h"
#include "../linux/slab.h"
#include "../linux/spinlock.h"

#if VMSIM_SINCE(2, 6, 10)
/* vmsim: exact [2.6.10, 2.6.33), every name of this file */
struct kfifo {
	unsigned char *buffer;
	unsigned int size; /* a power of two */
	unsigned int in; /* counts bytes for ever */
	unsigned int out;
	spinlock_t *lock;
};

static inline struct kfifo *kfifo_init(unsigned char *buffer, unsigned int size, gfp_t gfp,
				       spinlock_t *lock)
{
	struct kfifo *fifo;

	BUG_ON(!is_power_of_2(size));
	fifo = kmalloc(sizeof(*fifo), gfp);
	if (!fifo)
		return ERR_PTR(-ENOMEM);
	fifo->buffer = buffer;
	fifo->size = size;
	fifo->in = fifo->out = 0;
	fifo->lock = lock;
	return fifo;
}

static inline struct kfifo *kfifo_alloc(unsigned int size, gfp_t gfp, spinlock_t *lock)
{
	unsigned char *buffer;
	struct kfifo *fifo;

	size = (unsigned int)roundup_pow_of_two(size);
	buffer = kmalloc(size, gfp);
	if (!buffer)
		return ERR_PTR(-ENOMEM);
	fifo = kfifo_init(buffer, size, gfp, lock);
	if (IS_ERR(fifo))
		kfree(buffer);
	return fifo;
}

static inline void kfifo_free(struct kfifo *fifo)
{
	kfree(fifo->buffer);
	kfree(fifo);
}

static inline unsigned int __kfifo_len(struct kfifo *fifo)
{
	return fifo->in - fifo->out;
}

/* How many of `len` bytes at `position` lie before the ring's end. */
static inline unsigned int vmsim_kfifo_run(struct kfifo *fifo, unsigned int position,
					   unsigned int len)
{
	unsigned int rest = fifo->size - (position & (fifo->size - 1));

	return len < rest ? len : rest;
}

static inline unsigned int __kfifo_put(struct kfifo *fifo, const unsigned char *buffer,
				       unsigned int len)
{
	unsigned int unused = fifo->size - __kfifo_len(fifo);
	unsigned int run;

	if (len > unused)
		len = unused;
	run = vmsim_kfifo_run(fifo, fifo->in, len);
	memcpy(fifo->buffer + (fifo->in & (fifo->size - 1)), buffer, run);
	memcpy(fifo->buffer, buffer + run, len - run);
	fifo->in += len;
	return len;
}

static inline unsigned int __kfifo_get(struct kfifo *fifo, unsigned char *buffer,
				       unsigned int len)
{
	unsigned int run;

	if (len > __kfifo_len(fifo))
		len = __kfifo_len(fifo);
	run = vmsim_kfifo_run(fifo, fifo->out, len);
	memcpy(buffer, fifo->buffer + (fifo->out & (fifo->size - 1)), run);
	memcpy(buffer + run, fifo->buffer, len - run);
	fifo->out += len;
	return len;
}

static inline void __kfifo_reset(struct kfifo *fifo)
{
	fifo->in = fifo->out = 0;
}

#define VMSIM_KFIFO_LOCKED(fifo, call) \
	({ \
		unsigned long vmsim_flags; \
		unsigned int vmsim_moved; \
		spin_lock_irqsave((fifo)->lock, vmsim_flags); \
		vmsim_moved = call; \
		spin_unlock_irqrestore((fifo)->lock, vmsim_flags); \
		vmsim_moved; \
	})

static inline unsigned int kfifo_put(struct kfifo *fifo, const unsigned char *buffer,
				     unsigned int len)
{
	return VMSIM_KFIFO_LOCKED(fifo, __kfifo_put(fifo, buffer, len));
}

/* An emptied ring begins at its start again. */
static inline unsigned int kfifo_get(struct kfifo *fifo, unsigned char *buffer, unsigned int len)
{
	return VMSIM_KFIFO_LOCKED(fifo, ({
		unsigned int vmsim_got = __kfifo_get(fifo, buffer, len);

		if (fifo->in == fifo->out)
			__kfifo_reset(fifo);
		vmsim_got;
	}));
}

static inline unsigned int kfifo_len(struct kfifo *fifo)
{
	return VMSIM_KFIFO_LOCKED(fifo, __kfifo_len(fifo));
}

static inline void kfifo_reset(struct kfifo *fifo)
{
	unsigned long flags;

	spin_lock_irqsave(fifo->lock, flags);
	__kfifo_reset(fifo);
	spin_unlock_irqrestore(fifo->lock, flags);
}
#endif

#endif
