// SPDX-License-Identifier: MIT
// Where the nodes of one VMA index come from. Counterpart: maple_node_cache and mas_preallocate().
// Slabs grow by a quarter and are freed together; a node that goes back waits for the next insert.
// Leaves out: giving memory back before the set is cleared. Only vma_index.hpp includes it. Not
// thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <utility>
#include <vector>

#if defined(__linux__)
#  include <sys/mman.h>
#endif

#include "base/assert.hpp"

namespace vmsim::mm {

template <class Node>
class VmaNodePool {
 public:
  VmaNodePool() = default;
  VmaNodePool(const VmaNodePool&) = delete;
  VmaNodePool& operator=(const VmaNodePool&) = delete;

  ~VmaNodePool() { release(); }

  /// Makes `nodes` nodes available. On failure: nothing has changed.
  bool reserve(std::size_t nodes) {
    if (free_count_ + fresh_count_ >= nodes) [[likely]]
      return true;
    return grow(nodes - free_count_ - fresh_count_);
  }

  Node* take() {
    VMSIM_ASSERT(reserve(1), "the host is out of memory for VMA index nodes");
    Node* node;
    if (free_ != nullptr) {
      node = reinterpret_cast<Node*>(free_);
      free_ = free_->next;
      free_count_--;
    } else {
      node = reinterpret_cast<Node*>(fresh_);
      fresh_ += sizeof(Node);
      fresh_count_--;
    }
    ::new (static_cast<void*>(node)) Node;
    node->make_empty();
    return node;
  }

  void give_back(Node* node) {
    free_ = ::new (static_cast<void*>(node)) Free{free_};
    free_count_++;
  }

  /// Frees every slab; all nodes are gone.
  void release() {
    for (void* slab : slabs_) std::free(slab);
    slabs_ = {};
    free_ = nullptr;
    fresh_ = nullptr;
    free_count_ = fresh_count_ = bytes_ = 0;
  }

  std::size_t bytes() const { return bytes_; }

 private:
  struct Free {
    Free* next;
  };

  static constexpr std::size_t kHugeBytes = std::size_t{2} << 20;

  bool grow(std::size_t missing) {
    std::size_t nodes = std::max(missing, bytes_ / sizeof(Node) / 4);
    std::size_t bytes = nodes * sizeof(Node);
    std::size_t align = alignof(Node);
    if (bytes >=
        kHugeBytes) {  // Address translation dominates a search in a big index: ask for huge pages.
      bytes = (missing * sizeof(Node) + kHugeBytes - 1) / kHugeBytes * kHugeBytes;
      align = kHugeBytes;
    }
    try {
      slabs_.reserve(slabs_.size() + 1);
    } catch (const std::bad_alloc&) {
      return false;
    }
    void* const slab = std::aligned_alloc(align, bytes);
    if (slab == nullptr) return false;
#if defined(__linux__)
    if (align == kHugeBytes) (void)madvise(slab, bytes, MADV_HUGEPAGE);
#endif
    // The rest of the previous slab goes to the free list, so that the fresh nodes stay one run.
    for (; fresh_count_ > 0; --fresh_count_, fresh_ += sizeof(Node))
      give_back(reinterpret_cast<Node*>(fresh_));
    slabs_.push_back(slab);
    fresh_ = static_cast<char*>(slab);
    fresh_count_ = bytes / sizeof(Node);
    bytes_ += bytes;
    return true;
  }

  std::vector<void*> slabs_;
  Free* free_ = nullptr;
  char* fresh_ = nullptr;  ///< never used yet
  std::size_t free_count_ = 0;
  std::size_t fresh_count_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace vmsim::mm
