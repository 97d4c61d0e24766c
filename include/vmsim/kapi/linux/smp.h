/* SPDX-License-Identifier: MIT */
/*
 * CPU numbers. Counterpart: include/linux/smp.h and cpumask.h.
 */
#ifndef VMSIM_KAPI_LINUX_SMP_H
#define VMSIM_KAPI_LINUX_SMP_H

#include "preempt.h"

extern int vmsim_smp_processor_id(void);
extern unsigned int vmsim_cpu_count(void);
/* vmsim: exact, every name of this file */
#define smp_processor_id() vmsim_smp_processor_id()
#define raw_smp_processor_id() vmsim_smp_processor_id()
#define get_cpu() \
	({ \
		preempt_disable(); \
		smp_processor_id(); \
	})
#define put_cpu() preempt_enable()
#define num_online_cpus() vmsim_cpu_count()
#define num_possible_cpus() vmsim_cpu_count()
#define nr_cpu_ids vmsim_cpu_count()
#define NR_CPUS 64

#endif
