/* SPDX-License-Identifier: MIT */
/*
 * The types under every other shared struct: list links, reference counts, and VMSIM_KW.
 * Read by driver sources as C and by vmsim's core as C++20; no kernel macro and no public typedef name lives here.
 */
#ifndef VMSIM_KAPI_BASE_TYPES_H
#define VMSIM_KAPI_BASE_TYPES_H

/* A field whose kernel name is a C++ keyword: `private` in C, `private_` in C++. */
#ifdef __cplusplus
#define VMSIM_KW(name) name##_
#else
#define VMSIM_KW(name) name
#endif

/* Fields that are const in some eras only; the core always sees them plain. */
#ifndef VMSIM_ERA_CONST
#define VMSIM_ERA_CONST
#endif

/* vmsim: exact, every name of this file */
struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

struct rb_node {
	unsigned long __rb_parent_color;
	struct rb_node *rb_right;
	struct rb_node *rb_left;
};

struct rb_root {
	struct rb_node *rb_node;
};

struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
};

typedef struct {
	int counter;
} vmsim_atomic_t;

typedef struct {
	long counter;
} vmsim_atomic64_t;

typedef unsigned int vmsim_gfp_t;
typedef unsigned int vmsim_dev_t;	/* 12 bits major, 20 bits minor */
typedef unsigned short vmsim_umode_t;
typedef long long vmsim_loff_t;
typedef unsigned int vmsim_fault_t;
typedef unsigned int vmsim_poll_t;
typedef unsigned long long vmsim_phys_addr_t;

#endif
