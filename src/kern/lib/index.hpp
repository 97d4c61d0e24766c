// SPDX-License-Identifier: MIT
// Values found by number, with marks, and the machine's table of all such indexes. Counterpart: the
// trees of lib/radix-tree.c and lib/xarray.c; here an ordered map, so that a driver which forgets
// one loses nothing of the host. Leaves out entries of several indices. Called by xarray and idr.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "vmsim/addr.hpp"

#include "base/probe.hpp"
#include "kern/module.hpp"

namespace vmsim::kern {

/// One tree. An entry is there or not; what its value means is the caller's.
class Index {
 public:
  static constexpr unsigned kMarks = 3;
  using Number = unsigned long;

  struct Entry {
    void* value = nullptr;
    u8 marks = 0;

    bool marked(unsigned mark) const { return (marks >> mark & 1) != 0; }
  };

  using Map = std::map<Number, Entry>;

  Entry* find(Number at) {
    const auto it = entries_.find(at);
    return it == entries_.end() ? nullptr : &it->second;
  }

  /// Makes the entry if it is not there. Its address stays the same until it is erased.
  Entry& at(Number at) { return entries_[at]; }

  void erase(Number at);

  bool empty() const { return entries_.empty(); }

  /// The first entry in [from, to] that `wanted` takes.
  template <class Wanted>
  Map::iterator first(Number from, Number to, Wanted wanted) {
    auto it = entries_.lower_bound(from);
    while (it != entries_.end() && it->first <= to && !wanted(it->second)) ++it;
    return it != entries_.end() && it->first <= to ? it : entries_.end();
  }

  Map::iterator end() { return entries_.end(); }

  /// The lowest number in [from, to] without an entry.
  std::optional<Number> first_free(Number from, Number to);

 private:
  Map entries_;
  // [full_from_, full_to_) is occupied: counting up does not look at what it gave out before.
  Number full_from_ = 0, full_to_ = 0;
};

/// Every index of a machine. A driver's struct holds a pointer to its own as a word that only this
/// class follows: NULL is an empty index, anything unknown is a Finding
/// "container-not-initialised". Threads: the holder of the CPU.
class Indexes final : public ModuleEvents {
 public:
  explicit Indexes(base::Probe& probe) : probe_(probe) {}

  /// nullptr: nothing in it.
  Index* find(void*& head, const char* call);
  /// nullptr: made to fail ("index").
  Index* find_or_make(void*& head, const char* call);
  /// An index that became empty goes, as Linux frees the last node.
  void drop_if_empty(void*& head);
  void drop(void*& head, const char* call);

  /// The structs in this memory are gone, and their indexes with them. Linux keeps the nodes; that
  /// is not reported.
  void memory_freed(const void* start, u64 bytes);
  void on_gone(Module& module) override;

  std::size_t live() const { return live_.size(); }

  base::Probe& probe() { return probe_; }

 private:
  struct Live {
    std::unique_ptr<Index> index;
    const void* slot;  ///< where the word was when the index was made
  };

  void forget(const void* head);

  base::Probe& probe_;
  std::unordered_map<const void*, Live> live_;
  std::map<u64, const void*> by_slot_;
};

}  // namespace vmsim::kern
