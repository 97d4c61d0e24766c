// SPDX-License-Identifier: MIT
// linux/xarray.h and linux/radix-tree.h, which are one struct. Counterpart: lib/xarray.c,
// lib/radix-tree.c. No logic: kern/lib/xarray has it; the lock is taken by the C face. Called by
// drivers through the export table.
#include "kern/lib/xarray.hpp"

#include <cerrno>

#include "abi/abi.hpp"

namespace vmsim::abi {

namespace {

using Ulong = unsigned long;

kern::XArrays& arrays() {
  return kernel().containers->xarrays;
}

void* xa_load(::xarray* xa, Ulong at) {
  touch(xa);
  return core([=] { return arrays().load(*xa, at); });
}

void* xa_store(::xarray* xa, Ulong at, void* entry, vmsim_gfp_t) {
  touch(xa);
  return core([=] { return arrays().store(*xa, at, entry); });
}

void* xa_erase(::xarray* xa, Ulong at) {
  touch(xa);
  return core([=] { return arrays().erase(*xa, at); });
}

void* xa_cmpxchg(::xarray* xa, Ulong at, void* old, void* entry, vmsim_gfp_t) {
  touch(xa);
  return core([=] { return arrays().cmpxchg(*xa, at, old, entry); });
}

int xa_insert(::xarray* xa, Ulong at, void* entry, vmsim_gfp_t) {
  touch(xa);
  return core([=] { return arrays().insert(*xa, at, entry); });
}

int xa_alloc(::xarray* xa, u32* id, void* entry, ::xa_limit limit, vmsim_gfp_t) {
  touch(xa);
  touch(id);
  return core([=] { return arrays().alloc(*xa, id, entry, limit); });
}

int xa_alloc_cyclic(::xarray* xa, u32* id, void* entry, ::xa_limit limit, u32* next, vmsim_gfp_t) {
  touch(xa);
  touch(id);
  touch(next);
  return core([=] { return arrays().alloc_cyclic(*xa, id, entry, limit, next); });
}

void* xa_find(::xarray* xa, Ulong* at, Ulong max, unsigned filter) {
  touch(xa);
  touch(at);
  return core([=] { return arrays().find(*xa, at, max, filter); });
}

void* xa_find_after(::xarray* xa, Ulong* at, Ulong max, unsigned filter) {
  touch(xa);
  touch(at);
  return core([=] { return arrays().find_after(*xa, at, max, filter); });
}

unsigned xa_extract(::xarray* xa, void** to, Ulong first, Ulong max, unsigned count,
                    unsigned filter) {
  touch(xa);
  touch_range(to, u64{count} * sizeof(*to));
  return core([=] { return arrays().extract(*xa, to, first, max, count, filter); });
}

bool xa_get_mark(::xarray* xa, Ulong at, unsigned mark) {
  touch(xa);
  return core([=] { return arrays().mark(*xa, at, mark); });
}

void xa_set_mark(::xarray* xa, Ulong at, unsigned mark) {
  touch(xa);
  core([=] { arrays().set_mark(*xa, at, mark); });
}

void xa_clear_mark(::xarray* xa, Ulong at, unsigned mark) {
  touch(xa);
  core([=] { arrays().clear_mark(*xa, at, mark); });
}

bool xa_marked(const ::xarray* xa, unsigned mark) {
  touch(xa);
  return core([=] { return arrays().marked(*const_cast<::xarray*>(xa), mark); });
}

void xa_destroy(::xarray* xa) {
  touch(xa);
  core([=] { arrays().destroy(*xa); });
}

// --- radix trees ---

int radix_tree_insert(::xarray* root, Ulong at, void* item) {
  touch(root);
  if (item == nullptr) leave_by_bug("kernel BUG: radix_tree_insert of NULL", VMSIM_ABI_CALLER);
  return core([=] { return arrays().radix_insert(*root, at, item); });
}

void* radix_tree_lookup(const ::xarray* root, Ulong at) {
  touch(root);
  return core([=] { return arrays().load(*const_cast<::xarray*>(root), at); });
}

void** radix_tree_lookup_slot(const ::xarray* root, Ulong at) {
  touch(root);
  return core([=] { return arrays().radix_slot(*const_cast<::xarray*>(root), at); });
}

void* radix_tree_delete(::xarray* root, Ulong at) {
  touch(root);
  return core([=] { return arrays().radix_delete(*root, at, nullptr); });
}

void* radix_tree_delete_item(::xarray* root, Ulong at, void* item) {
  touch(root);
  return core([=] { return arrays().radix_delete(*root, at, item); });
}

unsigned radix_tree_gang_lookup(const ::xarray* root, void** to, Ulong first, unsigned count) {
  touch(root);
  touch_range(to, u64{count} * sizeof(*to));
  return core([=] {
    return arrays().extract(*const_cast<::xarray*>(root), to, first, ~0ul, count, kern::kXaPresent);
  });
}

unsigned radix_tree_gang_lookup_tag(const ::xarray* root, void** to, Ulong first, unsigned count,
                                    unsigned tag) {
  touch(root);
  touch_range(to, u64{count} * sizeof(*to));
  return core(
      [=] { return arrays().extract(*const_cast<::xarray*>(root), to, first, ~0ul, count, tag); });
}

/// The item if there is one.
void* radix_tree_tag_set(::xarray* root, Ulong at, unsigned tag) {
  touch(root);
  return core([=] {
    arrays().set_mark(*root, at, tag);
    return arrays().load(*root, at);
  });
}

void* radix_tree_tag_clear(::xarray* root, Ulong at, unsigned tag) {
  touch(root);
  return core([=] {
    void* const item = arrays().load(*root, at);
    arrays().clear_mark(*root, at, tag);
    return item;
  });
}

int radix_tree_tag_get(const ::xarray* root, Ulong at, unsigned tag) {
  touch(root);
  return core([=] { return arrays().mark(*const_cast<::xarray*>(root), at, tag) ? 1 : 0; });
}

int radix_tree_tagged(const ::xarray* root, unsigned tag) {
  touch(root);
  return core([=] { return arrays().marked(*const_cast<::xarray*>(root), tag) ? 1 : 0; });
}

/// One step of radix_tree_for_each_slot(): the slot at or after iter->next_index, or NULL.
void** radix_next_slot(const ::xarray* root, ::radix_tree_iter* iter, unsigned tag) {
  touch(root);
  touch(iter);
  return core([=]() -> void** {
    ::xarray& tree = *const_cast<::xarray*>(root);
    Ulong at = iter->next_index;
    // next_index 0 after the last possible index: the walk has gone round.
    if (at == 0 && iter->index != 0) return nullptr;
    if (arrays().find(tree, &at, ~0ul, tag) == nullptr) return nullptr;
    iter->index = at;
    iter->next_index = at + 1;
    return arrays().radix_slot(tree, at);
  });
}

}  // namespace

std::span<const Export> xarray_exports() {
  constexpr unsigned kFrom = kernel(4, 20);
  static const Export table[] = {
      exported("xa_load", &xa_load, kFrom),
      exported("__xa_store", &xa_store, kFrom),
      exported("__xa_erase", &xa_erase, kFrom),
      exported("__xa_cmpxchg", &xa_cmpxchg, kFrom),
      exported("__xa_insert", &xa_insert, kFrom),
      exported("__xa_alloc", &xa_alloc, kFrom),
      exported("__xa_alloc_cyclic", &xa_alloc_cyclic, kFrom),
      exported("xa_find", &xa_find, kFrom),
      exported("xa_find_after", &xa_find_after, kFrom),
      exported("xa_extract", &xa_extract, kFrom),
      exported("xa_get_mark", &xa_get_mark, kFrom),
      exported("__xa_set_mark", &xa_set_mark, kFrom),
      exported("__xa_clear_mark", &xa_clear_mark, kFrom),
      exported("vmsim_xa_marked", &xa_marked, kFrom),
      exported("vmsim_xa_destroy", &xa_destroy, kFrom),
      exported("radix_tree_insert", &radix_tree_insert),
      exported("radix_tree_lookup", &radix_tree_lookup),
      exported("radix_tree_lookup_slot", &radix_tree_lookup_slot),
      exported("radix_tree_delete", &radix_tree_delete),
      exported("radix_tree_delete_item", &radix_tree_delete_item, kernel(3, 15)),
      exported("radix_tree_gang_lookup", &radix_tree_gang_lookup),
      exported("radix_tree_gang_lookup_tag", &radix_tree_gang_lookup_tag),
      exported("radix_tree_tag_set", &radix_tree_tag_set),
      exported("radix_tree_tag_clear", &radix_tree_tag_clear),
      exported("radix_tree_tag_get", &radix_tree_tag_get),
      exported("radix_tree_tagged", &radix_tree_tagged),
      exported("vmsim_radix_next_slot", &radix_next_slot, kernel(3, 4)),
  };
  return table;
}

}  // namespace vmsim::abi
