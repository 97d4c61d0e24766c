// SPDX-License-Identifier: MIT
// The model of VmaSet for its tests: a std::map by start, changed in step, and a gap search that
// scans every gap. Leaves out: costs. Only tests/mm/vma_set*_test.cpp include it.
#pragma once

#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "mm/vma_set.hpp"

namespace vmsim::mm::vma_set_test {

inline constexpr u64 kGuard = 256 * kPageSize;

/// The C half of an area, as a driver sees it; the links have its type.
struct TestAreaFields {
  unsigned long vm_start = 0, vm_end = 0;
  TestAreaFields* vm_next = nullptr;
  TestAreaFields* vm_prev = nullptr;
};

struct TestArea : TestAreaFields {
  u64 guard = 0;
};

struct TestTraits : VmaSetTraits<TestArea> {
  static u64 gap_start(const TestArea& area) {
    return area.vm_start > area.guard ? area.vm_start - area.guard : 0;
  }
};

using Set = VmaSet<TestArea, TestTraits>;

class Model {
 public:
  Model() = default;
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  ~Model() {
    set_.clear_and_dispose([](TestArea*) {});
  }

  Set& set() { return set_; }

  std::vector<TestArea*> areas() const {
    std::vector<TestArea*> all;
    for (const auto& [start, area] : map_) all.push_back(area.get());
    return all;
  }

  bool is_free(u64 start, u64 end, const TestArea* except = nullptr) const {
    for (auto it = map_.lower_bound(start); it != map_.end() && it->first < end; ++it) {
      if (it->second.get() != except) return false;
    }
    auto it = map_.lower_bound(start);
    while (it != map_.begin()) {
      --it;
      if (it->second.get() != except) return it->second->vm_end <= start;
    }
    return true;
  }

  /// Null if something is in the way.
  TestArea* insert(u64 start, u64 end, u64 guard = 0) {
    if (!is_free(start, end)) return nullptr;
    auto area = std::make_unique<TestArea>();
    area->vm_start = start;
    area->vm_end = end;
    area->guard = guard;
    TestArea* const raw = area.get();
    map_[start] = std::move(area);
    set_.insert(raw);
    return raw;
  }

  TestArea* insert_pages(u64 start, u64 end) { return insert(start * kPageSize, end * kPageSize); }

  void append(u64 start, u64 end) {
    auto area = std::make_unique<TestArea>();
    area->vm_start = start;
    area->vm_end = end;
    set_.append_sorted(area.get());
    map_[start] = std::move(area);
  }

  void erase(TestArea* area) {
    set_.erase(area);
    EXPECT_EQ(nullptr, area->vm_next);
    EXPECT_EQ(nullptr, area->vm_prev);
    map_.erase(area->vm_start);
  }

  /// False if a neighbour is in the way, or would be jumped over.
  bool replace(TestArea* area, u64 start, u64 end) {
    const u64 hull_start = std::min<u64>(start, area->vm_start);
    const u64 hull_end = std::max<u64>(end, area->vm_end);
    if (!is_free(hull_start, hull_end, area)) return false;
    auto node = map_.extract(area->vm_start);
    node.key() = start;
    map_.insert(std::move(node));
    set_.replace_bounds(area, start, end);
    return true;
  }

  /// Everything that can be asked without a search; empty if the set agrees with the model.
  std::string compare() {
    std::string wrong = set_.check();
    if (!wrong.empty()) return wrong;
    if (set_.size() != map_.size()) return "size";
    auto by_index = set_.begin();
    TestArea* by_link = set_.first();
    TestArea* before = nullptr;
    for (const auto& [start, area] : map_) {
      if (area->vm_start != start) return "vm_start was not written";
      if (by_index == set_.end() || *by_index != area.get()) return "iteration by index";
      if (by_link != area.get() || Set::prev(by_link) != before) return "iteration by links";
      if (set_.find(area->vm_start) != area.get()) return "find(vm_start)";
      if (set_.find(area->vm_end - 1) != area.get()) return "find(vm_end - 1)";
      if (before != nullptr && set_.find(before->vm_end) != area.get()) return "find(vm_end)";
      before = by_link;
      by_link = Set::next(by_link);
      ++by_index;
    }
    if (by_index != set_.end() || by_link != nullptr || set_.last() != before) return "the end";
    if (before != nullptr && set_.find(before->vm_end) != nullptr) return "find behind the end";
    return {};
  }

  TestArea* find(u64 addr) const {
    auto it = map_.upper_bound(addr);
    if (it != map_.begin() && std::prev(it)->second->vm_end > addr) --it;
    return it != map_.end() ? it->second.get() : nullptr;
  }

