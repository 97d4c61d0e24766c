// SPDX-License-Identifier: MIT
// What the tests of a whole machine share: a machine with real drivers, programs that end with the
// test, and a ledger that must be at its end what it was at its beginning.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vmsim/vmsim.hpp"

namespace vmsim {

inline constexpr int kEBadF = 9, kESrch = 3, kENoEnt = 2, kENoMem = 12, kEAgain = 11, kEFault = 14, kEBusy = 16;
inline constexpr int kEExist = 17, kENoDev = 19, kEInval = 22, kENoTty = 25, kENoSpc = 28;
inline constexpr int kESpipe = 29, kENxIo = 6, kENoSys = 38, kEIntr = 4, kENoExec = 8;

inline std::string driver_file(const std::string& name) {
  return std::string(VMSIM_TEST_DRIVER_DIR) + "/" + name + ".vko";
}

/// The errno of a Result, 0 where it has a value.
template <class T>
int errno_of(const Result<T>& result) {
  return result ? 0 : result.error().errno_value;
}

/// "ok", or the fault in words.
template <class T>
std::string outcome(const Access<T>& access) {
  return access.ok() ? "ok" : access.fault().to_string();
}

inline MachineConfig config_of(KernelVersion kernel, Profile profile = Profile::kX86_64) {
  MachineConfig config;
  config.kernel = kernel;
  config.profile = profile;
  config.ram_bytes = u64{64} << 20;
  return config;
}

inline MachineConfig small_config() { return config_of({6, 12, 0}); }

/// A machine under test. At the end every program exits, every driver is unloaded, and the ledger
/// must be equal to that of the start, but for what the test has declared as leaked.
class World : public ::testing::Test {
 protected:
  World() = default;
  explicit World(const MachineConfig& config) { boot(config); }

  void TearDown() override {
    if (machine_) switch_off();
  }

  Machine& boot(const MachineConfig& config = small_config()) {
    auto made = Machine::create(config);
    if (!made) throw std::runtime_error(made.error().to_string());
    machine_ = std::move(*made);
    at_start_ = machine_->ledger();
    return *machine_;
  }

  Machine& machine() {
    if (!machine_) boot();
    return *machine_;
  }

  /// Loads a test driver, which is unloaded at the end.
  void insmod(const std::string& name, const std::string& parameters = "") {
    must(machine().load_driver(driver_file(name), parameters));
    loaded_.push_back(name);
  }

  Result<void> rmmod(const std::string& name) {
    auto gone = machine_->unload_driver(name);
    if (gone) std::erase(loaded_, name);
    return gone;
  }

  Process& spawn(const std::string& name = "app", ProgramLayout layout = ProgramLayout::kEmpty) {
    Process* const process = must(machine().spawn(name, layout));
    if (!process) throw std::runtime_error("no process");
    return *process;
  }

  /// Opens `path` and maps `pages` pages of it, shared.
  VirtAddr map(Process& app, const std::string& path, u64 pages, u32 flags = kMapShared,
               u32 prot = kProtReadWrite) {
    const int fd = must(app.open(path));
    return must(app.mmap({.length = pages * kPageSize, .prot = prot, .flags = flags, .fd = fd}));
  }

  VirtAddr map_anonymous(Process& app, u64 pages, u32 prot = kProtReadWrite) {
    return must(app.mmap(
        {.length = pages * kPageSize, .prot = prot, .flags = kMapPrivate | kMapAnonymous}));
  }

  std::string string_at(Process& app, VirtAddr at) {
    std::string text;
    const auto read = app.read_string(at, text);
    return read.ok() ? text : read.fault().to_string();
  }

  /// Refcount and mapcount of a frame: "2/1".
  std::string counts(Pfn pfn) {
    const PageView page = machine_->page(pfn);
    return std::to_string(page.refcount) + "/" + std::to_string(page.mapcount);
  }

  std::size_t findings_of(const std::string& rule) {
    const auto findings = machine_->findings();
    return static_cast<std::size_t>(
        std::count_if(findings.begin(), findings.end(),
                      [&](const Finding& finding) { return finding.rule == rule; }));
  }

  std::string findings_text() {
    std::string text;
    for (const Finding& finding : machine_->findings())
      text += finding.rule + ": " + finding.text + "\n";
    return text.empty() ? "no findings\n" : text;
  }

  /// Ends all programs. Pids are small numbers; what has ended stays where it is.
  void end_programs() {
    for (int pid = 0; pid < 200; ++pid) {
      Process* const process = machine_->find(pid);
      if (!process || !process->alive()) continue;
      EXPECT_EQ(process->validate(), "") << process->name();
      process->exit();
    }
  }

  void switch_off() {
    end_programs();
    const std::vector<std::string> still_loaded(loaded_.rbegin(), loaded_.rend());
    for (const std::string& name : still_loaded) must(rmmod(name));
    Ledger expected = at_start_;
    expected.frames += leaked_.frames;
    expected.slab_objects += leaked_.slab_objects;
    expected.vmalloc_areas += leaked_.vmalloc_areas;
    expected.kmap_slots += leaked_.kmap_slots;
    expected.ioremaps += leaked_.ioremaps;
    expected.modules += leaked_.modules;
    expected.char_devices += leaked_.char_devices;
    expected.irq_handlers += leaked_.irq_handlers;
    expected.open_files += leaked_.open_files;
    EXPECT_EQ(machine_->ledger().to_string(), expected.to_string()) << findings_text();
    machine_.reset();
  }

  std::unique_ptr<Machine> machine_;
  std::vector<std::string> loaded_;
  Ledger at_start_;
  Ledger leaked_;  ///< what the test's drivers lose, added to the start's ledger
};

}  // namespace vmsim
