/* SPDX-License-Identifier: MIT */
/*
 * Rings. Counterpart: include/linux/kfifo.h; until 2.6.33 with a lock inside, behind a pointer;
 * since then typed by macros. Leaves out the DMA helpers and kfifo_out_linear().
 */
#ifndef VMSIM_KAPI_LINUX_KFIFO_H
#define VMSIM_KAPI_LINUX_KFIFO_H

#include "err.h"
#include "kernel.h"
#include "slab.h"
#include "spinlock.h"
#include "uaccess.h"
#include "../vmsim/container_types.h"

#if VMSIM_UNTIL(2, 6, 33)
#include "../vmsim/kfifo_old.h"
#else

/* vmsim: exact, every name of this file */
extern int __kfifo_alloc(struct __kfifo *fifo, unsigned int size, size_t esize, gfp_t gfp);
extern void __kfifo_free(struct __kfifo *fifo);
extern int __kfifo_init(struct __kfifo *fifo, void *buffer, unsigned int size, size_t esize);
extern unsigned int __kfifo_in(struct __kfifo *fifo, const void *buf, unsigned int len);
extern unsigned int __kfifo_out(struct __kfifo *fifo, void *buf, unsigned int len);
extern unsigned int __kfifo_out_peek(struct __kfifo *fifo, void *buf, unsigned int len);
extern unsigned int __kfifo_in_r(struct __kfifo *fifo, const void *buf, unsigned int len,
				 size_t recsize);
extern unsigned int __kfifo_out_r(struct __kfifo *fifo, void *buf, unsigned int len,
				  size_t recsize);
extern unsigned int __kfifo_out_peek_r(struct __kfifo *fifo, void *buf, unsigned int len,
				       size_t recsize);
extern unsigned int __kfifo_len_r(struct __kfifo *fifo, size_t recsize);
extern int __kfifo_from_user(struct __kfifo *fifo, const void __user *from, unsigned long len,
			     unsigned int *copied);
extern int __kfifo_to_user(struct __kfifo *fifo, void __user *to, unsigned long len,
			   unsigned int *copied);
extern int __kfifo_from_user_r(struct __kfifo *fifo, const void __user *from, unsigned long len,
			       unsigned int *copied, size_t recsize);
extern int __kfifo_to_user_r(struct __kfifo *fifo, void __user *to, unsigned long len,
			     unsigned int *copied, size_t recsize);

/* The members beside `kfifo` only carry types: of an element, and of a record's length. */
#define __STRUCT_KFIFO_COMMON(datatype, recsize, ptrtype) \
	union { \
		struct __kfifo kfifo; \
		datatype *type; \
		const datatype *const_type; \
		char (*rectype)[recsize]; \
		ptrtype *ptr; \
		ptrtype const *ptr_const; \
	}
#define VMSIM_KFIFO_ARRAY(type, size, recsize) \
	{ \
		__STRUCT_KFIFO_COMMON(type, recsize, type); \
		type buf[((size) < 2 || ((size) & ((size)-1))) ? -1 : (size)]; \
	}
#define VMSIM_KFIFO_PTR(type, recsize, ptrtype) \
	{ \
		__STRUCT_KFIFO_COMMON(type, recsize, ptrtype); \
		type buf[0]; \
	}
#define STRUCT_KFIFO(type, size) struct VMSIM_KFIFO_ARRAY(type, size, 0)
#define STRUCT_KFIFO_PTR(type) struct VMSIM_KFIFO_PTR(type, 0, type)
#define STRUCT_KFIFO_REC_1(size) struct VMSIM_KFIFO_ARRAY(unsigned char, size, 1)
#define STRUCT_KFIFO_REC_2(size) struct VMSIM_KFIFO_ARRAY(unsigned char, size, 2)

struct kfifo {
	__STRUCT_KFIFO_COMMON(unsigned char, 0, void);
	unsigned char buf[0];
};
struct kfifo_rec_ptr_1 {
	__STRUCT_KFIFO_COMMON(unsigned char, 1, void);
	unsigned char buf[0];
};
struct kfifo_rec_ptr_2 {
	__STRUCT_KFIFO_COMMON(unsigned char, 2, void);
	unsigned char buf[0];
};

