/* SPDX-License-Identifier: MIT */
/*
 * A program of the corpus on a real kernel: system calls, and loads whose signals are caught. The driver is loaded
 * before it starts. Counterpart: libc. Built statically by real_kernel.sh.
 */
#define _GNU_SOURCE
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static __thread sigjmp_buf landing;
static __thread int code;
static __thread user_addr fault_addr;
static volatile sig_atomic_t sigio;

static long result_of(long result)
{
	return result == -1 ? -errno : result;
}

long sys_open(const char *path, int flags) { return result_of(open(path, flags)); }
long sys_close(int fd) { return result_of(close(fd)); }
long sys_read(int fd, void *to, size_t size) { return result_of(read(fd, to, size)); }
long sys_write(int fd, const void *from, size_t size) { return result_of(write(fd, from, size)); }
long sys_lseek(int fd, long offset, int whence) { return result_of(lseek(fd, offset, whence)); }
long sys_ioctl(int fd, unsigned command, unsigned long argument) { return result_of(ioctl(fd, command, argument)); }

long sys_ioctl_at(int fd, unsigned command, void *object, size_t size)
{
	(void)size;
	return result_of(ioctl(fd, command, object));
}

long sys_poll(int fd)
{
	struct pollfd one = { .fd = fd, .events = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM | POLLPRI };

	return poll(&one, 1, 0) < 0 ? -errno : one.revents;
}

long sys_poll_wait(int fd, unsigned events, unsigned timeout_ms)
{
	struct pollfd one = { .fd = fd, .events = (short)events };

	return poll(&one, 1, (int)timeout_ms) < 0 ? -errno : one.revents;
}

long sys_set_flags(int fd, int flags)
{
	if ((flags & ASYNC) && fcntl(fd, F_SETOWN, getpid()) < 0)
		return -errno;
	return result_of(fcntl(fd, F_SETFL, flags));
}

long sys_read_to(int fd, user_addr to, size_t size) { return result_of(read(fd, (void *)to, size)); }
long sys_write_from(int fd, user_addr from, size_t size) { return result_of(write(fd, (void *)from, size)); }

long sys_mmap(user_addr hint, size_t length, int prot, int flags, int fd, unsigned long offset)
{
	return result_of((long)mmap((void *)hint, length, prot, flags, fd, (off_t)offset));
}

long sys_munmap(user_addr at, size_t length) { return result_of(munmap((void *)at, length)); }
long sys_mprotect(user_addr at, size_t length, int prot) { return result_of(mprotect((void *)at, length, prot)); }

static void on_fault(int signo, siginfo_t *info, void *context)
{
	(void)context;
	code = info->si_code;
	fault_addr = (user_addr)info->si_addr;
	siglongjmp(landing, signo);
}

int cpu_load(user_addr at, unsigned width, uint64_t *value)
{
	int signo = sigsetjmp(landing, 1);

	if (signo)
		return signo;
	*value = width == 1   ? *(volatile uint8_t *)at
		 : width == 2 ? *(volatile uint16_t *)at
		 : width == 4 ? *(volatile uint32_t *)at
			      : *(volatile uint64_t *)at;
	return 0;
}

int cpu_store(user_addr at, unsigned width, uint64_t value)
{
	int signo = sigsetjmp(landing, 1);

	if (signo)
		return signo;
	if (width == 1)
		*(volatile uint8_t *)at = (uint8_t)value;
	else if (width == 2)
		*(volatile uint16_t *)at = (uint16_t)value;
	else if (width == 4)
		*(volatile uint32_t *)at = (uint32_t)value;
	else
		*(volatile uint64_t *)at = value;
	return 0;
}

int last_si_code(void) { return code; }
int last_si_addr_was(user_addr at) { return fault_addr == at; }

void in_child(void (*child)(void *), void *argument)
{
	pid_t pid;
	int status;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		child(argument);
		fflush(stdout);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		say("no child: errno %d\n", errno);
	else if (WIFSIGNALED(status))
		say("the child died of signal %d\n", WTERMSIG(status));
}

static pthread_t beside;
static void (*beside_body)(void *);

static void *beside_main(void *argument)
{
	beside_body(argument);
	return NULL;
}

void start_beside(void (*body)(void *), void *argument)
{
	beside_body = body;
	if (pthread_create(&beside, NULL, beside_main, argument))
		say("no thread\n");
}

void join_beside(void) { pthread_join(beside, NULL); }

void sleep_ms(unsigned ms)
{
	struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

static void on_sigio(int signo)
{
	(void)signo;
	sigio = 1;
}

int sigio_came(void)
{
	int came = sigio;

	sigio = 0;
	return came;
}

const char *file_text(const char *path)
{
	static char text[65536];
	size_t length = 0;
	ssize_t got;
	int fd = open(path, O_RDONLY);

	while (fd >= 0 && (got = read(fd, text + length, sizeof(text) - 1 - length)) > 0)
		length += (size_t)got;
	if (fd >= 0)
		close(fd);
	text[length] = '\0';
	return text;
}

const char *own_maps(void) { return file_text("/proc/self/maps"); }

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	signal(SIGIO, on_sigio);
	program();
	return 0;
}
