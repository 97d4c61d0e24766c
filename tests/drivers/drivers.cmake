# SPDX-License-Identifier: MIT
# The test drivers, one line each; the kernel is 6.12 where none is given.
vmsim_add_driver(NAME remap_all SOURCES remap_all.c)
vmsim_add_driver(NAME fault_demand SOURCES fault_demand.c)
vmsim_add_driver(NAME insert_page SOURCES insert_page.c)
vmsim_add_driver(NAME regs_map SOURCES regs_map.c)
vmsim_add_driver(NAME misc_basic SOURCES misc_basic.c)
vmsim_add_driver(NAME nopage26 SOURCES nopage26.c KERNEL 2.6.10)
vmsim_add_driver(NAME simple26 SOURCES simple26.c KERNEL 2.6.10)
vmsim_add_driver(NAME loader_probe SOURCES loader_probe.c)
vmsim_add_driver(NAME loader_user SOURCES loader_probe.c DEFINITIONS LOADER_USER)
vmsim_add_driver(NAME kapi_inline SOURCES kapi_inline.c)
vmsim_add_driver(NAME kapi_inline26 SOURCES kapi_inline.c KERNEL 2.6.10)
