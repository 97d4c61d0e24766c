/* SPDX-License-Identifier: MIT */
/*
 * Clocks, as a kernel without them has them (CONFIG_HAVE_CLK off): every clock is NULL, and runs.
 * Counterpart: include/linux/clk.h.
 */
#ifndef VMSIM_KAPI_LINUX_CLK_H
#define VMSIM_KAPI_LINUX_CLK_H

#include "err.h"
#include "types.h"

struct device;

/* vmsim: simplified: there are no clocks, every name of this file */
#define vmsim_no_clk(dev, id) ((void)(dev), (void)(id), (struct clk *)NULL)
#define clk_get(dev, id) vmsim_no_clk(dev, id)
#define clk_put(clk) ((void)(clk))
#define clk_enable(clk) ((void)(clk), 0)
#define clk_disable(clk) ((void)(clk))
#define clk_get_rate(clk) ((void)(clk), 0UL)
#define clk_round_rate(clk, rate) ((void)(clk), (void)(rate), 0L)
#define clk_set_rate(clk, rate) ((void)(clk), (void)(rate), 0)
#define clk_set_parent(clk, parent) ((void)(clk), (void)(parent), 0)
#define clk_get_parent(clk) ((void)(clk), (struct clk *)NULL)
#if VMSIM_SINCE(3, 2, 0)
#define clk_prepare(clk) ((void)(clk), 0)
#define clk_unprepare(clk) ((void)(clk))
#endif
#if VMSIM_SINCE(3, 3, 0)
#define clk_prepare_enable(clk) ((void)(clk), 0)
#define clk_disable_unprepare(clk) ((void)(clk))
#endif
#if VMSIM_SINCE(3, 6, 0)
#define devm_clk_get(dev, id) vmsim_no_clk(dev, id)
#define devm_clk_put(dev, clk) ((void)(dev), (void)(clk))
#endif
#if VMSIM_SINCE(5, 1, 0)
#define clk_get_optional(dev, id) vmsim_no_clk(dev, id)
#define devm_clk_get_optional(dev, id) vmsim_no_clk(dev, id)
#endif
#if VMSIM_SINCE(6, 0, 0)
#define devm_clk_get_enabled(dev, id) vmsim_no_clk(dev, id)
#define devm_clk_get_optional_enabled(dev, id) vmsim_no_clk(dev, id)
#endif

#endif
