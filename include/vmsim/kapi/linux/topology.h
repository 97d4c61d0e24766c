/* SPDX-License-Identifier: MIT */
/*
 * Memory nodes. Counterpart: include/linux/topology.h.
 */
#ifndef VMSIM_KAPI_LINUX_TOPOLOGY_H
#define VMSIM_KAPI_LINUX_TOPOLOGY_H

/* vmsim: simplified: node 0 is where everything runs, every name of this file */
#define NUMA_NO_NODE (-1)
#define numa_node_id() 0
#define dev_to_node(dev) NUMA_NO_NODE

#endif
