/* SPDX-License-Identifier: MIT */
/*
 * Runtime power management, as a kernel without it has it (CONFIG_PM off): devices are always on.
 * Counterpart: include/linux/pm_runtime.h.
 */
#ifndef VMSIM_KAPI_LINUX_PM_RUNTIME_H
#define VMSIM_KAPI_LINUX_PM_RUNTIME_H

#include "device.h"
#include "errno.h"

#if VMSIM_SINCE(2, 6, 32)
/* vmsim: simplified: devices are always on, every name of this file */
#define pm_runtime_enable(dev) ((void)(dev))
#define pm_runtime_disable(dev) ((void)(dev))
#define pm_runtime_get(dev) ((void)(dev), 1)
#define pm_runtime_get_sync(dev) ((void)(dev), 1)
#define pm_runtime_get_noresume(dev) ((void)(dev))
#define pm_runtime_put(dev) ((void)(dev), -ENOSYS)
#define pm_runtime_put_sync(dev) ((void)(dev), -ENOSYS)
#define pm_runtime_put_noidle(dev) ((void)(dev))
#define pm_runtime_resume(dev) ((void)(dev), 1)
#define pm_runtime_suspend(dev) ((void)(dev), -ENOSYS)
#define pm_runtime_idle(dev) ((void)(dev), -ENOSYS)
#define pm_runtime_set_active(dev) ((void)(dev), 0)
#define pm_runtime_set_suspended(dev) ((void)(dev), 0)
#define pm_runtime_suspended(dev) ((void)(dev), 0)
#if VMSIM_SINCE(2, 6, 35)
#define pm_runtime_allow(dev) ((void)(dev))
#define pm_runtime_forbid(dev) ((void)(dev))
#endif
#if VMSIM_SINCE(2, 6, 38)
#define pm_runtime_use_autosuspend(dev) ((void)(dev))
#define pm_runtime_dont_use_autosuspend(dev) ((void)(dev))
#define pm_runtime_set_autosuspend_delay(dev, delay) ((void)(dev), (void)(delay))
#define pm_runtime_mark_last_busy(dev) ((void)(dev))
#define pm_runtime_put_autosuspend(dev) ((void)(dev), -ENOSYS)
#define pm_runtime_put_sync_autosuspend(dev) ((void)(dev), -ENOSYS)
#endif
#if VMSIM_SINCE(3, 0, 0)
#define pm_runtime_enabled(dev) ((void)(dev), 0)
#endif
#if VMSIM_SINCE(5, 10, 0)
#define pm_runtime_resume_and_get(dev) ((void)(dev), 0)
#endif
#if VMSIM_SINCE(5, 15, 0)
#define devm_pm_runtime_enable(dev) ((void)(dev), 0)
#endif
#endif

#endif
