/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/sched/signal.h. [4.11, )
 */
#ifndef VMSIM_KAPI_LINUX_SCHED_SIGNAL_H
#define VMSIM_KAPI_LINUX_SCHED_SIGNAL_H

#include "../sched.h"
#include "../signal.h"

#endif
