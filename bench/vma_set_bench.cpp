// SPDX-License-Identifier: MIT
// Rows P1, P2, P4, P5 and P6: VmaSet against absl::btree_map, boost::intrusive::set and a vector of
// pointers. Names are row/what/side/N; "subject" is paired with "peer…" or "floor…" of the same
// row, what and N. Sides that begin with "also" are shown for orientation. Leaves out: the mm above
// the set (its hint is row P3).
#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include <absl/container/btree_map.h>
#include <benchmark/benchmark.h>
#include <boost/intrusive/set.hpp>

#include "mm/vma_set.hpp"

namespace {

using vmsim::kPageSize;
using vmsim::u64;
namespace bi = boost::intrusive;

/// An area of about the size of the real one.
struct Area : bi::set_base_hook<bi::link_mode<bi::normal_link>, bi::optimize_size<true>> {
  unsigned long vm_start = 0, vm_end = 0;
  Area* vm_next = nullptr;
  Area* vm_prev = nullptr;
  u64 rest[8] = {};
};

struct EndOf {
  using type = u64;

  u64 operator()(const Area& area) const { return area.vm_end; }
};

using RbTree = bi::set<Area, bi::key_of_value<EndOf>, bi::constant_time_size<true>>;
using AbslMap = absl::btree_map<u64, Area*>;
using Set = vmsim::mm::VmaSet<Area>;

constexpr std::size_t kQueries = 1 << 14;

/// N areas of 1 to 16 pages with gaps of as many, objects in random memory order, and random
/// addresses inside them.
struct World {
  explicit World(std::size_t n) : areas(n), by_address(n), queries(kQueries) {
    std::mt19937_64 random(n);
    for (std::size_t i = 0; i < n; ++i) by_address[i] = &areas[i];
    std::shuffle(by_address.begin(), by_address.end(), random);
    u64 at = u64{0x10000};
    for (Area* area : by_address) {
      at += kPageSize * (1 + random() % 16);
      area->vm_start = at;
      at += kPageSize * (1 + random() % 16);
      area->vm_end = at;
    }
    top = at;
    insert_order = by_address;
    std::shuffle(insert_order.begin(), insert_order.end(), random);
    for (u64& query : queries) {
      const Area* area = by_address[random() % n];
      query = area->vm_start + random() % (area->vm_end - area->vm_start);
    }
  }

  std::vector<Area> areas;
  std::vector<Area*> by_address;  ///< also the floor of P5
  std::vector<Area*> insert_order;
  std::vector<u64> queries;
  u64 top = 0;
};

struct SubjectSide {
  explicit SubjectSide(World& world) {
    for (Area* area : world.insert_order) set.insert(area);
  }

  ~SubjectSide() {
    set.clear_and_dispose([](Area*) {});
  }

  Area* find(u64 addr) const { return set.find(addr); }

  void insert(Area* area) { set.insert(area); }

  void erase(Area* area) { set.erase(area); }

  Set set;
};

struct AbslSide {
  explicit AbslSide(World& world) {
    for (Area* area : world.insert_order) map.emplace(area->vm_end, area);
  }

  Area* find(u64 addr) const {
    const auto it = map.upper_bound(addr);
    return it != map.end() ? it->second : nullptr;
  }

  void insert(Area* area) { map.emplace(area->vm_end, area); }

  void erase(Area* area) { map.erase(area->vm_end); }

  AbslMap map;
};

struct RbSide {
  explicit RbSide(World& world) {
    for (Area* area : world.insert_order) tree.insert(*area);
  }

  ~RbSide() { tree.clear(); }

  Area* find(u64 addr) {
    const auto it = tree.upper_bound(addr);
    return it != tree.end() ? &*it : nullptr;
  }

  void insert(Area* area) { tree.insert(*area); }

  void erase(Area* area) { tree.erase(tree.iterator_to(*area)); }

  RbTree tree;
};

template <class Side>
void lookup(benchmark::State& state) {
  World world(static_cast<std::size_t>(state.range(0)));
  Side side(world);
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(side.find(world.queries[i]));
    i = (i + 1) % kQueries;
  }
}

template <class Side>
void lookup_dependent(benchmark::State& state) {
  World world(static_cast<std::size_t>(state.range(0)));
  Side side(world);
  std::size_t i = 0;
  u64 carry = 0;
  for (auto _ : state) {
    // No pointer has its top bit set, which the compiler does not know: the next address waits for
    // this answer.
    carry = reinterpret_cast<std::uintptr_t>(side.find(world.queries[i] + carry)) >> 63;
    i = (i + 1) % kQueries;
  }
  benchmark::DoNotOptimize(carry);
}

/// kByPointer: the area to erase is at hand, which a tree of links turns into an erase without a
/// search. kByAddress: it is looked up first, as munmap does.
enum class Erase { kByPointer, kByAddress };

template <class Side, Erase kErase>
void insert_erase(benchmark::State& state) {
  World world(static_cast<std::size_t>(state.range(0)));
  Side side(world);
  // A long random sequence: a branch predictor learns a short cycle by heart.
  std::mt19937_64 random(7);
  std::vector<Area*> victims(std::max(kQueries, world.areas.size()));
  std::vector<u64> addresses;
  for (Area*& victim : victims) {
    victim = world.by_address[random() % world.areas.size()];
    addresses.push_back(victim->vm_start);
  }
  std::size_t i = 0;
  for (auto _ : state) {
    Area* const area = kErase == Erase::kByPointer ? victims[i] : side.find(addresses[i]);
    side.erase(area);
    side.insert(area);
    if (++i == victims.size()) i = 0;
  }
}

