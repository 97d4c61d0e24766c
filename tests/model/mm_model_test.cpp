// SPDX-License-Identifier: MIT
// Address spaces against the oracle: every short sequence of chosen operations, and some long
// random ones.
#include <gtest/gtest.h>

#include "model/mm_player.hpp"

namespace vmsim::mm::model {
namespace {

Op map_op(Kind kind, u8 page, u8 count, u8 rights = 3, u8 pgoff = 0) {
  return {Op::kMap, kind, 0, page, count, rights, pgoff};
}

Op unmap_op(u8 page, u8 count) {
  return {Op::kUnmap, Kind::kAnon, 0, page, count};
}

Op protect_op(u8 page, u8 count, u8 rights) {
  return {Op::kProtect, Kind::kAnon, 0, page, count, rights};
}

Op store_op(u8 who, u8 page) {
  return {Op::kStore, Kind::kAnon, who, page, 1, 0, 0, static_cast<u8>(0x11 + who * 16 + page)};
}

/// Plays every sequence of exactly `length` operations; shorter ones are beginnings of these.
void play_all(Player& player, const Sequence& alphabet, unsigned length) {
  std::vector<std::size_t> digits(length, 0);
  Sequence sequence(length);
  for (;;) {
    for (unsigned i = 0; i < length; ++i) sequence[i] = alphabet[digits[i]];
    if (!player.check(sequence, "exhaustive")) return;
    unsigned at = 0;
    while (at < length && ++digits[at] == alphabet.size()) digits[at++] = 0;
    if (at == length) return;
  }
}

TEST(MmModel, every_short_sequence_of_anonymous_memory) {
  Player player;
  play_all(player,
           {map_op(Kind::kAnon, 0, 4),
            map_op(Kind::kAnon, 1, 2),
            map_op(Kind::kAnon, 2, 3, 1),
            {Op::kMapAnywhere, Kind::kAnon, 0, 0, 2},
            unmap_op(1, 1),
            unmap_op(2, 3),
            protect_op(1, 2, 1),
            protect_op(0, 4, 3),
            protect_op(2, 1, 0),
            store_op(0, 1),
            store_op(0, 3)},
           4);
}

TEST(MmModel, every_short_sequence_of_devices) {
  Player player;
  play_all(player,
           {map_op(Kind::kDevice, 0, 4, 3, 0),
            map_op(Kind::kDevice, 2, 2, 3, 2),
            map_op(Kind::kDevicePrivate, 1, 3, 3, 1),
            map_op(Kind::kRemap, 0, 3),
            map_op(Kind::kSharedAnon, 1, 3),
            unmap_op(1, 1),
            protect_op(1, 2, 1),
            protect_op(0, 4, 3),
            store_op(0, 2),
            {Op::kZap, Kind::kDevice, 0, 0, 2, 1, 1},
            {Op::kZap, Kind::kDevice, 0, 0, 4, 0, 0}},
           4);
}

TEST(MmModel, every_short_sequence_with_a_child) {
  Player player;
  const Sequence alphabet = {{Op::kFork},
                             store_op(0, 1),
                             store_op(1, 1),
                             store_op(1, 2),
                             unmap_op(1, 1),
                             protect_op(0, 2, 1),
                             {Op::kExit, Kind::kAnon, 1},
                             map_op(Kind::kAnon, 1, 2)};
  for (const Kind kind : {Kind::kAnon, Kind::kSharedAnon, Kind::kDevicePrivate}) {
    std::vector<std::size_t> digits(4, 0);
    for (std::size_t n = 0; n < 8 * 8 * 8 * 8; ++n) {
      Sequence sequence = {map_op(kind, 0, 3)};
      for (std::size_t i = 0, rest = n; i < 4; ++i, rest /= 8)
        sequence.push_back(alphabet[rest % 8]);
      if (!player.check(sequence, "exhaustive with a child")) return;
    }
  }
}

void play_random(Player& player, u64 first_seed, unsigned runs, std::size_t length) {
  for (unsigned run = 0; run < runs; ++run) {
    const u64 seed = first_seed + run;
    if (!player.check(random_sequence(seed, length), fmt::format("VMSIM_SEED={}", seed))) return;
  }
}

TEST(MmModel, random_612) {
  Player player;
  play_random(player, seed_or(1), 60, 150);
}

TEST(MmModel, random_61) {
  Player player({6, 1, 0});
  play_random(player, seed_or(2), 30, 150);
}

TEST(MmModel, random_2610) {
  Player player({2, 6, 10}, Profile::kX86_32);
  play_random(player, seed_or(3), 30, 150);
}

}  // namespace
}  // namespace vmsim::mm::model
