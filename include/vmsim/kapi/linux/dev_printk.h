/* SPDX-License-Identifier: MIT */
/*
 * Log lines that name their device. Counterpart: include/linux/dev_printk.h.
 */
#ifndef VMSIM_KAPI_LINUX_DEV_PRINTK_H
#define VMSIM_KAPI_LINUX_DEV_PRINTK_H

#include "printk.h"
#include "../vmsim/device_types.h"

extern void vmsim_dev_printk(const char *level, const struct device *dev, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* vmsim: exact, every name of this file */
#define dev_printk(level, dev, fmt, ...) vmsim_dev_printk(level, dev, fmt, ##__VA_ARGS__)
#define dev_emerg(dev, fmt, ...) vmsim_dev_printk(KERN_EMERG, dev, fmt, ##__VA_ARGS__)
#define dev_alert(dev, fmt, ...) vmsim_dev_printk(KERN_ALERT, dev, fmt, ##__VA_ARGS__)
#define dev_crit(dev, fmt, ...) vmsim_dev_printk(KERN_CRIT, dev, fmt, ##__VA_ARGS__)
#define dev_err(dev, fmt, ...) vmsim_dev_printk(KERN_ERR, dev, fmt, ##__VA_ARGS__)
#define dev_warn(dev, fmt, ...) vmsim_dev_printk(KERN_WARNING, dev, fmt, ##__VA_ARGS__)
#define dev_notice(dev, fmt, ...) vmsim_dev_printk(KERN_NOTICE, dev, fmt, ##__VA_ARGS__)
#define dev_info(dev, fmt, ...) vmsim_dev_printk(KERN_INFO, dev, fmt, ##__VA_ARGS__)
#ifdef DEBUG
#define dev_dbg(dev, fmt, ...) vmsim_dev_printk(KERN_DEBUG, dev, fmt, ##__VA_ARGS__)
#else
#define dev_dbg(dev, fmt, ...) \
	do { \
		if (0) \
			vmsim_dev_printk(KERN_DEBUG, dev, fmt, ##__VA_ARGS__); \
	} while (0)
#endif
#define dev_vdbg(dev, fmt, ...) dev_dbg(dev, fmt, ##__VA_ARGS__)
#if VMSIM_SINCE(4, 4, 0)
#define dev_err_ratelimited(dev, fmt, ...) VMSIM_PRINTK_RATED(dev_err, dev, fmt, ##__VA_ARGS__)
#define dev_warn_ratelimited(dev, fmt, ...) VMSIM_PRINTK_RATED(dev_warn, dev, fmt, ##__VA_ARGS__)
#define dev_WARN_ONCE(dev, condition, fmt, ...) WARN_ONCE(condition, fmt, ##__VA_ARGS__)
#endif
#if VMSIM_SINCE(5, 9, 0)
extern int dev_err_probe(const struct device *dev, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
#endif

#endif
