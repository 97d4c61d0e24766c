/* SPDX-License-Identifier: MIT */
/*
 * What the two halves of the test driver containers share.
 */
#ifndef CONTAINERS_H
#define CONTAINERS_H

#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/version.h>

#define SINCE(a, b, c) (LINUX_VERSION_CODE >= KERNEL_VERSION(a, b, c))
#define COUNT 9

extern char text[2048];
extern int length;
extern const int values[COUNT];

#define SAY(...) (length += snprintf(text + length, sizeof(text) - length, __VA_ARGS__))

struct item {
	struct rb_node node;
	struct list_head link;
	int value;
};

void use_trees(void);
void use_numbers(void);

#endif
