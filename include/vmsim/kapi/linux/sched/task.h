/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/sched/task.h. [4.11, )
 */
#ifndef VMSIM_KAPI_LINUX_SCHED_TASK_H
#define VMSIM_KAPI_LINUX_SCHED_TASK_H

#include "../sched.h"

#endif
