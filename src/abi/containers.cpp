// SPDX-License-Identifier: MIT
// Containers that lie in the driver's own memory, and what is done to arrays: linux/{rbtree,sort,
// list_sort,bsearch,notifier,crc32}.h. These run in the driver's context from end to end, so that a
// wild node or a comparison that oopses ends the driver's call; kern/lib has the algorithms. Called
// by drivers through the export table.
#include <cerrno>

#include <fmt/format.h>

#include "abi/abi.hpp"
#include "kern/lib/crc32.hpp"
#include "kern/lib/notifier.hpp"
#include "kern/lib/rbtree.hpp"
#include "kern/lib/sort.hpp"

namespace vmsim::abi {

namespace {

using kern::TreeRefusal;
using std::size_t;

// --- trees ---

void check_tree(TreeRefusal refusal, const char* call, const ::rb_node* node) {
  if (refusal == TreeRefusal::kNone) [[likely]]
    return;
  core([=] {
    kernel().probe.finding(
        "rb-node-not-in-tree",
        fmt::format("{} of node {}, whose parents do not end at this root: not linked by "
                    "rb_link_node(), erased before, or in another tree. The tree is left as it "
                    "is; Linux damages it",
                    call, static_cast<const void*>(node)));
  });
}

void rb_insert_color(::rb_node* node, ::rb_root* root) {
  touch(node);
  touch(root);
  check_tree(kern::rb_insert_color(node, root), "rb_insert_color", node);
}

void rb_erase(::rb_node* node, ::rb_root* root) {
  touch(node);
  touch(root);
  check_tree(kern::rb_erase(node, root), "rb_erase", node);
}

void rb_replace_node(::rb_node* victim, ::rb_node* with, ::rb_root* root) {
  touch(victim);
  touch(with);
  touch(root);
  check_tree(kern::rb_replace_node(victim, with, root), "rb_replace_node", victim);
}

// --- arrays and lists ---

int cmp_of_nothing(const void*, const void*) {
  return 0;
}

void sort(void* base, size_t count, size_t bytes, int (*compare)(const void*, const void*),
          void (*swap)(void*, void*, int)) {
  kern::SortCalls calls;
  calls.compare = compare != nullptr ? compare : &cmp_of_nothing;
  calls.swap = swap;
  kern::sort(base, count, bytes, calls);
}

void sort_r(void* base, size_t count, size_t bytes,
            int (*compare)(const void*, const void*, const void*),
            void (*swap)(void*, void*, int, const void*), const void* argument) {
  kern::SortCalls calls;
  calls.compare_with = compare;
  calls.swap_with = swap;
  calls.argument = argument;
  kern::sort(base, count, bytes, calls);
}

// --- chains of callbacks ---

int notifier_register(::notifier_block** chain, ::notifier_block* block) {
  touch(chain);
  touch(block);
  const int result = kern::notifier_register(chain, block);
  if (result == 0) return 0;
  core([=] {
    kernel().probe.finding(
        "notifier-registered-twice",
        fmt::format("notifier block {} is in the chain already; Linux refuses since 5.15, warns "
                    "since 4.20, and goes round in it for ever before",
                    static_cast<const void*>(block)));
  });
  return result;
}

int notifier_unregister(::notifier_block** chain, ::notifier_block* block) {
  touch(chain);
  return kern::notifier_unregister(chain, block);
}

int notifier_call(::notifier_block** chain, unsigned long action, void* data, int most,
                  int* called) {
  touch(chain);
  return kern::notifier_call(chain, action, data, most, called);
}

/// Before 2.6.17 a chain is a bare pointer with the kernel's one lock.
int notifier_call_old(::notifier_block** chain, unsigned long action, void* data) {
  return notifier_call(chain, action, data, -1, nullptr);
}

}  // namespace

std::span<const Export> containers_exports() {
  static const Export table[] = {
      exported("rb_insert_color", &rb_insert_color),
      exported("rb_erase", &rb_erase),
      exported("rb_replace_node", &rb_replace_node),
      exported("rb_first", &kern::rb_first),
      exported("rb_last", &kern::rb_last),
      exported("rb_next", &kern::rb_next),
      exported("rb_prev", &kern::rb_prev),
      exported("rb_first_postorder", &kern::rb_first_postorder, kernel(3, 12)),
      exported("rb_next_postorder", &kern::rb_next_postorder, kernel(3, 12)),
      exported("sort", &sort),
      exported("sort_r", &sort_r, kernel(5, 4)),
      exported("list_sort", &kern::list_sort, kernel(2, 6, 34)),
      exported("bsearch", &kern::bsearch, kernel(2, 6, 39)),
      exported("vmsim_notifier_register", &notifier_register),
      exported("vmsim_notifier_unregister", &notifier_unregister),
      exported("vmsim_notifier_call", &notifier_call),
      exported("notifier_chain_register", &notifier_register, 0, kernel(2, 6, 17)),
      exported("notifier_chain_unregister", &notifier_unregister, 0, kernel(2, 6, 17)),
      exported("notifier_call_chain", &notifier_call_old, 0, kernel(2, 6, 17)),
      exported("crc32_le", &kern::crc32_le),
      exported("crc32_be", &kern::crc32_be),
      exported("__crc32c_le", &kern::crc32c, kernel(3, 3)),
  };
  return table;
}

}  // namespace vmsim::abi
