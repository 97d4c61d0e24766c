/* SPDX-License-Identifier: MIT */
/* What each page of the device answers a fault with, for the driver and for its program. */
#ifndef FAULT_CODES_H
#define FAULT_CODES_H

#include <linux/ioctl.h>

enum fault_answer {
	ANSWER_PLAIN, /* vmf->page and 0 */
	ANSWER_LOCKED,
	ANSWER_SIGBUS,
	ANSWER_SIGSEGV,
	ANSWER_POISON,
	ANSWER_RETRY, /* drops mmap_lock and asks for another try, once */
	ANSWER_MAJOR,
	ANSWER_INSERTED, /* vm_insert_page() and VM_FAULT_NOPAGE */
	ANSWER_COUNT,
};

#define CODES_FLAGS _IO('c', 1) /* returns the FAULT_FLAG_* of the last fault */
#define CODES_CALLS _IO('c', 2) /* returns how often the handler ran, and starts anew */
#define CODES_PEEK _IO('c', 3) /* get_user() of the argument by the driver */

#endif