#define VMSIM_KFIFO_IS_PTR(fifo) (sizeof(*(fifo)) == sizeof(struct __kfifo))
#define VMSIM_KFIFO_SETUP(fifo) \
	{ \
		0, 0, \
		VMSIM_KFIFO_IS_PTR(&(fifo)) ? \
			0 : \
			(unsigned int)(sizeof((fifo).buf) / sizeof(*(fifo).buf)) - 1, \
		sizeof(*(fifo).buf), VMSIM_KFIFO_IS_PTR(&(fifo)) ? NULL : (fifo).buf \
	}
#if VMSIM_SINCE(2, 6, 36)
#define DECLARE_KFIFO_PTR(fifo, type) STRUCT_KFIFO_PTR(type) fifo
#define DECLARE_KFIFO(fifo, type, size) STRUCT_KFIFO(type, size) fifo
#define DEFINE_KFIFO(fifo, type, size) \
	DECLARE_KFIFO(fifo, type, size) = { { VMSIM_KFIFO_SETUP(fifo) } }
#else
/* vmsim: simplified [2.6.33, 2.6.36): the macros that follow are those of 2.6.36 */
#define DECLARE_KFIFO(fifo, size) STRUCT_KFIFO(unsigned char, size) fifo
#define DEFINE_KFIFO(fifo, size) DECLARE_KFIFO(fifo, size) = { { VMSIM_KFIFO_SETUP(fifo) } }
#endif
#define INIT_KFIFO(fifo) \
	((void)((fifo).kfifo = (struct __kfifo)VMSIM_KFIFO_SETUP(fifo)))

#define kfifo_recsize(fifo) sizeof(*(fifo)->rectype)
#define kfifo_esize(fifo) ((fifo)->kfifo.esize)
#define kfifo_initialized(fifo) ((fifo)->kfifo.mask)
#define kfifo_size(fifo) ((fifo)->kfifo.mask + 1)
#define kfifo_reset(fifo) ((void)((fifo)->kfifo.in = (fifo)->kfifo.out = 0))
#define kfifo_reset_out(fifo) ((void)((fifo)->kfifo.out = (fifo)->kfifo.in))
#define kfifo_len(fifo) ((fifo)->kfifo.in - (fifo)->kfifo.out)
#define kfifo_is_empty(fifo) ((fifo)->kfifo.in == (fifo)->kfifo.out)
#define kfifo_is_full(fifo) (kfifo_len(fifo) > (fifo)->kfifo.mask)

static inline unsigned int vmsim_kfifo_avail(const struct __kfifo *fifo, size_t recsize)
{
	unsigned int unused = fifo->mask + 1 - (fifo->in - fifo->out);
	unsigned int most = recsize > 1 ? 0xffff : 0xff;

	if (!recsize)
		return unused;
	unused = unused > recsize ? unused - (unsigned int)recsize : 0;
	return unused < most ? unused : most;
}

#define kfifo_avail(fifo) vmsim_kfifo_avail(&(fifo)->kfifo, kfifo_recsize(fifo))

#define kfifo_alloc(fifo, size, gfp) \
	__kfifo_alloc(&(fifo)->kfifo, (size), sizeof(*(fifo)->type), (gfp))
#define kfifo_free(fifo) __kfifo_free(&(fifo)->kfifo)
#define kfifo_init(fifo, buffer, size) \
	__kfifo_init(&(fifo)->kfifo, (buffer), (size), sizeof(*(fifo)->type))

#define VMSIM_KFIFO_CALL(fifo, call, ...) \
	(kfifo_recsize(fifo) ? call##_r(&(fifo)->kfifo, __VA_ARGS__, kfifo_recsize(fifo)) : \
			       call(&(fifo)->kfifo, __VA_ARGS__))
#define kfifo_in(fifo, buf, n) VMSIM_KFIFO_CALL(fifo, __kfifo_in, (buf), (n))
#define kfifo_out(fifo, buf, n) VMSIM_KFIFO_CALL(fifo, __kfifo_out, (buf), (n))
#define kfifo_out_peek(fifo, buf, n) VMSIM_KFIFO_CALL(fifo, __kfifo_out_peek, (buf), (n))
#define kfifo_from_user(fifo, from, len, copied) \
	VMSIM_KFIFO_CALL(fifo, __kfifo_from_user, (from), (len), (copied))
