// SPDX-License-Identifier: MIT
// See sort.hpp.
#include "kern/lib/sort.hpp"

#include <utility>

namespace vmsim::kern {

int SortCalls::order(const void* a, const void* b) const {
  return compare_with != nullptr ? compare_with(a, b, argument) : compare(a, b);
}

void SortCalls::exchange(void* a, void* b, std::size_t bytes) const {
  if (swap_with != nullptr) return swap_with(a, b, static_cast<int>(bytes), argument);
  if (swap != nullptr) return swap(a, b, static_cast<int>(bytes));
  auto* left = static_cast<unsigned char*>(a);
  auto* right = static_cast<unsigned char*>(b);
  for (std::size_t i = 0; i < bytes; ++i) std::swap(left[i], right[i]);
}

void sort(void* base, std::size_t count, std::size_t bytes, const SortCalls& calls) {
  const auto at = [=](std::size_t i) { return static_cast<unsigned char*>(base) + i * bytes; };
  const auto sink = [&](std::size_t from, std::size_t heap) {
    for (std::size_t child = 2 * from + 1; child < heap; from = child, child = 2 * from + 1) {
      if (child + 1 < heap && calls.order(at(child), at(child + 1)) < 0) ++child;
      if (calls.order(at(from), at(child)) >= 0) return;
      calls.exchange(at(from), at(child), bytes);
    }
  };
  for (std::size_t i = count / 2; i-- > 0;) sink(i, count);
  for (std::size_t heap = count; heap-- > 1;) {
    calls.exchange(at(0), at(heap), bytes);
    sink(0, heap);
  }
}

void* bsearch(const void* key, const void* base, std::size_t count, std::size_t bytes,
              int (*compare)(const void*, const void*)) {
  const auto* first = static_cast<const unsigned char*>(base);
  while (count > 0) {
    const unsigned char* const middle = first + count / 2 * bytes;
    const int order = compare(key, middle);
    if (order == 0) return const_cast<unsigned char*>(middle);
    if (order > 0) {
      first = middle + bytes;
      --count;
    }
    count /= 2;
  }
  return nullptr;
}

namespace {

/// Two chains of `next`, each in order and ended by nullptr, as one.
::list_head* merge(void* priv, ::list_head* a, ::list_head* b, ListCompare compare) {
  ::list_head* merged = nullptr;
  ::list_head** tail = &merged;
  while (a != nullptr && b != nullptr) {
    ::list_head*& taken = compare(priv, a, b) <= 0 ? a : b;
    *tail = taken;
    tail = &taken->next;
    taken = taken->next;
  }
  *tail = a != nullptr ? a : b;
  return merged;
}

}  // namespace

void list_sort(void* priv, ::list_head* head, ListCompare compare) {
  if (head->next == head || head->next == head->prev) return;
  // sorted[i] is a chain of 2^i entries that came before those of lower i, or nullptr.
  constexpr unsigned kChains = 64;
  ::list_head* sorted[kChains] = {};
  head->prev->next = nullptr;
  for (::list_head* entry = head->next; entry != nullptr;) {
    ::list_head* const rest = entry->next;
    entry->next = nullptr;
    unsigned i = 0;
    for (; sorted[i] != nullptr; ++i) {
      entry = merge(priv, sorted[i], entry, compare);
      sorted[i] = nullptr;
    }
    sorted[i] = entry;
    entry = rest;
  }
  ::list_head* all = nullptr;
  for (::list_head* chain : sorted)
    if (chain != nullptr) all = merge(priv, chain, all, compare);
  ::list_head* before = head;
  for (::list_head* entry = all; entry != nullptr; entry = entry->next) {
    before->next = entry;
    entry->prev = before;
    before = entry;
  }
  before->next = head;
  head->prev = before;
}

}  // namespace vmsim::kern
