// SPDX-License-Identifier: MIT
// Through a driver's C source: P12 fault answered by vmf_insert_pfn; a frame drawn into a mapped
// buffer against lseek and write of it; a register read through a mapping against an ioctl that
// reads it.
#include <chrono>
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "vmsim/vmsim.hpp"

namespace vmsim::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr u64 kRegisters = 0xfeb00000;
constexpr u64 kFrameBytes = u64{1} << 20;

/// A machine with the benchmark's driver and register page, and one program.
class DriverBench {
 public:
  DriverBench() {
    MachineConfig config;
    config.junk_fill = false;
    machine = std::move(*Machine::create(config));
    registers.reg("VALUE", 0).reset(42);
    check(machine->add_device(PhysAddr(kRegisters), kPageSize, registers));
    check(machine->load_driver(VMSIM_BENCH_DRIVER));
    app = *machine->spawn("bench");
  }

  int open(const char* path) { return *app->open(path); }

  VirtAddr map(int fd, u64 bytes) {
    return *app->mmap({.length = bytes, .flags = kMapShared, .fd = fd});
  }

  RegisterFile registers{"bench-regs", kPageSize};
  std::unique_ptr<Machine> machine;
  Process* app = nullptr;

 private:
  static void check(const Result<void>& result) {
    if (result) return;
    std::fprintf(stderr, "benchmark set-up failed: %s\n", result.error().to_string().c_str());
    std::abort();
  }
};

void p12_subject(benchmark::State& state) {
  const u64 pages = static_cast<u64>(state.range(0));
  DriverBench b;
  const int fd = b.open("/dev/bench1");
  for (auto _ : state) {
    const VirtAddr at = b.map(fd, pages << kPageShift);
    const auto start = Clock::now();
    for (u64 i = 0; i < pages; ++i)
      benchmark::DoNotOptimize(b.app->load<u8>(at + (i << kPageShift)).ok());
    const std::chrono::duration<double> took = Clock::now() - start;
    state.SetIterationTime(took.count() / static_cast<double>(pages));
    benchmark::DoNotOptimize(b.app->munmap(at, pages << kPageShift).has_value());
  }
}

/// A walk of four levels and a store.
void p12_floor(benchmark::State& state) {
  const u64 pages = static_cast<u64>(state.range(0));

  struct Table {
    u64 entry[512];
  };

  std::vector<Table> leaves((pages + 511) / 512);
  Table top{}, middle{}, low{};
  top.entry[0] = reinterpret_cast<u64>(&middle);
  middle.entry[0] = reinterpret_cast<u64>(&low);
  for (u64 i = 0; i < leaves.size(); ++i) low.entry[i] = reinterpret_cast<u64>(&leaves[i]);
  for (auto _ : state) {
    const auto start = Clock::now();
    for (u64 va = 0; va < pages << kPageShift; va += kPageSize) {
      auto* l3 = reinterpret_cast<Table*>(top.entry[va >> 39 & 511]);
      auto* l2 = reinterpret_cast<Table*>(l3->entry[va >> 30 & 511]);
      auto* l1 = reinterpret_cast<Table*>(l2->entry[va >> 21 & 511]);
      l1->entry[va >> 12 & 511] = va | 0x67;
      benchmark::ClobberMemory();
    }
    const std::chrono::duration<double> took = Clock::now() - start;
    state.SetIterationTime(took.count() / static_cast<double>(pages));
  }
}

// --- a frame of 256 x 256 pixels of 4 bytes, line by line ---

constexpr u64 kLineBytes = 1024, kLines = 256;

void frame_mapped(benchmark::State& state) {
  DriverBench b;
  const VirtAddr at = b.map(b.open("/dev/bench0"), kFrameBytes);
  std::vector<std::byte> line(kLineBytes, std::byte{7});
  for (auto _ : state) {
    for (u64 y = 0; y < kLines; ++y)
      benchmark::DoNotOptimize(b.app->copy_in(at + y * kLineBytes, line).ok());
  }
}

void frame_written(benchmark::State& state) {
  DriverBench b;
  const int fd = b.open("/dev/bench0");
  std::vector<std::byte> line(kLineBytes, std::byte{7});
  for (auto _ : state) {
    for (u64 y = 0; y < kLines; ++y) {
      benchmark::DoNotOptimize(b.app->lseek(fd, static_cast<i64>(y * kLineBytes), 0).has_value());
      benchmark::DoNotOptimize(b.app->write(fd, std::span<const std::byte>(line)).has_value());
    }
  }
}

void register_mapped(benchmark::State& state) {
  DriverBench b;
  const VirtAddr at = b.map(b.open("/dev/bench2"), kPageSize);
  for (auto _ : state) benchmark::DoNotOptimize(b.app->load<u32>(at).value_or(0));
}

void register_ioctl(benchmark::State& state) {
  DriverBench b;
  const int fd = b.open("/dev/bench2");
  u32 value = 0;
  for (auto _ : state) benchmark::DoNotOptimize(b.app->ioctl(fd, 0, &value).has_value());
}

BENCHMARK(p12_subject)
    ->Name("P12/driver_fault_insert_pfn/subject")
    ->Arg(4096)
    ->UseManualTime()
    ->Iterations(10);
BENCHMARK(p12_floor)
    ->Name("P12/driver_fault_insert_pfn/floor")
    ->Arg(4096)
    ->UseManualTime()
    ->Iterations(10);
BENCHMARK(frame_mapped)->Name("F1/frame_drawn/subject");
BENCHMARK(frame_written)->Name("F1/frame_drawn/peer_lseek_write");
BENCHMARK(register_mapped)->Name("F2/register_read/subject");
BENCHMARK(register_ioctl)->Name("F2/register_read/peer_ioctl");

}  // namespace
}  // namespace vmsim::bench
