// SPDX-License-Identifier: MIT
// P10 anonymous fault on a frame known to be zero, P11 one that zeroes, P16 munmap of populated memory, P15 fork,
// P18 loads through a TLB hit. Each subject has its floor or peer beside it under the same size.
#include <benchmark/benchmark.h>
#include <sys/mman.h>

#include <cstring>
#include <vector>

#include "bench_machine.hpp"

namespace vmsim::bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Times `work` over `pages` pages for each iteration; set-up and tear-down stay outside.
template <class Prepare, class Work>
void per_page(benchmark::State& state, u64 pages, Prepare prepare, Work work) {
  for (auto _ : state) {
    prepare();
    const auto start = Clock::now();
    work();
    state.SetIterationTime(seconds_since(start) / static_cast<double>(pages));
  }
}

void touch_all(BenchMachine& m, mmu::Space& space, u64 start, u64 pages) {
  mmu::Accessor& cpu = *m.memory->accessor;
  for (u64 i = 0; i < pages; ++i) {
    benchmark::DoNotOptimize(cpu.store<u8>(space, VirtAddr(start + (i << kPageShift)), u8{1}).ok());
  }
}

/// The host's own first touch of a frame is not what is measured.
void populate(BenchMachine& m) {
  constexpr int kPopulateWrite = 23;  // MADV_POPULATE_WRITE, newer than some headers
  static_cast<void>(::madvise(m.memory->ram->core_base(), m.memory->ram->size_bytes(), kPopulateWrite));
}

// --- P10: fresh frames are known to be zero until RAM has gone round once ---

void anonymous_fault(benchmark::State& state, bool known_zero) {
  const u64 pages = static_cast<u64>(state.range(0));
  BenchMachine m(u64{128} << 20);
  EnteringFaults faults(m);
  u64 start = 0;
  const auto unmap = [&] {
    if (start == 0) return;
    sched::KernelEntry inside(*m.scheduler, *m.task, &m);
    static_cast<void>(m.mm->munmap(start, pages << kPageShift));
    if (known_zero) m.memory->zones->trim();
  };
  for (auto _ : state) {
    unmap();
    {
      sched::KernelEntry inside(*m.scheduler, *m.task, &m);
      start = m.map_anonymous(pages << kPageShift);
    }
    if (known_zero) populate(m);
    mmu::Space space = m.mm->space();
    space.faults = &faults;
    const auto begin = Clock::now();
    touch_all(m, space, start, pages);
    state.SetIterationTime(seconds_since(begin) / static_cast<double>(pages));
  }
  unmap();
}

void p10_subject(benchmark::State& state) { anonymous_fault(state, true); }
void p11_subject(benchmark::State& state) { anonymous_fault(state, false); }

/// What any implementation must do: take the next frame, set its struct page up, walk four levels, store the entry.
void p10_floor(benchmark::State& state) {
  const u64 pages = static_cast<u64>(state.range(0));
  std::vector<::page> mem_map(pages);
  std::vector<u64> frames(pages);
  for (u64 i = 0; i < pages; ++i) frames[i] = i;
  struct Table {
    u64 entry[512];
  };
  std::vector<Table> leaves((pages + 511) / 512 + 1);
  Table top{}, middle{}, low{};
  top.entry[0] = reinterpret_cast<u64>(&middle);
  middle.entry[0] = reinterpret_cast<u64>(&low);
  for (u64 i = 0; i < leaves.size() && i < 512; ++i) low.entry[i] = reinterpret_cast<u64>(&leaves[i]);
  const u64 range_end = pages << kPageShift;
  per_page(
      state, pages, [&] { std::memset(leaves.data(), 0, leaves.size() * sizeof(Table)); },
      [&] {
        u64 hint_start = 0, next = 0;
        for (u64 va = 0; va < range_end; va += kPageSize) {
          if (va < hint_start || va >= range_end) hint_start = va;
          const u64 pfn = frames[next++];
          mem_map[pfn]._refcount.counter = 1;
          mem_map[pfn]._mapcount.counter = 1;
          auto* l3 = reinterpret_cast<Table*>(top.entry[va >> 39 & 511]);
          auto* l2 = reinterpret_cast<Table*>(l3->entry[va >> 30 & 511]);
          auto* l1 = reinterpret_cast<Table*>(l2->entry[va >> 21 & 511]);
          l1->entry[va >> 12 & 511] = pfn << 12 | 0x67;
          benchmark::ClobberMemory();
        }
      });
}

