// SPDX-License-Identifier: MIT
// Everything that drivers hang on, without a Machine and without a loader: tables over a small
// memory, one program with a few writable pages, and a task that is inside the kernel. Drivers are
// functions of the test. For tests/kern only.
#pragma once

#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/probe.hpp"
#include "kern/leftovers.hpp"
#include "kern/log.hpp"
#include "kern/memory.hpp"
#include "kern/seq_file.hpp"
#include "kern/user_copy.hpp"
#include "mm/mm.hpp"
#include "mm/rules.hpp"
#include "sched/kernel_entry.hpp"

namespace vmsim::kern {

/// Counts references; a module in `going` gives none.
class CountedRefs final : public ModuleRefs {
 public:
  bool try_get(::module* module) override {
    if (module && module == going) return false;
    if (module) ++counts[module];
    return true;
  }

  void put(::module* module) override {
    if (module) --counts[module];
  }

  int total() const {
    int sum = 0;
    for (const auto& [module, count] : counts) sum += count;
    return sum;
  }

  ::module* going = nullptr;
  std::map<::module*, int> counts;
};

/// Counts oopses.
class CountingSink final : public sched::OopsSink {
 public:
  void on_oops(const sched::OopsRecord&) override { ++oopses; }

  int oopses = 0;
};

/// Fails requests at one named site.
class FailAt final : public base::FailOracle {
 public:
  explicit FailAt(std::string site) : site_(std::move(site)) {}

  bool should_fail(const char* site) override { return site_ == site; }

 private:
  std::string site_;
};

/// Keeps "name result b c" of file operations and the like.
class EventList final : public Observer {
 public:
  void on_event(const Event& event) override {
    if (event.kind == EventKind::kFileOp) names.emplace_back(event.name);
    if (event.kind == EventKind::kIrq)
      names.push_back("irq " + std::to_string(event.a) + " " + std::to_string(event.b));
  }

  std::vector<std::string> names;
};

inline constexpr u64 kBufferPages = 16;

struct KernWorld {
  explicit KernWorld(KernelVersion kernel = {6, 12, 0}) : version(kernel) {
    config.kernel = kernel;
    config.ram_bytes = u64{64} << 20;
    scheduler = must(
        sched::Scheduler::create({.cpus = 1, .seed = 1, .hz = 250, .host_patience_ms = 20}, probe));
    log = std::make_unique<Log>(probe, kernel.code(), nullptr);
    nodes = std::make_unique<NodeTable>(kernel, 1);
    files = std::make_unique<FileCalls>(FileCalls::Parts{*nodes, refs, *scheduler, probe, kernel});
    memory = must(Memory::create(config, *scheduler, probe, *files));
    user = std::make_unique<UserCopy>(UserCopy::Parts{
        *memory->accessor, *scheduler, probe, *memory->addresses, memory->env->task_size()});
    chrdevs = std::make_unique<CharDevices>(CharDevices::Parts{*nodes, refs, probe, kernel});
    devices = std::make_unique<DeviceModel>(
        DeviceModel::Parts{*nodes, *chrdevs, *user, *memory->slab, probe});
    misc =
        std::make_unique<MiscDevices>(MiscDevices::Parts{*chrdevs, *devices, refs, probe, kernel});
    irqs = std::make_unique<IrqTable>(IrqTable::Parts{*scheduler, probe, *log, kernel}, 32);
    workqueues = std::make_unique<WorkQueues>(WorkQueues::Parts{*scheduler, probe, &sink, kernel});
    tasklets = std::make_unique<Tasklets>(*scheduler, probe);
    kthreads = std::make_unique<Kthreads>(*scheduler, probe, &sink);
    seq_files = std::make_unique<SeqFiles>(*user, probe);
    proc =
        std::make_unique<ProcFs>(ProcFs::Parts{*nodes, *files, *seq_files, *user, probe, kernel});
    resources = std::make_unique<IoResources>(memory->bus->regions(), probe, kernel);
    leftovers = std::make_unique<Leftovers>(Leftovers::Tables{*files, *chrdevs, *misc, *devices,
                                                              *proc, *irqs, *workqueues, *tasklets,
                                                              *kthreads, *resources});
    task = &scheduler->create_task("test");
    enter();
    sink_scope = std::make_unique<sched::OopsSinkScope>(&sink);
    start_program();
  }

  ~KernWorld() {
    EXPECT_EQ(files->open_files(), 0u) << "a file is still open";
    EXPECT_EQ(refs.total(), 0) << "a module reference leaked";
    EXPECT_EQ(seq_files->open_files(), 0u) << "a seq_file leaked";
    EXPECT_EQ(chrdevs->registrations(), 0u);
    EXPECT_EQ(misc->registered(), 0u);
    EXPECT_EQ(devices->devices(), 0u);
    EXPECT_EQ(proc->entries(), 0u);
    EXPECT_EQ(irqs->handlers(), 0u);
    EXPECT_EQ(resources->regions(), 0u);
    EXPECT_EQ(workqueues->pending(), 0u);
    EXPECT_EQ(kthreads->running(), 0u);
    EXPECT_TRUE(nodes->list("/dev").empty()) << nodes->list("/dev").front();
    if (mm) mm->exit_mmap();
    EXPECT_EQ(findings(), "");
    leave();
    workqueues.reset();
    kthreads->shut_down();
    enter();
    task->mm = task->active_mm = nullptr;
    mm.reset();
    leave();
    sink_scope.reset();
  }

