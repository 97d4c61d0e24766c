// SPDX-License-Identifier: MIT
// A simulated program: its system calls, and its loads and stores. Counterpart: a process and its
// threads, section 2 and 3 of the manual pages each call is named after.
//
// Thread rule: a Machine has one CPU, and one host thread at a time may drive it. Programs that are
// to run beside each other are started with Machine::start or Process::start_thread; the scheduler
// then passes the CPU among them.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vmsim/addr.hpp"
#include "vmsim/error.hpp"
#include "vmsim/views.hpp"

namespace vmsim {

class Machine;

/// PROT_*.
enum Prot : u32 { kProtNone = 0, kProtRead = 1, kProtWrite = 2, kProtExec = 4, kProtReadWrite = 3 };

/// MAP_*; any other bit of the kernel may be given as a number.
enum MapFlag : u32 {
  kMapShared = 0x1,
  kMapPrivate = 0x2,
  kMapSharedValidate = 0x3,
  kMapFixed = 0x10,
  kMapAnonymous = 0x20,
  kMapGrowsDown = 0x100,
  kMapNoReserve = 0x4000,
  kMapStack = 0x20000,
  kMapFixedNoReplace = 0x100000,
};

/// O_* of open().
enum OpenFlag : u32 {
  kReadOnly = 0,
  kWriteOnly = 1,
  kReadWrite = 2,
  kNonBlock = 04000,
  kAsync = 020000,
  kSync = 04010000
};

/// Arguments of mmap(2). Only `length` has no default that works.
struct MmapOptions {
  u64 length = 0;  ///< bytes; rounded up to pages
  u32 prot = kProtReadWrite;
  u32 flags = kMapShared;  ///< with fd -1: kMapPrivate | kMapAnonymous is usual
  int fd = -1;
  u64 offset = 0;   ///< bytes into the file, page aligned
  VirtAddr hint{};  ///< or the place, with kMapFixed
};

class Process {
 public:
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  int pid() const;
  const std::string& name() const;
  Machine& machine() const;
  /// False after exit() or a kernel oops in one of its calls; calls then fail with ESRCH. A signal
  /// is a value that the caller gets (Access::fault()): whether it ends the program is his to say.
  bool alive() const;

  // --- files ---

  /// A descriptor. ENOENT, ENXIO (no driver), EACCES, EBUSY, or what the driver's open returned.
  Result<int> open(std::string_view path, u32 flags = kReadWrite);
  /// EBADF, or what the driver's flush returned; the descriptor is closed in any case.
  Result<void> close(int fd);
  /// Host memory stands for a buffer of the program: the driver sees a user address.
  Result<u64> read(int fd, std::span<std::byte> buffer);
  Result<u64> write(int fd, std::span<const std::byte> buffer);
  Result<u64> write(int fd, std::string_view text);
  /// The same with a buffer in the program's own memory.
  Result<u64> read(int fd, VirtAddr buffer, u64 length);
  Result<u64> write(int fd, VirtAddr buffer, u64 length);
  /// whence: 0 SEEK_SET, 1 SEEK_CUR, 2 SEEK_END.
  Result<u64> lseek(int fd, i64 offset, int whence);
  /// Returns the driver's value if it is not negative.
  Result<i64> ioctl(int fd, u32 command, u64 argument = 0);

  /// ioctl whose argument is a pointer to an object, which the driver may read and write.
  template <class T>
  Result<i64> ioctl(int fd, u32 command, T* object) {
    return ioctl_buffer(fd, command, std::as_writable_bytes(std::span(object, 1)));
  }

  /// eventfd(2): a descriptor of a counter, which read() takes and write() adds to, 8 bytes each,
  /// and which a driver may signal. Flags: 1 EFD_SEMAPHORE, kNonBlock.
  Result<int> eventfd(u64 initial = 0, u32 flags = 0);