void p11_floor(benchmark::State& state) {
  const u64 pages = static_cast<u64>(state.range(0));
  BenchMachine m;
  per_page(state, pages, [] {}, [&] {
    for (u64 i = 0; i < pages; ++i) {
      std::memset(m.memory->ram->host(Pfn(0x1000 + i)), 0, kPageSize);
      benchmark::ClobberMemory();
    }
  });
}

// --- P16: munmap of populated anonymous memory ---

void p16_subject(benchmark::State& state) {
  const u64 pages = static_cast<u64>(state.range(0));
  BenchMachine m;
  u64 start = 0;
  sched::KernelEntry inside(*m.scheduler, *m.task, &m);
  per_page(
      state, pages,
      [&] {
        start = m.map_anonymous(pages << kPageShift);
        touch_all(m, m.mm->space(), start, pages);
      },
      [&] { static_cast<void>(m.mm->munmap(start, pages << kPageShift)); });
}

/// Clear the entry, drop the counts, put the frame on a free list.
void p16_floor(benchmark::State& state) {
  const u64 pages = static_cast<u64>(state.range(0));
  std::vector<::page> mem_map(pages);
  std::vector<u64> entries(pages);
  std::vector<u64> free_list;
  free_list.reserve(pages);
  per_page(
      state, pages,
      [&] {
        free_list.clear();
        for (u64 i = 0; i < pages; ++i) {
          entries[i] = i << 12 | 0x67;
          mem_map[i]._refcount.counter = 1;
          mem_map[i]._mapcount.counter = 1;
        }
      },
      [&] {
        for (u64 i = 0; i < pages; ++i) {
          const u64 pfn = entries[i] >> 12;
          entries[i] = 0;
          --mem_map[pfn]._mapcount.counter;
          if (--mem_map[pfn]._refcount.counter == 0) free_list.push_back(pfn);
          benchmark::ClobberMemory();
        }
      });
}

// --- P15: fork ---

void p15_subject(benchmark::State& state) {
  const u64 pages = static_cast<u64>(state.range(0));
  BenchMachine m;
  sched::KernelEntry inside(*m.scheduler, *m.task, &m);
  u64 start = 0;
  std::unique_ptr<mm::Mm> child;
  const auto end_child = [&] {
    if (child) child->exit_mmap();
    child.reset();
  };
  per_page(
      state, pages,
      [&] {
        end_child();
        if (start) static_cast<void>(m.mm->munmap(start, pages << kPageShift));
        start = m.map_anonymous(pages << kPageShift);
        touch_all(m, m.mm->space(), start, pages);
      },
      [&] { child = std::move(*m.mm->fork()); });
  end_child();
}

/// Copy the entry, write-protect both, count the page twice.
void p15_floor(benchmark::State& state) {
  const u64 pages = static_cast<u64>(state.range(0));
  std::vector<::page> mem_map(pages);
  std::vector<u64> parent(pages), child(pages);
  per_page(
      state, pages,
      [&] {
        for (u64 i = 0; i < pages; ++i) parent[i] = i << 12 | 0x67;
      },
      [&] {
        for (u64 i = 0; i < pages; ++i) {
          const u64 entry = parent[i] & ~u64{2};
          parent[i] = entry;
          child[i] = entry & ~u64{0x20};
          ++mem_map[entry >> 12]._refcount.counter;
          ++mem_map[entry >> 12]._mapcount.counter;
          benchmark::ClobberMemory();
        }
      });
}

// --- P18: loads through a TLB hit ---

