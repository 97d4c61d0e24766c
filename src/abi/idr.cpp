// SPDX-License-Identifier: MIT
// linux/idr.h: idr and ida of every era. Counterpart: lib/idr.c. No logic: kern/lib/idr has it.
// Called by drivers through the export table.
#include "kern/lib/idr.hpp"

#include <cerrno>

#include "abi/abi.hpp"

namespace vmsim::abi {

namespace {

using Ulong = unsigned long;

kern::Idrs& idrs() {
  return kernel().containers->idrs;
}

/// Linux may have to allocate a node here, whether or not it does now.
void check_context(vmsim_gfp_t gfp, const char* call) {
  if ((gfp & VMSIM_GFP_BIT_DIRECT_RECLAIM) != 0) scheduler().check_may_sleep(call);
}

int idr_alloc(::idr* idr, void* value, int start, int end, vmsim_gfp_t gfp) {
  touch(idr);
  return core([=] {
    check_context(gfp, "idr_alloc");
    return idrs().alloc(*idr, value, start, end);
  });
}

int idr_alloc_cyclic(::idr* idr, void* value, int start, int end, vmsim_gfp_t gfp) {
  touch(idr);
  return core([=] {
    check_context(gfp, "idr_alloc_cyclic");
    return idrs().alloc_cyclic(*idr, value, start, end);
  });
}

int idr_alloc_u32(::idr* idr, void* value, u32* next, Ulong max, vmsim_gfp_t gfp) {
  touch(idr);
  touch(next);
  return core([=] {
    check_context(gfp, "idr_alloc_u32");
    return idrs().alloc_u32(*idr, value, next, max);
  });
}

int idr_get_new_above(::idr* idr, void* value, int start, int* id) {
  touch(idr);
  touch(id);
  return core([=] { return idrs().new_above(*idr, value, start, id); });
}

int idr_get_new(::idr* idr, void* value, int* id) {
  return idr_get_new_above(idr, value, 0, id);
}

void* idr_find(const ::idr* idr, Ulong id) {
  touch(idr);
  return core([=] { return idrs().find(*const_cast<::idr*>(idr), id); });
}

void* idr_find_int(const ::idr* idr, int id) {
  return idr_find(idr, static_cast<Ulong>(id));
}

void* idr_remove(::idr* idr, Ulong id) {
  touch(idr);
  return core([=] { return idrs().remove(*idr, id); });
}

void idr_remove_int(::idr* idr, int id) {
  idr_remove(idr, static_cast<Ulong>(id));
}

void* idr_replace(::idr* idr, void* value, Ulong id) {
  touch(idr);
  return core([=] { return idrs().replace(*idr, value, id); });
}

void* idr_replace_int(::idr* idr, void* value, int id) {
  return idr_replace(idr, value, static_cast<Ulong>(id));
}

void* idr_next(::idr* idr, Ulong* id) {
  return core([=] { return idrs().next(*idr, id); });
}

void* idr_get_next_ul(::idr* idr, Ulong* id) {
  touch(idr);
  touch(id);
  return idr_next(idr, id);
}

void* idr_get_next(::idr* idr, int* id) {
  touch(idr);
  touch(id);
  Ulong at = *id < 0 ? 0 : static_cast<Ulong>(*id);
  void* const value = idr_next(idr, &at);
  if (value == nullptr || at > static_cast<Ulong>(~0u >> 1)) return nullptr;
  *id = static_cast<int>(at);
  return value;
}

/// Until a call of `function` returns anything but 0, which is then the result.
int idr_for_each(const ::idr* idr, int (*function)(int, void*, void*), void* data) {
  touch(idr);
  auto* const all = const_cast<::idr*>(idr);
  Ulong id = 0;
  for (void* value = idr_next(all, &id); value != nullptr; ++id, value = idr_next(all, &id))
    if (const int result = function(static_cast<int>(id), value, data)) return result;
  return 0;
}

void idr_destroy(::idr* idr) {
  touch(idr);
  core([=] { idrs().destroy(*idr); });
}

// --- numbers alone ---

int ida_alloc_range(::ida* ida, unsigned min, unsigned max, vmsim_gfp_t gfp) {
  touch(ida);
  return core([=] {
    check_context(gfp, "ida_alloc");
    return idrs().ida_alloc(*ida, min, max);
  });
}

void ida_free(::ida* ida, unsigned id) {
  touch(ida);
  core([=] { idrs().ida_free(*ida, id, "ida_free"); });
}

void ida_remove(::ida* ida, int id) {
  touch(ida);
  core([=] { idrs().ida_free(*ida, static_cast<u32>(id), "ida_remove"); });
}

/// `end` is exclusive; 0 is no limit.
int ida_simple_get(::ida* ida, unsigned start, unsigned end, vmsim_gfp_t gfp) {
  return ida_alloc_range(ida, start, end == 0 ? ~0u : end - 1, gfp);
}

int ida_get_new_above(::ida* ida, int start, int* id) {
  touch(ida);
  touch(id);
  return core([=] {
    const int got = idrs().ida_alloc(*ida, static_cast<u32>(start), ~0u);
    if (got >= 0) *id = got;
    return got >= 0 ? 0 : got == -ENOMEM ? -EAGAIN : got;
  });
}

void ida_destroy(::ida* ida) {
  touch(ida);
  core([=] { idrs().ida_destroy(*ida); });
}

int ida_find_first_range(::ida* ida, unsigned min, unsigned max) {
  touch(ida);
  return core([=] { return idrs().ida_first(*ida, min, max); });
}

}  // namespace

std::span<const Export> idr_exports() {
  constexpr unsigned kUlong = kernel(4, 11), kNoPreload = kernel(3, 15), kIda = kernel(2, 6, 23);
  static const Export table[] = {
      exported("idr_alloc", &idr_alloc, kernel(3, 9)),
      exported("idr_alloc_cyclic", &idr_alloc_cyclic, kernel(3, 10)),
      exported("idr_alloc_u32", &idr_alloc_u32, kernel(4, 16)),
      exported("idr_get_new", &idr_get_new, 0, kNoPreload),
      exported("idr_get_new_above", &idr_get_new_above, 0, kNoPreload),
      exported("idr_find", &idr_find, kUlong),
      exported("idr_find", &idr_find_int, 0, kUlong),
      exported("idr_remove", &idr_remove, kUlong),
      exported("idr_remove", &idr_remove_int, 0, kUlong),
      exported("idr_replace", &idr_replace, kUlong),
      exported("idr_replace", &idr_replace_int, kernel(2, 6, 17), kUlong),
      exported("idr_get_next_ul", &idr_get_next_ul, kernel(4, 16)),
      exported("idr_get_next", &idr_get_next, kernel(2, 6, 29)),
      exported("idr_for_each", &idr_for_each, kernel(2, 6, 23)),
      exported("idr_destroy", &idr_destroy),
      exported("ida_alloc_range", &ida_alloc_range, kernel(4, 19)),
      exported("ida_free", &ida_free, kernel(4, 19)),
      exported("ida_simple_get", &ida_simple_get, kernel(3, 1), kernel(4, 19)),
      exported("ida_simple_remove", &ida_free, kernel(3, 1), kernel(4, 19)),
      exported("ida_get_new_above", &ida_get_new_above, kIda, kernel(4, 19)),
      exported("ida_remove", &ida_remove, kIda, kernel(4, 19)),
      exported("ida_destroy", &ida_destroy, kIda),
      exported("ida_find_first_range", &ida_find_first_range, kernel(6, 13)),
  };
  return table;
}

}  // namespace vmsim::abi
