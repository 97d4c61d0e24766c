/* SPDX-License-Identifier: MIT */
/*
 * Sequence counters. Counterpart: include/linux/seqlock.h.
 */
#ifndef VMSIM_KAPI_LINUX_SEQLOCK_H
#define VMSIM_KAPI_LINUX_SEQLOCK_H

#include "spinlock.h"
#include "../asm/barrier.h"

/* vmsim: exact, every name of this file */
typedef struct {
	unsigned int sequence;
	spinlock_t lock;
} seqlock_t;
typedef struct {
	unsigned int sequence;
} seqcount_t;
#define DEFINE_SEQLOCK(x) seqlock_t x = { 0, { NULL, #x } }
#define seqlock_init(sl) \
	do { \
		(sl)->sequence = 0; \
		spin_lock_init(&(sl)->lock); \
	} while (0)
#define seqcount_init(s) ((void)((s)->sequence = 0))

static inline unsigned int vmsim_seq_begin(const unsigned int *sequence)
{
	return __atomic_load_n(sequence, __ATOMIC_ACQUIRE) & ~1U;
}

static inline int vmsim_seq_retry(const unsigned int *sequence, unsigned int start)
{
	smp_rmb();
	return *sequence != start;
}

static inline void vmsim_seq_step(unsigned int *sequence)
{
	__atomic_add_fetch(sequence, 1, __ATOMIC_SEQ_CST);
}

#define read_seqbegin(sl) vmsim_seq_begin(&(sl)->sequence)
#define read_seqretry(sl, start) vmsim_seq_retry(&(sl)->sequence, start)
#define read_seqcount_begin(s) vmsim_seq_begin(&(s)->sequence)
#define read_seqcount_retry(s, start) vmsim_seq_retry(&(s)->sequence, start)
#define write_seqcount_begin(s) vmsim_seq_step(&(s)->sequence)
#define write_seqcount_end(s) vmsim_seq_step(&(s)->sequence)

static inline void write_seqlock(seqlock_t *sl)
{
	spin_lock(&sl->lock);
	vmsim_seq_step(&sl->sequence);
}

static inline void write_sequnlock(seqlock_t *sl)
{
	vmsim_seq_step(&sl->sequence);
	spin_unlock(&sl->lock);
}

#endif