  KernWorld(const KernWorld&) = delete;
  KernWorld& operator=(const KernWorld&) = delete;

  template <class T>
  static T must(Result<T> result) {
    EXPECT_TRUE(result) << (result ? "" : result.error().to_string());
    return std::move(*result);
  }

  void start_program() {
    mm = must(mm::Mm::create(*memory->env));
    task->mm = task->active_mm = mm.get();
    mm::MmapRequest request;
    request.len = kBufferPages << kPageShift;
    request.prot = 3;
    request.flags = 0x22;
    buffer = must(mm->mmap(request));
  }

  void enter() { entry = std::make_unique<sched::KernelEntry>(*scheduler, *task, this); }

  void leave() { entry.reset(); }

  /// Leaves the kernel and comes back: interrupts, soft interrupts and runnable threads run.
  void pause() {
    leave();
    enter();
  }

  void sleep_ms(u64 ms) { scheduler->sleep_ns(ms * 1'000'000); }

  /// Puts text into the program's memory.
  u64 put(std::string_view text, u64 offset = 0) {
    const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
    EXPECT_TRUE(memory->accessor->copy_to(mm->space(), VirtAddr(buffer + offset), bytes).ok());
    return buffer + offset;
  }

  std::string get(u64 length, u64 offset = 0) {
    std::string text(length, '\0');
    const auto bytes = std::as_writable_bytes(std::span(text.data(), text.size()));
    EXPECT_TRUE(memory->accessor->copy_from(mm->space(), VirtAddr(buffer + offset), bytes).ok());
    return text;
  }

  /// What a program reads from a file until its end, `chunk` bytes at a time.
  std::string read_all(vfs::File& file, u64 chunk = 4096) {
    std::string all;
    for (int rounds = 0; rounds < 10000; ++rounds) {
      const auto got = files->read(file, buffer, chunk);
      EXPECT_TRUE(got) << (got ? "" : got.error().to_string());
      if (!got || *got == 0) break;
      all += get(*got);
    }
    return all;
  }

  std::string cat(const std::string& path, u64 chunk = 4096) {
    auto file = files->open(path, vfs::kORdOnly);
    if (!file) return file.error().to_string();
    std::string all = read_all(**file, chunk);
    (*file)->put();
    return all;
  }

  /// The errno of opening, 0 where it succeeds.
  int open_errno(const std::string& path, unsigned flags = vfs::kORdWr) {
    auto file = files->open(path, flags);
    if (!file) return file.error().errno_value;
    (*file)->put();
    return 0;
  }

  /// Rules of all findings so far, joined by spaces; and forgets them.
  std::string findings() {
    std::string rules;
    for (const Finding& finding : probe.findings()) {
      for (u64 i = 0; i < finding.count; ++i) rules += (rules.empty() ? "" : " ") + finding.rule;
      last_text = finding.text;
    }
    probe.clear_findings();
    return rules;
  }

  KernelVersion version;
  MachineConfig config;
  base::Probe probe;
  sched::FaultSignals signals;
  CountedRefs refs;
  CountingSink sink;
  std::string last_text;
  std::unique_ptr<sched::Scheduler> scheduler;
  std::unique_ptr<Log> log;
  std::unique_ptr<NodeTable> nodes;
  std::unique_ptr<FileCalls> files;
  std::unique_ptr<Memory> memory;
  std::unique_ptr<UserCopy> user;
  std::unique_ptr<CharDevices> chrdevs;
  std::unique_ptr<DeviceModel> devices;
  std::unique_ptr<MiscDevices> misc;
  std::unique_ptr<IrqTable> irqs;
  std::unique_ptr<WorkQueues> workqueues;
  std::unique_ptr<Tasklets> tasklets;
  std::unique_ptr<Kthreads> kthreads;
  std::unique_ptr<SeqFiles> seq_files;
  std::unique_ptr<ProcFs> proc;
  std::unique_ptr<IoResources> resources;
  std::unique_ptr<Leftovers> leftovers;
  sched::Task* task = nullptr;
  std::unique_ptr<sched::KernelEntry> entry;
  std::unique_ptr<sched::OopsSinkScope> sink_scope;
  std::unique_ptr<mm::Mm> mm;
  u64 buffer = 0;  ///< kBufferPages of the program's memory
};

/// The errno of a Result, 0 where it has a value.
template <class T>
int errno_in(const Result<T>& result) {
  return result ? 0 : result.error().errno_value;
}

/// A module whose image is one object of the test.
template <class T>
GoneModule gone_module(T& image, ::module* module = nullptr) {
  GoneModule gone;
  gone.module = module;
  gone.name = "lost";
  gone.contains = [&image](const void* p) {
    return reinterpret_cast<u64>(p) - reinterpret_cast<u64>(&image) < sizeof(image);
  };
  return gone;
}

}  // namespace vmsim::kern
