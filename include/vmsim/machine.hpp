// SPDX-License-Identifier: MIT
// A small Linux machine in this process: RAM, devices, drivers, programs, time. Counterpart: one
// computer with one kernel.
//
// Several Machines live side by side and know nothing of each other. Thread rule: see process.hpp.
// Everything a Machine hands out by reference belongs to it and lives as long as it.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vmsim/config.hpp"
#include "vmsim/device.hpp"
#include "vmsim/error.hpp"
#include "vmsim/event.hpp"
#include "vmsim/platform.hpp"
#include "vmsim/process.hpp"
#include "vmsim/views.hpp"

namespace vmsim {

/// What a new program's address space holds.
enum class ProgramLayout : u8 {
  kEmpty,    ///< nothing: every mapping is the caller's own
  kTypical,  ///< text, data, bss, heap and stack, as execve() leaves them
};

class Machine {
 public:
  /// EINVAL with the contradiction in words; ENOMEM where the host refuses; ENOSYS for what is not
  /// built yet.
  static Result<std::unique_ptr<Machine>> create(const MachineConfig& config = {});
  /// Ends the programs, unloads the drivers in reverse order, and frees everything.
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  const MachineConfig& config() const;

  // --- drivers ---

  /// insmod: loads a .vko and runs its init. `parameters` is "a=1 b=2,3". The Error has init's
  /// errno, or says what does not fit: an unknown symbol, another kernel version, another vmsim.
  [[nodiscard]] Result<void> load_driver(const std::filesystem::path& file, std::string_view parameters = {});
  /// rmmod. EWOULDBLOCK while a file of it is open or mapped or another driver uses it, EBUSY for
  /// one that cannot go: no exit function, or it died while loading or unloading.
  [[nodiscard]] Result<void> unload_driver(std::string_view name);

  /// Where a loaded driver lies in this process, for a debugger; nullptr for one that is not loaded.
  const void* driver_image(const char* name) const;

  // --- hardware ---

  /// Puts a device on the bus. `size_bytes` is a multiple of 8; the range must not hold RAM. The
  /// device must outlive the machine or be removed. With `irq` its line is connected.
  [[nodiscard]] Result<void> add_device(PhysAddr start, u64 size_bytes, MmioDevice& device,
                          std::optional<unsigned> irq = {});
  Result<void> remove_device(MmioDevice& device);
  /// Describes a device to the kernel as a board file does: a driver that names it is bound to it
  /// now or when it is loaded. MMIO devices of its registers are put on the bus with it and must
  /// outlive the machine or be removed. EEXIST (the name), EBUSY (an address), EINVAL, ENODEV
  /// (2.4 has no driver model). What the driver's probe returns is in dmesg(), not here.
  Result<void> add_platform_device(const PlatformDevice& device);
  /// Unplugs it: its driver's remove function runs. `name` is "meter", or "meter.0" with an id.
  Result<void> remove_platform_device(std::string_view name);

  // --- programs ---

  /// A program that the caller drives by calling its Process.
  [[nodiscard]] Result<Process*> spawn(std::string name, ProgramLayout layout = ProgramLayout::kEmpty);
  /// A program with a body of its own, which runs when the caller waits, joins, or is in no call.
  Result<Process*> start(std::string name, std::function<int(Process&)> body,
                         ProgramLayout layout = ProgramLayout::kEmpty);
  /// Waits for a program or thread with a body; its return value.
  int join(Process& program);
  /// nullptr for a pid that is not there.
  Process* find(int pid);
  /// mknod(2) for a character device.
  Result<void> mknod(std::string_view path, unsigned major, unsigned minor);

  // --- time ---

  u64 now_ns() const;
  /// Lets simulated time pass; timers fire and drivers' work runs.
  void advance_ns(u64 ns);

  // --- what there is to see ---

  /// The kernel log as dmesg prints it.
  std::string dmesg() const;
  bool dmesg_contains(std::string_view piece) const;
  std::vector<Finding> findings() const;
  void clear_findings();
  /// A kernel oops happened; the machine goes on, as Linux would.
  bool tainted() const;
  /// The text of a virtual file: /proc/iomem, /proc/devices, /proc/modules, /proc/interrupts,
  /// /proc/buddyinfo, or an entry that a driver made.
  Result<std::string> read_text(std::string_view path);
  /// Nodes under /dev, /proc and /sys.
  std::vector<std::string> nodes() const;
  PageView page(Pfn pfn) const;
  /// Bytes of RAM, as another bus master would see them. EFAULT outside of RAM.
  Result<std::span<std::byte>> ram(PhysAddr start, u64 size_bytes);
  Ledger ledger() const;
  u64 free_pages() const;
  /// Host and simulated addresses of drivers' memory in words: "vmalloc address 0xf8800010, …".
  std::string describe_kernel_address(const void* address) const;

  /// Observers see every event from now on, until they are removed or destroyed.
  void add_observer(Observer& observer);
  void remove_observer(Observer& observer);

  struct State;

  State& state() { return *state_; }

 private:
  explicit Machine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace vmsim
