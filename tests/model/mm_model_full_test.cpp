// SPDX-License-Identifier: MIT
// The long version of the model test: many random sequences on each version, long ones among them.
#include <chrono>

#include <gtest/gtest.h>

#include "model/mm_player.hpp"

namespace vmsim::mm::model {
namespace {

void play_for(Player& player, std::chrono::seconds time, u64 first_seed) {
  const auto end = std::chrono::steady_clock::now() + time;
  for (u64 seed = first_seed; std::chrono::steady_clock::now() < end; ++seed) {
    const std::size_t length = seed % 8 == 0 ? 1500 : 20 + seed % 200;
    if (!player.check(random_sequence(seed, length), fmt::format("VMSIM_SEED={}", seed))) return;
  }
}

TEST(MmModelFull, random_612) {
  Player player;
  play_for(player, std::chrono::seconds(30), seed_or(100000));
}

TEST(MmModelFull, random_61) {
  Player player({6, 1, 0});
  play_for(player, std::chrono::seconds(15), seed_or(200000));
}

TEST(MmModelFull, random_2610) {
  Player player({2, 6, 10}, Profile::kX86_32);
  play_for(player, std::chrono::seconds(15), seed_or(300000));
}

}  // namespace
}  // namespace vmsim::mm::model
