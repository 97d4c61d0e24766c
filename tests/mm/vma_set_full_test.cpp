// SPDX-License-Identifier: MIT
// The long runs of vma_set_test.cpp: deeper sequences, more seeds, sets of thousands of areas.
#include "vma_set_model.hpp"

namespace {

using vmsim::kPageSize;
using vmsim::u64;
using namespace vmsim::mm::vma_set_test;  // NOLINT: the model of these tests

/// A step is one number: below `kPairs` insert that pair of pages, else do something to the first
/// area at the page.
constexpr unsigned kWorldPages = 6;
constexpr unsigned kPairs = kWorldPages * (kWorldPages + 1) / 2;

void take_step(Model& model, unsigned code) {
  if (code < kPairs) {
    u64 start = 0;
    unsigned left = code;
    while (left >= kWorldPages - start) left -= static_cast<unsigned>(kWorldPages - start++);
    model.insert_pages(start, start + 1 + left);
    return;
  }
  code -= kPairs;
  const u64 page = code % kWorldPages;
  TestArea* const area = model.find(page * kPageSize);
  if (area == nullptr || area->vm_start > page * kPageSize) return;
  if (code / kWorldPages == 0) model.erase(area);
  if (code / kWorldPages == 1 && area->vm_end > (page + 1) * kPageSize)
    model.replace(area, area->vm_start, (page + 1) * kPageSize);
  if (code / kWorldPages == 2) model.replace(area, area->vm_start, area->vm_end + kPageSize);
}

TEST(VmaSetFull, EverySequenceOfFourInSixPages) {
  constexpr unsigned kSteps = kPairs + 3 * kWorldPages;
  const unsigned total = kSteps * kSteps * kSteps * kSteps;
  for (unsigned sequence = 0; sequence < total; ++sequence) {
    Model model;
    unsigned rest = sequence;
    for (unsigned i = 0; i < 4; ++i, rest /= kSteps) take_step(model, rest % kSteps);
    const std::string wrong = model.compare();
    ASSERT_EQ("", wrong) << "sequence " << sequence;
    if (sequence % 16 == 0) {
      for (u64 size = 1; size <= 6; ++size)
        model.expect_same_gaps({size * kPageSize, 0, 6 * kPageSize, 0, 0});
    }
    ASSERT_FALSE(HasFailure()) << "sequence " << sequence;
  }
}

TEST(VmaSetFull, RandomSequencesOfSixteenWideSteps) {
  const u64 seed = seed_of_run();
  std::mt19937_64 random(seed);
  constexpr unsigned kSteps = kPairs + 3 * kWorldPages;
  for (unsigned round = 0; round < 20000; ++round) {
    Model model;
    for (unsigned i = 0; i < 16; ++i) {
      take_step(model, static_cast<unsigned>(random() % kSteps));
      ASSERT_EQ("", model.compare()) << "VMSIM_SEED=" << seed << " round " << round;
    }
  }
}

TEST(VmaSetFull, LongRandomRuns) {
  const u64 seed = seed_of_run();
  for (u64 run = 0; run < 60; ++run) {
    SCOPED_TRACE("VMSIM_SEED=" + std::to_string(seed) + " run " + std::to_string(run));
    random_run(seed * 1000 + run, 3000, u64{32} << (run % 8));
    if (HasFailure()) return;
  }
}

/// Grows to thousands of areas and shrinks to none, in four orders; checks now and then.
TEST(VmaSetFull, ThousandsOfAreasComeAndGo) {
  const u64 seed = seed_of_run();
  for (int order = 0; order < 4; ++order) {
    SCOPED_TRACE("VMSIM_SEED=" + std::to_string(seed) + " order " + std::to_string(order));
    std::mt19937_64 random(seed);
    Model model;
    std::vector<u64> places(6000);
    for (u64 i = 0; i < places.size(); ++i) places[i] = i * 3;
    if (order == 1) std::reverse(places.begin(), places.end());
    if (order >= 2) std::shuffle(places.begin(), places.end(), random);
    std::vector<TestArea*> areas;
    for (std::size_t i = 0; i < places.size(); ++i) {
      areas.push_back(model.insert_pages(places[i], places[i] + 1 + random() % 3));
      ASSERT_NE(nullptr, areas.back());
      if (i % 501 == 0) {
        ASSERT_EQ("", model.compare());
      }
    }
    ASSERT_EQ("", model.compare());
    if (order == 3) std::shuffle(areas.begin(), areas.end(), random);
    for (std::size_t i = 0; i < areas.size(); ++i) {
      model.erase(areas[i]);
      if (i % 501 == 0 || i + 40 > areas.size()) {
        ASSERT_EQ("", model.compare());
      }
    }
    EXPECT_TRUE(model.set().empty());
  }
}

}  // namespace
