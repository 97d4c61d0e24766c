// SPDX-License-Identifier: MIT
// Each loop exists for the baseline processor and, on x86, for one with AVX2; which one runs is
// decided once. No function multiversioning: its resolvers run before a sanitizer is ready.
#include "mmu/entry_runs.hpp"

#include <cstring>

#include "mmu/tsan.hpp"

// Entries live in simulated RAM, which other CPUs read while these loops write.
#define VMSIM_RUN_LOOP VMSIM_NO_TSAN __attribute__((noinline))
#define VMSIM_RUN_BODY VMSIM_NO_TSAN __attribute__((always_inline)) static inline

#if defined(__x86_64__)
#  define VMSIM_RUN_WIDE VMSIM_NO_TSAN __attribute__((noinline, target("avx2")))
#endif

namespace vmsim::mmu {
namespace {

// Vectors of the compiler, not of a processor: where there are no 32-byte registers it splits them.
// Loading and storing goes through memcpy, as runs start at any entry.
template <class Raw>
struct Lanes {
  static constexpr unsigned kCount = 32 / sizeof(Raw);
  typedef Raw Vector __attribute__((vector_size(32)));
};

template <class Raw>
VMSIM_RUN_BODY void store_body(Raw* entries, unsigned count, Raw first, Raw step) {
  using Vector = typename Lanes<Raw>::Vector;
  constexpr unsigned kLanes = Lanes<Raw>::kCount;
  Vector value;
  for (unsigned k = 0; k < kLanes; ++k)
    value[k] = static_cast<Raw>(first + static_cast<Raw>(k * step));
  const Raw lanes_step = static_cast<Raw>(step * kLanes);
  unsigned i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    __builtin_memcpy(entries + i, &value, sizeof value);
    value += lanes_step;
  }
  for (unsigned k = 0; i < count; ++i, ++k) entries[i] = value[k];
}

template <class Raw>
VMSIM_RUN_BODY RunSummary<Raw> summarise_body(const Raw* entries, unsigned count) {
  using Vector = typename Lanes<Raw>::Vector;
  constexpr unsigned kLanes = Lanes<Raw>::kCount;
  // Two chains of each kind, so that one need not wait for the other.
  Vector all0 = ~Vector{}, all1 = ~Vector{}, any0{}, any1{};
  unsigned i = 0;
  for (; i + 2 * kLanes <= count; i += 2 * kLanes) {
    Vector low, high;
    __builtin_memcpy(&low, entries + i, sizeof low);
    __builtin_memcpy(&high, entries + i + kLanes, sizeof high);
    all0 &= low;
    any0 |= low;
    all1 &= high;
    any1 |= high;
  }
  all0 &= all1;
  any0 |= any1;
  RunSummary<Raw> sum{static_cast<Raw>(~Raw{0}), 0};
  for (unsigned k = 0; k < kLanes; ++k) {
    sum.all &= all0[k];
    sum.any |= any0[k];
  }
  for (; i < count; ++i) {
    sum.all &= entries[i];
    sum.any |= entries[i];
  }
  return sum;
}

#if defined(VMSIM_RUN_WIDE)
template <class Raw>
VMSIM_RUN_WIDE void store_wide(Raw* entries, unsigned count, Raw first, Raw step) {
  store_body(entries, count, first, step);
}

template <class Raw>
VMSIM_RUN_WIDE RunSummary<Raw> summarise_wide(const Raw* entries, unsigned count) {
  return summarise_body(entries, count);
}

const bool kWide = __builtin_cpu_supports("avx2");
#endif

template <class Raw>
VMSIM_RUN_LOOP void store_plain(Raw* entries, unsigned count, Raw first, Raw step) {
  store_body(entries, count, first, step);
}

template <class Raw>
VMSIM_RUN_LOOP RunSummary<Raw> summarise_plain(const Raw* entries, unsigned count) {
  return summarise_body(entries, count);
}

}  // namespace

template <class Raw>
void store_run(Raw* entries, unsigned count, Raw first, Raw step) {
#if defined(VMSIM_RUN_WIDE)
  if (kWide) return store_wide(entries, count, first, step);
#endif
  store_plain(entries, count, first, step);
}

template <class Raw>
void clear_run(Raw* entries, unsigned count) {
#if defined(VMSIM_TSAN)
  store_plain<Raw>(entries, count, 0, 0);  // memset is intercepted
#else
  std::memset(entries, 0, count * sizeof(Raw));
#endif
}

template <class Raw>
RunSummary<Raw> summarise_run(const Raw* entries, unsigned count) {
#if defined(VMSIM_RUN_WIDE)
  if (kWide) return summarise_wide(entries, count);
#endif
  return summarise_plain(entries, count);
}

template void store_run<u64>(u64*, unsigned, u64, u64);
template void store_run<u32>(u32*, unsigned, u32, u32);
template void clear_run<u64>(u64*, unsigned);
template void clear_run<u32>(u32*, unsigned);
template RunSummary<u64> summarise_run<u64>(const u64*, unsigned);
template RunSummary<u32> summarise_run<u32>(const u32*, unsigned);

}  // namespace vmsim::mmu
