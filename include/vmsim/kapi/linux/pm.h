/* SPDX-License-Identifier: MIT */
/*
 * Power management; the simulated machine never sleeps. Counterpart: include/linux/pm.h.
 */
#ifndef VMSIM_KAPI_LINUX_PM_H
#define VMSIM_KAPI_LINUX_PM_H

#include "list.h"
#include "../vmsim/platform_types.h"

struct device;

/* vmsim: simplified: kept in the driver, never called, every name of this file */
typedef vmsim_pm_message_t pm_message_t;
#define PMSG_SUSPEND ((pm_message_t){ .event = 2 })
#define PMSG_ON ((pm_message_t){ .event = 0 })
#if VMSIM_SINCE(2, 6, 29)
struct dev_pm_ops {
	int (*prepare)(struct device *dev);
	void (*complete)(struct device *dev);
	int (*suspend)(struct device *dev);
	int (*resume)(struct device *dev);
	int (*freeze)(struct device *dev);
	int (*thaw)(struct device *dev);
	int (*poweroff)(struct device *dev);
	int (*restore)(struct device *dev);
	int (*suspend_late)(struct device *dev);
	int (*resume_early)(struct device *dev);
	int (*suspend_noirq)(struct device *dev);
	int (*resume_noirq)(struct device *dev);
	int (*runtime_suspend)(struct device *dev);
	int (*runtime_resume)(struct device *dev);
	int (*runtime_idle)(struct device *dev);
};
#define SET_SYSTEM_SLEEP_PM_OPS(suspend_fn, resume_fn) \
	.suspend = suspend_fn, .resume = resume_fn, .freeze = suspend_fn, .thaw = resume_fn, \
	.poweroff = suspend_fn, .restore = resume_fn,
#define SYSTEM_SLEEP_PM_OPS(suspend_fn, resume_fn) SET_SYSTEM_SLEEP_PM_OPS(suspend_fn, resume_fn)
#define SET_RUNTIME_PM_OPS(suspend_fn, resume_fn, idle_fn) \
	.runtime_suspend = suspend_fn, .runtime_resume = resume_fn, .runtime_idle = idle_fn,
#define SIMPLE_DEV_PM_OPS(name, suspend_fn, resume_fn) \
	const struct dev_pm_ops name = { SET_SYSTEM_SLEEP_PM_OPS(suspend_fn, resume_fn) }
#if VMSIM_SINCE(5, 17, 0)
#define DEFINE_SIMPLE_DEV_PM_OPS(name, suspend_fn, resume_fn) \
	const struct dev_pm_ops name = { SET_SYSTEM_SLEEP_PM_OPS(suspend_fn, resume_fn) }
#define pm_sleep_ptr(ptr) (ptr)
#define pm_ptr(ptr) (ptr)
#endif
#endif

#endif
