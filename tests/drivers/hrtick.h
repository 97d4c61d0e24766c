// SPDX-License-Identifier: MIT
/* Commands of /dev/hrtick and /dev/evfd; included by the drivers and by their tests. */
#define HRTICK_START 0x4801    /* argument: period in ns */
#define HRTICK_MAX 0x4802      /* argument: ticks until it stops */
#define HRTICK_TICKS 0x4803
#define HRTICK_LAST_US 0x4804  /* when it fired last */
#define HRTICK_CANCEL 0x4805
#define HRTICK_STATE 0x4806    /* active | queued << 1 | in the future << 2 */
#define HRTICK_STORM 0x4807    /* restart without forwarding */
#define HRTICK_SLEEP_US 0x4808

#define EVFD_TAKE 0x4901       /* argument: descriptor of an eventfd */
#define EVFD_SIGNAL 0x4902     /* argument: how much (always 1 since 6.8) */
#define EVFD_LATER_MS 0x4903   /* signal from a timer */
#define EVFD_DROP 0x4904
