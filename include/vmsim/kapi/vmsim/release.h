/* SPDX-License-Identifier: MIT */
/*
 * VMSIM_RELEASE: the version as a string literal ("6.12.0"), which the preprocessor can only make
 * digit by digit. Included by linux/utsrelease.h. For driver sources only.
 */
#ifndef VMSIM_KAPI_VMSIM_RELEASE_H
#define VMSIM_KAPI_VMSIM_RELEASE_H

#include "era.h"

#define VMSIM_MAJOR (VMSIM_KERNEL >> 16)
#define VMSIM_MINOR (VMSIM_KERNEL >> 8 & 255)
#define VMSIM_PATCH (VMSIM_KERNEL & 255)

#if VMSIM_MAJOR == 0
#define VMSIM_MAJOR_1 "0"
#elif VMSIM_MAJOR == 1
#define VMSIM_MAJOR_1 "1"
#elif VMSIM_MAJOR == 2
#define VMSIM_MAJOR_1 "2"
#elif VMSIM_MAJOR == 3
#define VMSIM_MAJOR_1 "3"
#elif VMSIM_MAJOR == 4
#define VMSIM_MAJOR_1 "4"
#elif VMSIM_MAJOR == 5
#define VMSIM_MAJOR_1 "5"
#elif VMSIM_MAJOR == 6
#define VMSIM_MAJOR_1 "6"
#elif VMSIM_MAJOR == 7
#define VMSIM_MAJOR_1 "7"
#elif VMSIM_MAJOR == 8
#define VMSIM_MAJOR_1 "8"
#elif VMSIM_MAJOR == 9
#define VMSIM_MAJOR_1 "9"
#endif

#if VMSIM_MINOR < 10
#define VMSIM_MINOR_10 ""
#elif VMSIM_MINOR / 10 % 10 == 0
#define VMSIM_MINOR_10 "0"
#elif VMSIM_MINOR / 10 % 10 == 1
#define VMSIM_MINOR_10 "1"
#elif VMSIM_MINOR / 10 % 10 == 2
#define VMSIM_MINOR_10 "2"
#elif VMSIM_MINOR / 10 % 10 == 3
#define VMSIM_MINOR_10 "3"
#elif VMSIM_MINOR / 10 % 10 == 4
#define VMSIM_MINOR_10 "4"
#elif VMSIM_MINOR / 10 % 10 == 5
#define VMSIM_MINOR_10 "5"
#elif VMSIM_MINOR / 10 % 10 == 6
#define VMSIM_MINOR_10 "6"
#elif VMSIM_MINOR / 10 % 10 == 7
#define VMSIM_MINOR_10 "7"
#elif VMSIM_MINOR / 10 % 10 == 8
#define VMSIM_MINOR_10 "8"
#elif VMSIM_MINOR / 10 % 10 == 9
#define VMSIM_MINOR_10 "9"
#endif

#if VMSIM_MINOR % 10 == 0
#define VMSIM_MINOR_1 "0"
#elif VMSIM_MINOR % 10 == 1
#define VMSIM_MINOR_1 "1"
#elif VMSIM_MINOR % 10 == 2
#define VMSIM_MINOR_1 "2"
#elif VMSIM_MINOR % 10 == 3
#define VMSIM_MINOR_1 "3"
#elif VMSIM_MINOR % 10 == 4
#define VMSIM_MINOR_1 "4"
#elif VMSIM_MINOR % 10 == 5
#define VMSIM_MINOR_1 "5"
#elif VMSIM_MINOR % 10 == 6
#define VMSIM_MINOR_1 "6"
#elif VMSIM_MINOR % 10 == 7
#define VMSIM_MINOR_1 "7"
#elif VMSIM_MINOR % 10 == 8
#define VMSIM_MINOR_1 "8"
#elif VMSIM_MINOR % 10 == 9
#define VMSIM_MINOR_1 "9"
#endif

#if VMSIM_PATCH < 100
#define VMSIM_PATCH_100 ""
#elif VMSIM_PATCH / 100 == 1
#define VMSIM_PATCH_100 "1"
#elif VMSIM_PATCH / 100 == 2
#define VMSIM_PATCH_100 "2"
#endif

#if VMSIM_PATCH < 10
#define VMSIM_PATCH_10 ""
#elif VMSIM_PATCH / 10 % 10 == 0
#define VMSIM_PATCH_10 "0"
#elif VMSIM_PATCH / 10 % 10 == 1
#define VMSIM_PATCH_10 "1"
#elif VMSIM_PATCH / 10 % 10 == 2
#define VMSIM_PATCH_10 "2"
#elif VMSIM_PATCH / 10 % 10 == 3
#define VMSIM_PATCH_10 "3"
#elif VMSIM_PATCH / 10 % 10 == 4
#define VMSIM_PATCH_10 "4"
#elif VMSIM_PATCH / 10 % 10 == 5
#define VMSIM_PATCH_10 "5"
#elif VMSIM_PATCH / 10 % 10 == 6
#define VMSIM_PATCH_10 "6"
#elif VMSIM_PATCH / 10 % 10 == 7
#define VMSIM_PATCH_10 "7"
#elif VMSIM_PATCH / 10 % 10 == 8
#define VMSIM_PATCH_10 "8"
#elif VMSIM_PATCH / 10 % 10 == 9
#define VMSIM_PATCH_10 "9"
#endif

#if VMSIM_PATCH % 10 == 0
#define VMSIM_PATCH_1 "0"
#elif VMSIM_PATCH % 10 == 1
#define VMSIM_PATCH_1 "1"
#elif VMSIM_PATCH % 10 == 2
#define VMSIM_PATCH_1 "2"
#elif VMSIM_PATCH % 10 == 3
#define VMSIM_PATCH_1 "3"
#elif VMSIM_PATCH % 10 == 4
#define VMSIM_PATCH_1 "4"
#elif VMSIM_PATCH % 10 == 5
#define VMSIM_PATCH_1 "5"
#elif VMSIM_PATCH % 10 == 6
#define VMSIM_PATCH_1 "6"
#elif VMSIM_PATCH % 10 == 7
#define VMSIM_PATCH_1 "7"
#elif VMSIM_PATCH % 10 == 8
#define VMSIM_PATCH_1 "8"
#elif VMSIM_PATCH % 10 == 9
#define VMSIM_PATCH_1 "9"
#endif

#define VMSIM_RELEASE \
	VMSIM_MAJOR_1 "." VMSIM_MINOR_10 VMSIM_MINOR_1 "." \
	VMSIM_PATCH_100 VMSIM_PATCH_10 VMSIM_PATCH_1

#endif
