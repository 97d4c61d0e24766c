// SPDX-License-Identifier: MIT
// P7 mmap and munmap of one untouched page among N areas, P13 remap_pfn_range per page, P22 bytes
// of an area with its share of the index, P24 bytes of page table for each mapped page. The last
// two are sizes: their "time" is a count of bytes.
#include <chrono>

#include <absl/container/btree_map.h>
#include <benchmark/benchmark.h>

#include "bench_machine.hpp"

namespace vmsim::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr u64 kStart = 0x10000000000, kStride = 4 * kPageSize;

/// `count` areas that cannot merge: each has a hole behind it.
void fill(BenchMachine& m, u64 count) {
  for (u64 i = 0; i < count; ++i) m.map_anonymous(kPageSize, kStart + i * kStride);
}

void p7_subject(benchmark::State& state) {
  BenchMachine m;
  sched::KernelEntry inside(*m.scheduler, *m.task, &m);
  const u64 count = static_cast<u64>(state.range(0));
  fill(m, count);
  u64 i = 0;
  for (auto _ : state) {
    const u64 at = kStart + (i * 7919 % count) * kStride + 2 * kPageSize;
    m.map_anonymous(kPageSize, at);
    benchmark::DoNotOptimize(m.mm->munmap(at, kPageSize).has_value());
    ++i;
  }
}

void p7_peer(benchmark::State& state) {
  const u64 count = static_cast<u64>(state.range(0));
  absl::btree_map<u64, u64> areas;
  for (u64 i = 0; i < count; ++i) areas[kStart + i * kStride] = kStart + i * kStride + kPageSize;
  u64 i = 0;
  for (auto _ : state) {
    const u64 at = kStart + (i * 7919 % count) * kStride + 2 * kPageSize;
    areas.emplace(at, at + kPageSize);
    areas.erase(at);
    benchmark::DoNotOptimize(areas.size());
    ++i;
  }
}

void p13_subject(benchmark::State& state) {
  const u64 pages = static_cast<u64>(state.range(0));
  BenchMachine m(u64{4} << 30);
  sched::KernelEntry inside(*m.scheduler, *m.task, &m);
  mm::Vma vma(*m.mm, kStart, kStart + (pages << kPageShift));
  const VirtRange range{VirtAddr(vma.vm_start), VirtAddr(vma.vm_end)};
  for (auto _ : state) {
    vma.__vm_flags = mm::vm::kShared | mm::vm::kRead | mm::vm::kWrite | mm::vm::kMayWrite;
    const auto start = Clock::now();
    benchmark::DoNotOptimize(
        mm::remap_pfn_range(vma, vma.vm_start, Pfn(0x1000), pages << kPageShift, 0x8000000000000027)
            .has_value());
    const std::chrono::duration<double> took = Clock::now() - start;
    state.SetIterationTime(took.count() / static_cast<double>(pages));
    mmu::Affected affected;
    m.mm->table().zap(range,
                      affected);  // the tables stay: their allocation is not what is measured
  }
  mmu::Affected affected;
  m.mm->table().zap(range, affected);
  m.mm->table().free_tables(range, VirtAddr(0), VirtAddr(0));
}

void p13_floor(benchmark::State& state) {
  const u64 pages = static_cast<u64>(state.range(0));
  std::vector<u64> entries(pages);
  for (auto _ : state) {
    const auto start = Clock::now();
    for (u64 i = 0; i < pages; ++i) entries[i] = (0x1000 + i) << 12 | 0x8000000000000227;
    benchmark::ClobberMemory();
    const std::chrono::duration<double> took = Clock::now() - start;
    state.SetIterationTime(took.count() / static_cast<double>(pages));
  }
}

void p22_subject(benchmark::State& state) {
  BenchMachine m;
  sched::KernelEntry inside(*m.scheduler, *m.task, &m);
  const u64 count = static_cast<u64>(state.range(0));
  fill(m, count);
  const double bytes = static_cast<double>(sizeof(mm::Vma)) +
                       static_cast<double>(m.mm->vmas().index_bytes()) / static_cast<double>(count);
  for (auto _ : state) state.SetIterationTime(bytes * 1e-9);
}

void p24_subject(benchmark::State& state) {
  const u64 pages = static_cast<u64>(state.range(0));
  BenchMachine m;
  sched::KernelEntry inside(*m.scheduler, *m.task, &m);
  const u64 start = m.map_anonymous(pages << kPageShift);
  for (u64 i = 0; i < pages; ++i) {
    static_cast<void>(
        m.memory->accessor->store<u8>(m.mm->space(), VirtAddr(start + (i << kPageShift)), u8{1})
            .ok());
  }
  const double bytes =
      static_cast<double>(m.mm->table().table_pages() << kPageShift) / static_cast<double>(pages);
  for (auto _ : state) state.SetIterationTime(bytes * 1e-9);
}

BENCHMARK(p7_subject)->Name("P7/mmap_munmap/subject")->Arg(16)->Arg(4096)->Arg(65536);
BENCHMARK(p7_peer)->Name("P7/mmap_munmap/peer_absl")->Arg(16)->Arg(4096)->Arg(65536);
BENCHMARK(p13_subject)
    ->Name("P13/remap_per_page/subject")
    ->Arg(512)
    ->Arg(262144)
    ->UseManualTime()
    ->Iterations(20);
BENCHMARK(p13_floor)
    ->Name("P13/remap_per_page/floor")
    ->Arg(512)
    ->Arg(262144)
    ->UseManualTime()
    ->Iterations(20);
BENCHMARK(p22_subject)
    ->Name("P22/bytes_per_vma/subject")
    ->Arg(65536)
    ->UseManualTime()
    ->Iterations(1);
BENCHMARK(p24_subject)
    ->Name("P24/bytes_per_mapped_page/subject")
    ->Arg(262144)
    ->UseManualTime()
    ->Iterations(1);

}  // namespace
}  // namespace vmsim::bench
