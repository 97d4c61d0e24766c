/* SPDX-License-Identifier: MIT */
/*
 * What a program of the corpus can do. Two bodies: on_vmsim.cpp drives a simulated process, on_linux.c makes
 * the system calls. A program prints what its user sees; both must print the same text.
 * Leaves out: addresses, pids and times, which differ from run to run and must not be printed.
 */
#ifndef VMSIM_TESTS_CORPUS_PROGRAM_H
#define VMSIM_TESTS_CORPUS_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef unsigned long user_addr;

enum { PAGE = 4096 };

/* As in <fcntl.h> and <sys/mman.h>, which a C++ body could not include beside its own names. */
enum { RDONLY = 0, WRONLY = 1, RDWR = 2, NONBLOCK = 04000, ASYNC = 020000 };
enum { POLL_READ = 1, POLL_WRITE = 4 };
enum { PROT_R = 1, PROT_W = 2, PROT_X = 4, PROT_RW = 3 };
enum { SHARED = 1, PRIVATE = 2, FIXED = 0x10, ANONYMOUS = 0x20 };

/* System calls: the result, or minus the errno. A pointer given to sys_ioctl_at() stands for `size` bytes of the
 * program that the driver may read and write. */
long sys_open(const char *path, int flags);
long sys_close(int fd);
long sys_read(int fd, void *to, size_t size);
long sys_write(int fd, const void *from, size_t size);
long sys_lseek(int fd, long offset, int whence);
long sys_ioctl(int fd, unsigned command, unsigned long argument);
long sys_ioctl_at(int fd, unsigned command, void *object, size_t size);
long sys_poll(int fd); /* the mask of events now, without waiting */
long sys_poll_wait(int fd, unsigned events, unsigned timeout_ms);
long sys_set_flags(int fd, int flags); /* fcntl(F_SETFL); with ASYNC, this program is the owner */
/* read() and write() whose buffer is memory that the program has mapped. */
long sys_read_to(int fd, user_addr to, size_t size);
long sys_write_from(int fd, user_addr from, size_t size);
long sys_mmap(user_addr hint, size_t length, int prot, int flags, int fd, unsigned long offset);
long sys_munmap(user_addr at, size_t length);
long sys_mprotect(user_addr at, size_t length, int prot);

/* One load or store of 1, 2, 4 or 8 bytes: 0, or the signal's number. The last signal's si_code and whether si_addr
 * was the address of the access are kept. */
int cpu_load(user_addr at, unsigned width, uint64_t *value);
int cpu_store(user_addr at, unsigned width, uint64_t value);
int last_si_code(void);
int last_si_addr_was(user_addr at);

/* Runs child(argument) in a fork and waits for its end. */
void in_child(void (*child)(void *), void *argument);
/* A second thread of the program, one at a time. Only one of the two may print while both run. */
void start_beside(void (*body)(void *), void *argument);
void join_beside(void);
void sleep_ms(unsigned ms);
/* Whether SIGIO has come since the last call. */
int sigio_came(void);
/* The lines of /proc/self/maps, address by address. */
const char *own_maps(void);
/* Reads a whole file (/proc, /sys) into a buffer that lives until the next call; "" if there is none. */
const char *file_text(const char *path);

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Written once over the calls above (program.c). */
void say_load(const char *what, user_addr at, unsigned width);
void say_store(const char *what, user_addr at, unsigned width, uint64_t value);
/* "2 pages rw-s offset 0x1000" for every area whose line names `path`. */
void say_maps_of(const char *path);
/* "x", or "minus errno 22" for a refused call. */
void say_result(const char *what, long result);

/* Each program defines one, under the name that corpus.cmake gives it. */
void program(void);

#ifdef __cplusplus
}
#endif

#endif