void walk_subject(benchmark::State& state) {
  World world(static_cast<std::size_t>(state.range(0)));
  SubjectSide side(world);
  for (auto _ : state) {
    u64 sum = 0;
    for (const Area* area : side.set) sum += area->vm_start;
    benchmark::DoNotOptimize(sum);
  }
}

void walk_links(benchmark::State& state) {
  World world(static_cast<std::size_t>(state.range(0)));
  SubjectSide side(world);
  for (auto _ : state) {
    u64 sum = 0;
    for (const Area* area = side.set.first(); area != nullptr; area = Set::next(area))
      sum += area->vm_start;
    benchmark::DoNotOptimize(sum);
  }
}

void walk_floor(benchmark::State& state) {
  World world(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    u64 sum = 0;
    for (const Area* area : world.by_address) sum += area->vm_start;
    benchmark::DoNotOptimize(sum);
  }
}

/// "scattered": gaps of 1 to 16 pages, random sizes wanted, below random ends. "last": one gap is
/// large enough, at the far end from where the search begins. "near": the gap right below the end
/// of the search fits; the end is where the last area begins.
enum class Gaps { kScattered, kLast, kNear };

template <Gaps kGaps>
void gap_topdown(benchmark::State& state) {
  World world(static_cast<std::size_t>(state.range(0)));
  SubjectSide side(world);
  std::mt19937_64 random(3);
  std::vector<vmsim::mm::GapRequest> requests(kQueries);
  for (std::size_t i = 0; i < kQueries; ++i) {
    vmsim::mm::GapRequest& request = requests[i];
    request.low = 0;
    request.high = kGaps == Gaps::kScattered ? world.queries[i] & vmsim::kPageMask : world.top;
    request.size = kPageSize * (kGaps == Gaps::kScattered ? 1 + random() % 16 : 16);
    if (kGaps == Gaps::kLast) request.size = 0x10000 + kPageSize;
    if (kGaps == Gaps::kNear) {
      request.high = world.by_address.back()->vm_start;
      request.size = kPageSize;
    }
  }
  std::size_t i = 0;
  u64 carry = 0;
  for (auto _ : state) {
    vmsim::mm::GapRequest request = requests[i];
    request.high += carry;
    carry = side.set.find_gap_topdown(request).value_or(0) >> 63;
    i = (i + 1) % kQueries;
  }
  benchmark::DoNotOptimize(carry);
}

void index_bytes(benchmark::State& state) {
  World world(static_cast<std::size_t>(state.range(0)));
  SubjectSide side(world);
  for (auto _ : state) benchmark::DoNotOptimize(side.set.size());
  state.counters["bytes_per_vma"] =
      static_cast<double>(side.set.index_bytes()) / static_cast<double>(world.areas.size());
}

void sizes(benchmark::internal::Benchmark* bench) {
  for (const int n : {16, 256, 4096, 65536, 1 << 20}) bench->Arg(n);
}

void add(const char* name, void (*body)(benchmark::State&)) {
  sizes(benchmark::RegisterBenchmark(name, body));
}

}  // namespace

int main(int argc, char** argv) {
  add("P1/lookup/subject", lookup<SubjectSide>);
  add("P1/lookup/peer_absl", lookup<AbslSide>);
  add("P1/lookup/also_rbtree", lookup<RbSide>);
  add("P2/lookup_dependent/subject", lookup_dependent<SubjectSide>);
  add("P2/lookup_dependent/peer_absl", lookup_dependent<AbslSide>);
  add("P2/lookup_dependent/also_rbtree", lookup_dependent<RbSide>);
  add("P4/insert_erase/subject", insert_erase<SubjectSide, Erase::kByPointer>);
  add("P4/insert_erase/peer_rbtree", insert_erase<RbSide, Erase::kByPointer>);
  add("P4/insert_erase/also_absl", insert_erase<AbslSide, Erase::kByPointer>);
  add("P4/find_erase_insert/subject", insert_erase<SubjectSide, Erase::kByAddress>);
  add("P4/find_erase_insert/peer_rbtree", insert_erase<RbSide, Erase::kByAddress>);
  add("P4/find_erase_insert/also_absl", insert_erase<AbslSide, Erase::kByAddress>);
  add("P5/walk/subject", walk_subject);
  add("P5/walk/floor_vector", walk_floor);
  add("P5/walk/also_links", walk_links);
  add("P6/gap_scattered/subject", gap_topdown<Gaps::kScattered>);
  add("P6/gap_scattered/peer_lookup", lookup_dependent<SubjectSide>);
  add("P6/gap_last/subject", gap_topdown<Gaps::kLast>);
  add("P6/gap_last/peer_lookup", lookup_dependent<SubjectSide>);
  add("P6/gap_near/subject", gap_topdown<Gaps::kNear>);
  add("P6/gap_near/peer_lookup", lookup_dependent<SubjectSide>);
  add("P22/index_bytes/subject", index_bytes);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