void p18_subject(benchmark::State& state) {
  BenchMachine m;
  sched::KernelEntry inside(*m.scheduler, *m.task, &m);
  const u64 pages = 64;
  const u64 start = m.map_anonymous(pages << kPageShift);
  touch_all(m, m.mm->space(), start, pages);
  mmu::Accessor& cpu = *m.memory->accessor;
  const mmu::Space& space = m.mm->space();
  const u64 mask = (pages << kPageShift) - 8;
  for (auto _ : state) {
    u64 sum = 0, at = 0;
    for (int i = 0; i < 1024; ++i) {
      sum += cpu.load<u64>(space, VirtAddr(start + at)).value_or(0);
      at = (at + 0x1248) & mask & ~u64{7};
    }
    benchmark::DoNotOptimize(sum);
  }
  state.counters["per"] = 1024;
}

void p18_floor(benchmark::State& state) {
  const u64 pages = 64;
  std::vector<u64> memory(pages * 512, 1);
  const u64 mask = (pages << kPageShift) - 8;
  for (auto _ : state) {
    u64 sum = 0, at = 0;
    for (int i = 0; i < 1024; ++i) {
      sum += memory[at >> 3];
      at = (at + 0x1248) & mask & ~u64{7};
    }
    benchmark::DoNotOptimize(sum);
  }
  state.counters["per"] = 1024;
}

void p18_dependent_subject(benchmark::State& state) {
  BenchMachine m;
  sched::KernelEntry inside(*m.scheduler, *m.task, &m);
  const u64 pages = 64;
  const u64 start = m.map_anonymous(pages << kPageShift);
  mmu::Accessor& cpu = *m.memory->accessor;
  const mmu::Space& space = m.mm->space();
  const u64 mask = (pages << kPageShift) - 8;
  for (u64 at = 0; at < pages << kPageShift; at += 8) {
    static_cast<void>(cpu.store<u64>(space, VirtAddr(start + at), (at + 0x1248) & mask & ~u64{7}).ok());
  }
  for (auto _ : state) {
    u64 at = 0;
    for (int i = 0; i < 1024; ++i) at = cpu.load<u64>(space, VirtAddr(start + at)).value_or(0);
    benchmark::DoNotOptimize(at);
  }
  state.counters["per"] = 1024;
}

void p18_dependent_floor(benchmark::State& state) {
  const u64 pages = 64;
  std::vector<u64> memory(pages * 512);
  const u64 mask = (pages << kPageShift) - 8;
  for (u64 at = 0; at < pages << kPageShift; at += 8) memory[at >> 3] = (at + 0x1248) & mask & ~u64{7};
  for (auto _ : state) {
    u64 at = 0;
    for (int i = 0; i < 1024; ++i) at = memory[at >> 3];
    benchmark::DoNotOptimize(at);
  }
  state.counters["per"] = 1024;
}

#define VMSIM_BENCH_PAGES(name, function) \
  BENCHMARK(function)->Name(name)->Arg(4096)->UseManualTime()->Iterations(10)

VMSIM_BENCH_PAGES("P10/anon_fault_known_zero/subject", p10_subject);
VMSIM_BENCH_PAGES("P10/anon_fault_known_zero/floor", p10_floor);
VMSIM_BENCH_PAGES("P11/anon_fault_zeroing/subject", p11_subject);
VMSIM_BENCH_PAGES("P11/anon_fault_zeroing/floor", p11_floor);
VMSIM_BENCH_PAGES("P15/fork_per_page/subject", p15_subject);
VMSIM_BENCH_PAGES("P15/fork_per_page/floor", p15_floor);
VMSIM_BENCH_PAGES("P16/munmap_per_page/subject", p16_subject);
VMSIM_BENCH_PAGES("P16/munmap_per_page/floor", p16_floor);
BENCHMARK(p18_subject)->Name("P18/load_tlb_hit/subject");
BENCHMARK(p18_floor)->Name("P18/load_tlb_hit/floor");
BENCHMARK(p18_dependent_subject)->Name("P18/load_tlb_hit_dependent/subject");
BENCHMARK(p18_dependent_floor)->Name("P18/load_tlb_hit_dependent/floor");

}  // namespace
}  // namespace vmsim::bench
