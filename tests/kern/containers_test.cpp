// SPDX-License-Identifier: MIT
// Containers against the standard library's: long seeded runs of random operations.
#include "kern/lib/containers.hpp"

#include <algorithm>
#include <cerrno>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kern/lib/crc32.hpp"
#include "kern/lib/kfifo.hpp"
#include "kern/lib/mempool.hpp"
#include "kern/lib/notifier.hpp"
#include "kern/lib/rbtree.hpp"
#include "kern/lib/sort.hpp"

namespace vmsim::kern {
namespace {

std::string rules(const base::Probe& probe) {
  std::string text;
  for (const Finding& finding : probe.findings()) text += finding.rule + " ";
  return text;
}

// --- rbtree ---

struct Item {
  ::rb_node node{};
  int key = 0;
};

Item* item_of(::rb_node* node) {
  return reinterpret_cast<Item*>(node);
}

void link(::rb_root& root, Item& item) {
  ::rb_node** at = &root.rb_node;
  ::rb_node* parent = nullptr;
  while (*at != nullptr) {
    parent = *at;
    at = item.key < item_of(parent)->key ? &parent->rb_left : &parent->rb_right;
  }
  item.node = {reinterpret_cast<unsigned long>(parent), nullptr, nullptr};
  *at = &item.node;
}

/// Black height, or -1 for a tree that is none; counts nodes.
int black_height(const ::rb_node* node, const ::rb_node* parent, std::size_t& count) {
  if (node == nullptr) return 0;
  ++count;
  const bool black = (node->__rb_parent_color & 1) != 0;
  if ((node->__rb_parent_color & ~3ul) != reinterpret_cast<unsigned long>(parent)) return -1;
  for (const ::rb_node* child : {node->rb_left, node->rb_right})
    if (!black && child != nullptr && (child->__rb_parent_color & 1) == 0) return -1;
  const int left = black_height(node->rb_left, node, count);
  const int right = black_height(node->rb_right, node, count);
  return left < 0 || left != right ? -1 : left + (black ? 1 : 0);
}

TEST(RbTree, StaysATreeThroughRandomInsertsErasesAndReplacements) {
  std::mt19937 random(7);
  ::rb_root root{};
  std::deque<Item> items;
  std::multimap<int, Item*> oracle;
  std::vector<Item*> in;
  for (int step = 0; step < 20000; ++step) {
    const unsigned what = random() % 8;
    if (what < 4 || in.empty()) {
      Item& item = items.emplace_back();
      item.key = static_cast<int>(random() % 500);
      link(root, item);
      ASSERT_EQ(rb_insert_color(&item.node, &root), TreeRefusal::kNone);
      oracle.emplace(item.key, &item);
      in.push_back(&item);
    } else {
      const std::size_t at = random() % in.size();
      Item* const victim = in[at];
      const auto [first, last] = oracle.equal_range(victim->key);
      const auto it =
          std::find_if(first, last, [&](auto& entry) { return entry.second == victim; });
      if (what == 7) {
        Item& with = items.emplace_back();
        with.key = victim->key;
        ASSERT_EQ(rb_replace_node(&victim->node, &with.node, &root), TreeRefusal::kNone);
        it->second = in[at] = &with;
      } else {
        ASSERT_EQ(rb_erase(&victim->node, &root), TreeRefusal::kNone);
        oracle.erase(it);
        in.erase(in.begin() + static_cast<std::ptrdiff_t>(at));
      }
    }
    if (step % 64 != 0) continue;
    std::size_t count = 0;
    ASSERT_GE(black_height(root.rb_node, nullptr, count), 0) << "at step " << step;
    ASSERT_EQ(count, oracle.size());
    auto expected = oracle.begin();
    for (::rb_node* node = rb_first(&root); node != nullptr; node = rb_next(node), ++expected)
      ASSERT_EQ(item_of(node)->key, expected->first);
    ASSERT_EQ(expected, oracle.end());
    auto backwards = oracle.rbegin();
    for (::rb_node* node = rb_last(&root); node != nullptr; node = rb_prev(node), ++backwards)
      ASSERT_EQ(item_of(node)->key, backwards->first);
  }
}

TEST(RbTree, PostorderComesToChildrenFirst) {
  ::rb_root root{};
  std::deque<Item> items(100);
  for (int i = 0; i < 100; ++i) {
    items[static_cast<unsigned>(i)].key = i;
    link(root, items[static_cast<unsigned>(i)]);
    rb_insert_color(&items[static_cast<unsigned>(i)].node, &root);
  }
  std::set<const ::rb_node*> seen;
  for (::rb_node* node = rb_first_postorder(&root); node != nullptr;
       node = rb_next_postorder(node)) {
    EXPECT_TRUE(node->rb_left == nullptr || seen.contains(node->rb_left));
    EXPECT_TRUE(node->rb_right == nullptr || seen.contains(node->rb_right));
    seen.insert(node);
  }
  EXPECT_EQ(seen.size(), 100u);
}

TEST(RbTree, NodesOfNoTreeAreRefused) {
  ::rb_root root{}, other{};
  Item a, b, c;
  link(root, a);
  EXPECT_EQ(rb_insert_color(&a.node, &root), TreeRefusal::kNone);
  EXPECT_EQ(rb_insert_color(&b.node, &root), TreeRefusal::kNotLinked);
  EXPECT_EQ(rb_erase(&a.node, &other), TreeRefusal::kNotLinked);
  c.node.__rb_parent_color = reinterpret_cast<unsigned long>(&c.node);
  EXPECT_EQ(rb_erase(&c.node, &root), TreeRefusal::kNotLinked) << "cleared";
  EXPECT_EQ(rb_next(&c.node), nullptr);
  EXPECT_EQ(rb_erase(&a.node, &root), TreeRefusal::kNone);
  EXPECT_EQ(rb_erase(&a.node, &root), TreeRefusal::kNotLinked) << "twice";
  EXPECT_EQ(root.rb_node, nullptr);
}

// --- idr, xarray ---

TEST(Idrs, AgreeWithAMapForALongTime) {
  std::mt19937 random(11);
  base::Probe probe;
  Containers all(probe, {6, 12, 0});
  ::idr idr{};
  std::map<int, void*> oracle;
  for (int step = 0; step < 20000; ++step) {
    const int start = static_cast<int>(random() % 300);
    void* const value = reinterpret_cast<void*>(static_cast<unsigned long>(random() % 100) * 8);
    if (random() % 5 < 3) {
      const int end = random() % 3 == 0 ? start + 20 : 0;
      int expected = start;
      while (oracle.contains(expected)) ++expected;
      if (end > 0 && expected >= end) expected = -ENOSPC;
      ASSERT_EQ(all.idrs.alloc(idr, value, start, end), expected) << "at step " << step;
      if (expected >= 0) oracle[expected] = value;
    } else {
      const auto it = oracle.find(start);
      void* const expected = it == oracle.end() ? nullptr : it->second;
      ASSERT_EQ(all.idrs.find(idr, static_cast<unsigned long>(start)), expected);
      ASSERT_EQ(all.idrs.remove(idr, static_cast<unsigned long>(start)), expected);
      if (it != oracle.end()) oracle.erase(it);
    }
    if (step % 64 != 0) continue;
    unsigned long id = 0;
    for (const auto& [key, kept] : oracle) {
      if (kept == nullptr) continue;
      ASSERT_EQ(all.idrs.next(idr, &id), kept);
      ASSERT_EQ(id, static_cast<unsigned long>(key));
      ++id;
    }
    ASSERT_EQ(all.idrs.next(idr, &id), nullptr);
  }
  for (const auto& entry : oracle) all.idrs.remove(idr, static_cast<unsigned long>(entry.first));
  EXPECT_EQ(idr.idr_rt.xa_head, nullptr) << "empty again";
  EXPECT_EQ(all.indexes.live(), 0u);
  EXPECT_EQ(rules(probe), "");
}

TEST(Idrs, ValuesThatAreNullHoldTheirId) {
  base::Probe probe;
  Containers all(probe, {6, 12, 0});
  ::idr idr{};
  EXPECT_EQ(all.idrs.alloc(idr, nullptr, 0, 0), 0);
  EXPECT_EQ(all.idrs.alloc(idr, nullptr, 0, 0), 1);
  int value = 0;
  EXPECT_EQ(all.idrs.replace(idr, &value, 1), nullptr);
  EXPECT_EQ(all.idrs.replace(idr, &value, 2), reinterpret_cast<void*>(long{-ENOENT}));
  unsigned long id = 0;
  EXPECT_EQ(all.idrs.next(idr, &id), &value);
  EXPECT_EQ(id, 1u);
  all.idrs.destroy(idr);
  EXPECT_EQ(all.indexes.live(), 0u);
}

TEST(Idrs, BasesCyclesAndLimits) {
  base::Probe probe;
  Containers all(probe, {6, 12, 0});
  ::idr idr{};
  idr.idr_base = 1;
  int value = 0;
  EXPECT_EQ(all.idrs.alloc(idr, &value, 0, 0), 1);
  EXPECT_EQ(all.idrs.alloc_cyclic(idr, &value, 0, 4), 2);
  all.idrs.remove(idr, 1);
  EXPECT_EQ(all.idrs.alloc_cyclic(idr, &value, 0, 4), 3);
  EXPECT_EQ(all.idrs.alloc_cyclic(idr, &value, 0, 4), 1) << "began again";
  EXPECT_EQ(all.idrs.alloc_cyclic(idr, &value, 0, 4), -ENOSPC);
  u32 id = 0xffffffff;
  EXPECT_EQ(all.idrs.alloc_u32(idr, &value, &id, ~0ul), 0);
  EXPECT_EQ(id, 0xffffffffu);
  EXPECT_EQ(all.idrs.alloc_u32(idr, &value, &id, ~0ul), -ENOSPC);
  EXPECT_EQ(all.idrs.alloc(idr, &value, -1, 0), -EINVAL);
  EXPECT_EQ(rules(probe), "idr-negative-id ");
}

TEST(Idrs, WhatIsNotAllocatedIsReported) {
  base::Probe probe;
  Containers old(probe, {3, 10, 0});
  ::idr idr{};
  ::ida ida{};
  EXPECT_EQ(old.idrs.ida_alloc(ida, 0, ~0u), 0);
  old.idrs.ida_free(ida, 0, "ida_free");
  EXPECT_EQ(rules(probe), "");
  old.idrs.ida_free(ida, 0, "ida_free");
  EXPECT_EQ(old.idrs.remove(idr, 5), nullptr);
  EXPECT_EQ(rules(probe), "ida-free-not-allocated idr-remove-not-allocated ");
  probe.clear_findings();
  Containers young(probe, {6, 12, 0});
  EXPECT_EQ(young.idrs.remove(idr, 5), nullptr);
  EXPECT_EQ(rules(probe), "");
}

TEST(XArrays, AgreeWithAMapForALongTime) {
  std::mt19937 random(3);
  base::Probe probe;
  Containers all(probe, {6, 12, 0});
  ::xarray xa{};
  std::map<unsigned long, std::pair<void*, u8>> oracle;
  for (int step = 0; step < 20000; ++step) {
    const unsigned long at = random() % 200;
    void* const value = reinterpret_cast<void*>(static_cast<unsigned long>(random() % 50 + 1) * 8);
    const auto it = oracle.find(at);
    void* const there = it == oracle.end() ? nullptr : it->second.first;
    const unsigned mark = random() % 3;
    switch (random() % 6) {
      case 0:
        ASSERT_EQ(all.xarrays.store(xa, at, value), there);
        oracle[at].first = value;
        break;
      case 1:
        ASSERT_EQ(all.xarrays.erase(xa, at), there);
        oracle.erase(at);
        break;
      case 2:
        ASSERT_EQ(all.xarrays.insert(xa, at, value), there == nullptr ? 0 : -EBUSY);
        if (there == nullptr) oracle[at].first = value;
        break;
      case 3:
        ASSERT_EQ(all.xarrays.cmpxchg(xa, at, value, nullptr), there);
        if (there == value) oracle.erase(at);
        break;
      case 4:
        all.xarrays.set_mark(xa, at, mark);
        if (there != nullptr) it->second.second |= static_cast<u8>(1u << mark);
        break;
      default:
        all.xarrays.clear_mark(xa, at, mark);
        if (there != nullptr) it->second.second &= static_cast<u8>(~(1u << mark));
    }
    if (step % 64 != 0) continue;
    unsigned long index = 0;
    void* found = all.xarrays.find(xa, &index, ~0ul, mark);
    for (const auto& [key, entry] : oracle) {
      ASSERT_EQ(all.xarrays.load(xa, key), entry.first);
      if ((entry.second >> mark & 1) == 0) continue;
      ASSERT_EQ(found, entry.first);
      ASSERT_EQ(index, key);
      found = all.xarrays.find_after(xa, &index, ~0ul, mark);
    }
    ASSERT_EQ(found, nullptr);
  }
  all.xarrays.destroy(xa);
  EXPECT_EQ(all.indexes.live(), 0u);
  EXPECT_EQ(rules(probe), "");
}

TEST(XArrays, ReservedPlacesReadAsNull) {
  base::Probe probe;
  Containers all(probe, {6, 12, 0});
  ::xarray xa{};
  xa.xa_flags = kXaTrackFree;
  u32 id = 9;
  EXPECT_EQ(all.xarrays.alloc(xa, &id, nullptr, {5, 0}), 0);
  EXPECT_EQ(id, 0u);
  EXPECT_EQ(all.xarrays.load(xa, 0), nullptr);
  EXPECT_EQ(all.xarrays.insert(xa, 0, &id), -EBUSY);
  unsigned long index = 0;
  EXPECT_EQ(all.xarrays.find(xa, &index, ~0ul, kXaPresent), nullptr);
  EXPECT_EQ(all.xarrays.store(xa, 0, &id), nullptr);
  EXPECT_EQ(all.xarrays.store(xa, 0, nullptr), &id) << "the place stays taken";
  EXPECT_EQ(all.xarrays.alloc(xa, &id, &index, {5, 0}), 0);
  EXPECT_EQ(id, 1u);
  all.xarrays.erase(xa, 0);
  all.xarrays.erase(xa, 1);
  EXPECT_EQ(xa.xa_head, nullptr);
  EXPECT_EQ(rules(probe), "");
}

TEST(XArrays, MisuseIsReported) {
  base::Probe probe;
  Containers all(probe, {6, 12, 0});
  ::xarray xa{};
  u32 id = 0;
  EXPECT_EQ(all.xarrays.alloc(xa, &id, &id, {5, 0}), -EINVAL);
  EXPECT_EQ(all.xarrays.store(xa, 1, reinterpret_cast<void*>(0x1002)), xa_error(-EINVAL));
  EXPECT_EQ(rules(probe), "xarray-not-allocating xarray-bad-entry ");
  probe.clear_findings();
  xa.xa_head = reinterpret_cast<void*>(0x6b6b6b6b6b6b6b6b);
  EXPECT_EQ(all.xarrays.load(xa, 1), nullptr);
  EXPECT_EQ(rules(probe), "container-not-initialised ");
}

TEST(Indexes, MemoryThatGoesTakesItsIndexesAlong) {
  base::Probe probe;
  Containers all(probe, {6, 12, 0});
  ::xarray xas[3] = {};
  for (::xarray& xa : xas) all.xarrays.store(xa, 1, &xa);
  all.indexes.memory_freed(&xas[1], sizeof(xas[1]));
  EXPECT_EQ(all.indexes.live(), 2u);
  EXPECT_EQ(all.xarrays.load(xas[0], 1), &xas[0]);
  EXPECT_EQ(rules(probe), "") << "what is left in it is no misuse";
  all.xarrays.destroy(xas[1]);
  EXPECT_EQ(rules(probe), "container-not-initialised ") << "but its use is";
  xas[0].xa_head = nullptr;  // initialised again, with something in it
  all.xarrays.store(xas[0], 2, &xas[0]);
  EXPECT_EQ(all.xarrays.load(xas[0], 1), nullptr);
  EXPECT_EQ(all.indexes.live(), 2u);
}

// --- sort ---

int compare_ints(const void* a, const void* b) {
  return *static_cast<const int*>(a) - *static_cast<const int*>(b);
}

TEST(Sort, ArraysOfEverySize) {
  std::mt19937 random(5);
  SortCalls calls;
  calls.compare = &compare_ints;
  for (std::size_t size = 0; size < 200; ++size) {
    std::vector<int> array(size);
    for (int& value : array) value = static_cast<int>(random() % 100);
    std::vector<int> expected = array;
    std::sort(expected.begin(), expected.end());
    sort(array.data(), size, sizeof(int), calls);
    ASSERT_EQ(array, expected);
    for (int key = -1; key < 101; ++key) {
      const auto* const found =
          static_cast<int*>(bsearch(&key, array.data(), size, sizeof(int), &compare_ints));
      ASSERT_EQ(found != nullptr, std::binary_search(expected.begin(), expected.end(), key));
      ASSERT_TRUE(found == nullptr || *found == key);
    }
  }
}

struct Linked {
  ::list_head link{};
  int key = 0, place = 0;
};

TEST(Sort, ListsStably) {
  std::mt19937 random(5);
  for (unsigned size = 0; size < 100; ++size) {
    ::list_head head{&head, &head};
    std::vector<Linked> items(size);
    for (unsigned i = 0; i < size; ++i) {
      items[i].key = static_cast<int>(random() % 10);
      items[i].place = static_cast<int>(i);
      items[i].link = {&head, head.prev};
      head.prev->next = &items[i].link;
      head.prev = &items[i].link;
    }
    list_sort(nullptr, &head, [](void*, const ::list_head* a, const ::list_head* b) {
      return reinterpret_cast<const Linked*>(a)->key - reinterpret_cast<const Linked*>(b)->key;
    });
    unsigned count = 0;
    std::pair<int, int> before{-1, -1};
    for (::list_head* at = head.next; at != &head; at = at->next, ++count) {
      ASSERT_EQ(at->next->prev, at);
      const auto* const item = reinterpret_cast<const Linked*>(at);
      ASSERT_LT(before, std::pair(item->key, item->place));
      before = {item->key, item->place};
    }
    ASSERT_EQ(count, size);
  }
}

// --- kfifo ---

TEST(Kfifo, MovesWhatADequeMoves) {
  std::mt19937 random(9);
  int ring[16];
  ::__kfifo fifo{};
  kfifo_setup(fifo, ring, 16, sizeof(int));
  fifo.in = fifo.out = ~0u - 20;  // the counters wrap
  std::deque<int> oracle;
  for (int step = 0; step < 20000; ++step) {
    int values[20];
    const unsigned count = random() % 20;
    if (random() % 2 == 0) {
      for (int& value : values) value = static_cast<int>(random());
      const unsigned moved = kfifo_in(fifo, values, count);
      ASSERT_EQ(moved, std::min<std::size_t>(count, 16 - oracle.size()));
      oracle.insert(oracle.end(), values, values + moved);
    } else {
      const unsigned expected = static_cast<unsigned>(std::min<std::size_t>(count, oracle.size()));
      ASSERT_EQ(kfifo_out_peek(fifo, values, count), expected);
      ASSERT_EQ(kfifo_out(fifo, values, count), expected);
      ASSERT_TRUE(std::equal(values, values + expected, oracle.begin()));
      oracle.erase(oracle.begin(), oracle.begin() + expected);
    }
  }
}

TEST(Kfifo, RecordsComeWholeOrNotAtAll) {
  unsigned char ring[512];
  ::__kfifo fifo{};
  kfifo_setup(fifo, ring, 512, 1);
  fifo.in = fifo.out = 500;
  const std::string longest(300, 'x');
  EXPECT_EQ(kfifo_in_record(fifo, longest.data(), 300, 2), 300u);
  EXPECT_EQ(kfifo_in_record(fifo, longest.data(), 209, 2), 0u) << "its prefix has no room";
  EXPECT_EQ(kfifo_in_record(fifo, longest.data(), 208, 2), 208u);
  EXPECT_EQ(kfifo_record_bytes(fifo, 2), 300u);
  char bytes[400];
  EXPECT_EQ(kfifo_out_record(fifo, bytes, 5, 2), 5u) << "the rest is lost";
  EXPECT_EQ(kfifo_out_record(fifo, bytes, 400, 2), 208u);
  EXPECT_EQ(kfifo_out_record(fifo, bytes, 400, 2), 0u);
}

TEST(Kfifo, SizesBecomePowersOfTwo) {
  EXPECT_EQ(kfifo_capacity(100, FifoRounding::kUp), 128u);
  EXPECT_EQ(kfifo_capacity(100, FifoRounding::kDown), 64u);
  EXPECT_EQ(kfifo_capacity(64, FifoRounding::kUp), 64u);
  EXPECT_EQ(kfifo_capacity(0, FifoRounding::kUp), 0u);
}

// --- chains, sums ---

std::string heard;

int hear(::notifier_block* block, unsigned long action, void*) {
  heard += std::to_string(block->priority) + " ";
  return action == 1 && block->priority == 5 ? 0x8001 : 0;
}

TEST(Notifiers, AreCalledByPriorityUntilOneStops) {
  ::notifier_block low{&hear, nullptr, 1}, middle{&hear, nullptr, 5}, high{&hear, nullptr, 9};
  ::notifier_block* chain = nullptr;
  heard.clear();
  for (::notifier_block* block : {&middle, &low, &high})
    EXPECT_EQ(notifier_register(&chain, block), 0);
  EXPECT_EQ(notifier_register(&chain, &low), -EEXIST);
  int called = 0;
  EXPECT_EQ(notifier_call(&chain, 0, nullptr, -1, &called), 0);
  EXPECT_EQ(called, 3);
  EXPECT_EQ(notifier_call(&chain, 1, nullptr, -1, nullptr), 0x8001);
  EXPECT_EQ(notifier_unregister(&chain, &middle), 0);
  EXPECT_EQ(notifier_unregister(&chain, &middle), -ENOENT);
  notifier_call(&chain, 1, nullptr, 1, nullptr);
  EXPECT_EQ(heard, "9 5 1 9 5 9 ");
}

TEST(Crc32, OfTheStandardsCheckText) {
  const auto* const text = reinterpret_cast<const unsigned char*>("123456789");
  EXPECT_EQ(~crc32_le(~0u, text, 9), 0xcbf43926u);
  EXPECT_EQ(~crc32_be(~0u, text, 9), 0xfc891918u);
  EXPECT_EQ(~crc32c(~0u, text, 9), 0xe3069283u);
}

}  // namespace
}  // namespace vmsim::kern