#define kfifo_to_user(fifo, to, len, copied) \
	VMSIM_KFIFO_CALL(fifo, __kfifo_to_user, (to), (len), (copied))
#define kfifo_peek_len(fifo) \
	(kfifo_recsize(fifo) ? __kfifo_len_r(&(fifo)->kfifo, kfifo_recsize(fifo)) : \
			       kfifo_len(fifo) * (unsigned int)sizeof(*(fifo)->type))
#define kfifo_skip(fifo) \
	((void)((fifo)->kfifo.out += kfifo_recsize(fifo) ? \
		__kfifo_len_r(&(fifo)->kfifo, kfifo_recsize(fifo)) + \
			(unsigned int)kfifo_recsize(fifo) : \
		1))

/* One element; in a fifo of records, one record of an element's size. */
#define VMSIM_KFIFO_ONE(fifo, call, p) \
	(kfifo_recsize(fifo) ? call##_r(&(fifo)->kfifo, (p), sizeof(*(p)), kfifo_recsize(fifo)) : \
			       call(&(fifo)->kfifo, (p), 1))
#define kfifo_get(fifo, val) \
	({ \
		__typeof__((fifo)->ptr) vmsim_p = (val); \
		VMSIM_KFIFO_ONE(fifo, __kfifo_out, vmsim_p); \
	})
#define kfifo_peek(fifo, val) \
	({ \
		__typeof__((fifo)->ptr) vmsim_p = (val); \
		VMSIM_KFIFO_ONE(fifo, __kfifo_out_peek, vmsim_p); \
	})
#if VMSIM_SINCE(3, 13, 0)
#define kfifo_put(fifo, val) \
	({ \
		__typeof__(*(fifo)->type) vmsim_v = (val); \
		VMSIM_KFIFO_ONE(fifo, __kfifo_in, &vmsim_v); \
	})
#else
#define kfifo_put(fifo, val) \
	({ \
		__typeof__((fifo)->ptr_const) vmsim_p = (val); \
		VMSIM_KFIFO_ONE(fifo, __kfifo_in, vmsim_p); \
	})
#endif

#define VMSIM_KFIFO_LOCKED(lock, call) \
	({ \
		unsigned long vmsim_flags; \
		unsigned int vmsim_moved; \
		spin_lock_irqsave(lock, vmsim_flags); \
		vmsim_moved = call; \
		spin_unlock_irqrestore(lock, vmsim_flags); \
		vmsim_moved; \
	})
#define kfifo_in_spinlocked(fifo, buf, n, lock) VMSIM_KFIFO_LOCKED(lock, kfifo_in(fifo, buf, n))
#define kfifo_out_spinlocked(fifo, buf, n, lock) VMSIM_KFIFO_LOCKED(lock, kfifo_out(fifo, buf, n))
#if VMSIM_UNTIL(6, 12, 0)
#define kfifo_in_locked(fifo, buf, n, lock) kfifo_in_spinlocked(fifo, buf, n, lock)
#define kfifo_out_locked(fifo, buf, n, lock) kfifo_out_spinlocked(fifo, buf, n, lock)
#endif
#if VMSIM_SINCE(5, 7, 0)
#define VMSIM_KFIFO_LOCKED_NOIRQ(lock, call) \
	({ \
		unsigned int vmsim_moved; \
		spin_lock(lock); \
		vmsim_moved = call; \
		spin_unlock(lock); \
		vmsim_moved; \
	})
#define kfifo_in_spinlocked_noirqsave(fifo, buf, n, lock) \
	VMSIM_KFIFO_LOCKED_NOIRQ(lock, kfifo_in(fifo, buf, n))
#define kfifo_out_spinlocked_noirqsave(fifo, buf, n, lock) \
	VMSIM_KFIFO_LOCKED_NOIRQ(lock, kfifo_out(fifo, buf, n))
#define kfifo_is_empty_spinlocked(fifo, lock) VMSIM_KFIFO_LOCKED(lock, kfifo_is_empty(fifo))
#define kfifo_is_empty_spinlocked_noirqsave(fifo, lock) \
	VMSIM_KFIFO_LOCKED_NOIRQ(lock, kfifo_is_empty(fifo))
#endif
#endif

#endif
