// SPDX-License-Identifier: MIT
// An AbiWorld with the scheduler's way back into drivers, as a machine has it, and memory of a
// program.
#pragma once

#include <string>
#include <vector>

#include "abi/abi_fixture.hpp"
#include "abi/driver_door.hpp"
#include "mm/vm_flags.hpp"

namespace vmsim::abi {

class DriverWorld : public AbiWorld {
 public:
  explicit DriverWorld(KernelVersion version = {6, 12, 0}) : AbiWorld(config_of(version)) {
    door = std::make_unique<DriverDoor>(*kernel);
  }

  ~DriverWorld() {
    kernel->work_queues->flush_queue(nullptr);
    door.reset();
  }

  DriverWorld(const DriverWorld&) = delete;
  DriverWorld& operator=(const DriverWorld&) = delete;

  /// Calls the kernel's function of this name as a driver; the default value if it oopsed.
  template <class Signature, class... Args>
  auto call(const char* name, Args... args) {
    auto* const function = import <Signature>(name);
    return sched::DriverCall::run([&] { return function(args...); });
  }

  std::string log() const { return kernel->log->text(); }

  bool log_has(const std::string& piece) const { return kernel->log->contains(piece); }

  /// Anonymous pages of the program.
  u64 user_pages(u64 pages) {
    const auto got = mm->mmap({0, pages << kPageShift, mm::prot::kRead | mm::prot::kWrite,
                               mm::map::kPrivate | mm::map::kAnonymous, nullptr, 0});
    EXPECT_TRUE(got);
    return got ? static_cast<u64>(*got) : 0;
  }

  void store_user(u64 address, const void* bytes, u64 size) {
    const auto left = kernel->user_copy->to_user(address, bytes, size);
    EXPECT_TRUE(left && *left == 0);
  }

  std::string load_user(u64 address, u64 size) {
    std::string text(size, '\0');
    const auto left = kernel->user_copy->from_user(text.data(), address, size);
    EXPECT_TRUE(left && *left == 0);
    return text;
  }

  std::unique_ptr<DriverDoor> door;
};

}  // namespace vmsim::abi