  /// The driver's poll mask (POLLIN 1, POLLOUT 4, …).
  Result<u32> poll(int fd);
  /// Waits until one of `events` is ready; what is, or 0 after the time. EINTR for a signal.
  Result<u32> poll(int fd, u32 events, u64 timeout_ns);
  /// fcntl(F_SETFL): kNonBlock, and kAsync, after which kill_fasync() of the driver signals this task.
  Result<void> set_flags(int fd, u32 flags);
  /// Whether a signal (SIGIO) has come since the last call; the task is free of it afterwards.
  bool take_signal();

  // --- memory ---

  /// The address. An Error carries the errno and the rule that refused.
  Result<VirtAddr> mmap(const MmapOptions& options);
  Result<void> munmap(VirtAddr addr, u64 length);
  Result<void> mprotect(VirtAddr addr, u64 length, u32 prot);
  /// The new end of the heap, or the old one where it cannot move.
  VirtAddr brk(VirtAddr addr);
  /// The child. It is a Process of the machine like any other, with copies of this one's memory and
  /// descriptors.
  Result<Process*> fork();
  /// Ends the process: areas are closed, then descriptors. Later calls fail. The object stays until
  /// the Machine goes.
  void exit(int status = 0);
  int exit_status() const;

  // --- loads and stores, as the program's instructions make them ---

  /// T is an integer of 1, 2, 4 or 8 bytes. On a device page one load is one access of that width.
  template <class T>
  Access<T> load(VirtAddr addr) {
    static_assert(sizeof(T) == 1 || sizeof(T) == 2 || sizeof(T) == 4 || sizeof(T) == 8);
    const Access<u64> bits = load_bits(addr, sizeof(T));
    if (!bits.ok()) return bits.fault();
    return static_cast<T>(bits.value());
  }

  template <class T>
  Access<Done> store(VirtAddr addr, T value) {
    static_assert(sizeof(T) == 1 || sizeof(T) == 2 || sizeof(T) == 4 || sizeof(T) == 8);
    return store_bits(addr, sizeof(T), static_cast<u64>(value));
  }

  /// memcpy from and to the program's memory. What lies before a failing page is done.
  Access<Done> copy_out(VirtAddr from, std::span<std::byte> to);
  Access<Done> copy_in(VirtAddr to, std::span<const std::byte> from);
  Access<Done> fill(VirtAddr to, std::byte value, u64 bytes);
  /// Text up to a NUL or `max` bytes.
  Access<Done> read_string(VirtAddr from, std::string& text, u64 max = 4096);
  /// Atomic instructions; each returns the value before.
  Access<u32> compare_exchange(VirtAddr addr, u32 expected, u32 desired);
  Access<u64> compare_exchange(VirtAddr addr, u64 expected, u64 desired);
  Access<u32> fetch_add(VirtAddr addr, u32 add);
  Access<u64> fetch_add(VirtAddr addr, u64 add);
  /// Executes the byte: the permission check of an instruction fetch.
  Access<Done> fetch(VirtAddr addr);

  // --- threads ---

  /// Another task with this one's memory and descriptors, driven from outside like this one.
  Result<Process*> clone_thread(std::string name = {});
  /// Runs `body` on a task of its own that shares this one's memory; Machine::join waits for it.
  Result<Process*> start_thread(std::string name, std::function<int(Process&)> body);

  // --- views ---

  std::vector<AreaView> areas() const;
  /// Every present entry of an area or range, in address order.
  std::vector<EntryView> entries(VirtRange range) const;
  EntryView entry(VirtAddr addr) const;
  WalkView walk(VirtAddr addr) const;
  /// /proc/<pid>/maps, byte for byte.
  std::string maps() const;
  /// Pages present: anonymous, file, shared memory.
  u64 rss_pages() const;
  u64 page_table_pages() const;
  /// Checks every invariant of the address space; empty if it is sound.
  std::string validate() const;

  struct State;

 private:
  friend class Machine;
  explicit Process(std::unique_ptr<State> state);

  Access<u64> load_bits(VirtAddr addr, unsigned width);
  Access<Done> store_bits(VirtAddr addr, unsigned width, u64 bits);
  Result<i64> ioctl_buffer(int fd, u32 command, std::span<std::byte> object);

  std::unique_ptr<State> state_;
};

}  // namespace vmsim
