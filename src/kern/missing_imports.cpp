// SPDX-License-Identifier: MIT
// A range of host addresses without rights, a page for each name; see missing_imports.hpp.
#include "kern/missing_imports.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/mman.h>
#include <utility>

#include "base/assert.hpp"

namespace vmsim::kern {

Result<std::unique_ptr<MissingImports>> MissingImports::reserve(std::vector<std::string> names) {
  VMSIM_ASSERT(!names.empty(), "no import is missing");
  void* const at = ::mmap(nullptr, names.size() * kPageSize, PROT_NONE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) return fail(ENOMEM, "no host addresses for a driver's missing imports");
  return std::unique_ptr<MissingImports>(
      new MissingImports(std::move(names), reinterpret_cast<u64>(at)));
}

MissingImports::MissingImports(std::vector<std::string> names, u64 base)
    : names_(std::move(names)), base_(base) {}

MissingImports::~MissingImports() {
  ::munmap(reinterpret_cast<void*>(base_), names_.size() * kPageSize);
}

const void* MissingImports::address_of(std::string_view name) const {
  const auto at = std::find(names_.begin(), names_.end(), name);
  if (at == names_.end()) return nullptr;
  return reinterpret_cast<const void*>(base_ + static_cast<u64>(at - names_.begin()) * kPageSize);
}

std::string_view MissingImports::name_at(u64 address) const {
  const u64 page = (address - base_) / kPageSize;
  return address >= base_ && page < names_.size() ? std::string_view(names_[page])
                                                  : std::string_view();
}

}  // namespace vmsim::kern