  /// The place in the highest (lowest) gap that holds size + align_mask, by a scan of all gaps.
  std::optional<u64> find_gap(const GapRequest& request, bool topdown) const {
    const unsigned __int128 page = kPageSize;
    const unsigned __int128 padded =
        static_cast<unsigned __int128>(request.size) + request.align_mask;
    if (request.size == 0) return std::nullopt;
    const unsigned __int128 need = (padded + page - 1) / page * page;
    const unsigned __int128 low = (request.low + page - 1) / page * page;
    const unsigned __int128 high = request.high / page * page;
    std::optional<u64> best;
    unsigned __int128 begin = 0;
    const auto consider = [&](unsigned __int128 end) {
      const unsigned __int128 from = std::max(begin, low);
      const unsigned __int128 to = std::min(end, high);
      if (to < from || to - from < need) return;
      if (topdown) {
        const u64 addr = static_cast<u64>(to) - request.size;
        best = addr - ((addr - request.align_offset) & request.align_mask);
      } else if (!best) {
        const u64 addr = static_cast<u64>(from);
        best = addr + ((request.align_offset - addr) & request.align_mask);
      }
    };
    for (const auto& [start, area] : map_) {
      consider(TestTraits::gap_start(*area));
      begin = area->vm_end;
    }
    consider(static_cast<unsigned __int128>(1) << 64);
    return best;
  }

  void expect_same_gaps(const GapRequest& request) const {
    for (const bool topdown : {true, false}) {
      const std::optional<u64> found =
          topdown ? set_.find_gap_topdown(request) : set_.find_gap_bottomup(request);
      EXPECT_EQ(find_gap(request, topdown), found)
          << (topdown ? "top-down" : "bottom-up") << std::hex << " size 0x" << request.size
          << " in [0x" << request.low << ", 0x" << request.high << ") mask 0x" << request.align_mask
          << " offset 0x" << request.align_offset;
      if (!found) continue;
      EXPECT_GE(*found, request.low);
      EXPECT_LE(*found + request.size, request.high);
      EXPECT_EQ(0u, (*found - request.align_offset) & request.align_mask);
    }
  }

 private:
  std::map<u64, std::unique_ptr<TestArea>> map_;
  Set set_;
};

inline u64 seed_of_run() {
  const char* const text = std::getenv("VMSIM_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 0) : 1;
}

/// `steps` random changes in a world of `pages` pages, some of them very far away, compared after
/// each one.
inline void random_run(u64 seed, unsigned steps, u64 pages) {
  std::mt19937_64 random(seed);
  Model model;
  const u64 far = (u64{1} << 47) >> kPageShift;
  // Some runs grow first and shrink later; some stay in between.
  for (unsigned step = 0; step < steps; ++step) {
    const bool shrink = (step / 97) % 3 == 2;
    const unsigned what = static_cast<unsigned>(random() % 10);
    const u64 start = random() % pages + (random() % 4 == 0 ? far : 0);
    const std::vector<TestArea*> areas = model.areas();
    TestArea* const some = areas.empty() ? nullptr : areas[random() % areas.size()];
    if (some == nullptr || what < (shrink ? 2u : 6u)) {
      const u64 guard = random() % 8 == 0 ? kPageSize * (random() % 300) : 0;
      model.insert(start * kPageSize, (start + 1 + random() % 3) * kPageSize, guard);
    } else if (what < 8) {
      model.erase(some);
    } else if (what == 8) {
      const u64 from = (some->vm_start >> kPageShift) + random() % 5;
      if (from >= 2)
        model.replace(some, (from - 2) * kPageSize, (from - 1 + random() % 4) * kPageSize);
    } else {
      some->guard = kPageSize * (random() % 2 * 256);
      model.set().gap_changed(some);
    }
    ASSERT_EQ("", model.compare()) << "step " << step;
    const u64 addr = (random() % (pages + 4) + (random() % 4 == 0 ? far : 0)) * kPageSize;
    ASSERT_EQ(model.find(addr), model.set().find(addr)) << "step " << step;
    const u64 low = random() % 3 == 0 ? 0 : (random() % pages) * kPageSize;
    const u64 high = random() % 3 == 0 ? far * kPageSize : low + (random() % pages + 1) * kPageSize;
    const u64 mask = random() % 3 == 0 ? ((kPageSize << (random() % 6)) - 1) & kPageMask : 0;
    model.expect_same_gaps(
        {kPageSize * (1 + random() % 12), low, high, mask, (random() % 8) * kPageSize & mask});
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace vmsim::mm::vma_set_test
