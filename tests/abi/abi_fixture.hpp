// SPDX-License-Identifier: MIT
// What the tests of exported functions share: a kernel, a task inside of it with an address space,
// and functions that play a driver. The tests reach everything by its kernel name, as the loader
// does.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "abi/exports.hpp"
#include "kern/kernel.hpp"
#include "mm/mm.hpp"
#include "sched/driver_call.hpp"
#include "sched/kernel_entry.hpp"
#include "vfs/file.hpp"

namespace vmsim::abi {

using Ulong = unsigned long;

inline MachineConfig config_of(KernelVersion version = {6, 12, 0},
                               Profile profile = Profile::kX86_64) {
  MachineConfig config;
  config.kernel = version;
  config.profile = profile;
  config.ram_bytes = u64{64} << 20;
  return config;
}

/// A machine's kernel with one task in it. At the end every frame must be back.
class AbiWorld {
 public:
  explicit AbiWorld(const MachineConfig& config = config_of()) {
    const unsigned version = config.kernel.code();
    auto made = kern::Kernel::create(
        config,
        {[version](std::string_view name) { return find_export(name, version); }, &export_at});
    EXPECT_TRUE(made) << (made ? "" : made.error().to_string());
    kernel = std::move(*made);
    task = &kernel->scheduler->create_task("test");
    entry_ = std::make_unique<sched::KernelEntry>(*kernel->scheduler, *task, kernel.get());
    sink_ = std::make_unique<sched::OopsSinkScope>(kernel->oops.get());
    memory().slab->trim();
    frames_at_start_ = memory().zones->allocated_pages();
    auto space = mm::Mm::create(*memory().env);
    EXPECT_TRUE(space);
    mm = std::move(*space);
    task->mm = task->active_mm = mm.get();
  }

  ~AbiWorld() {
    task->mm = nullptr;
    if (mm) mm->exit_mmap();
    mm.reset();
    memory().slab->trim();
    EXPECT_EQ(memory().zones->allocated_pages(), frames_at_start_) << "frames leaked";
    sink_.reset();
    entry_.reset();
    kernel->stop_threads();
    kernel.reset();
  }

  AbiWorld(const AbiWorld&) = delete;
  AbiWorld& operator=(const AbiWorld&) = delete;

  kern::Memory& memory() const { return *kernel->memory; }

  /// The kernel's function of this name.
  template <class Signature>
  Signature* import(const char* name) const {
    const void* const address = find_export(name, kernel->config.kernel.code());
    EXPECT_NE(address, nullptr) << name << " is not exported";
    return reinterpret_cast<Signature*>(const_cast<void*>(address));
  }

  /// Runs `f` as a driver. False: it oopsed.
  template <class F>
  static bool drive(F&& f) {
    return static_cast<bool>(sched::DriverCall::run(f));
  }

  bool found(const std::string& rule) const {
    for (const Finding& finding : kernel->probe.findings())
      if (finding.rule == rule) return true;
    return false;
  }

  std::string rules() const {
    std::string text;
    for (const Finding& finding : kernel->probe.findings()) text += finding.rule + " ";
    return text;
  }

  std::unique_ptr<kern::Kernel> kernel;
  sched::Task* task = nullptr;
  std::unique_ptr<mm::Mm> mm;

 private:
  std::unique_ptr<sched::KernelEntry> entry_;
  std::unique_ptr<sched::OopsSinkScope> sink_;
  u64 frames_at_start_ = 0;
};

/// A device whose mmap handler is a function of the test. One at a time.
class MapDevice {
 public:
  using Handler = int (*)(vm_area_struct* vma);

  explicit MapDevice(AbiWorld& world) : world_(world) {
    fops_.mmap = [](::file*, vm_area_struct* vma) { return handler_of_test(vma); };
    node_ = new vfs::Inode("/dev/map", 0020666);
    node_->i_fop = &fops_;
    node_->hold();
    file_ = new vfs::File(node_, vfs::kORdWr, *world.kernel->files);
  }

  ~MapDevice() {
    file_->put();
    node_->put();
  }

  MapDevice(const MapDevice&) = delete;
  MapDevice& operator=(const MapDevice&) = delete;

  /// mmap(2), shared and writable: the address, or -errno.
  i64 map(u64 pages, Handler handler, u32 flags = mm::map::kShared) {
    handler_of_test = handler;
    const auto got = world_.mm->mmap(
        {0, pages << kPageShift, mm::prot::kRead | mm::prot::kWrite, flags, file_, 0});
    return got ? static_cast<i64>(*got) : -i64{got.error().errno_value};
  }

  vfs::Inode* node() const { return node_; }

  static inline Handler handler_of_test = nullptr;

 private:
  AbiWorld& world_;
  ::file_operations fops_{};
  vfs::Inode* node_ = nullptr;
  vfs::File* file_ = nullptr;
};

}  // namespace vmsim::abi
