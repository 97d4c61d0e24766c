// SPDX-License-Identifier: MIT
// Resource trees; see io_resources.hpp. Children are sorted and do not overlap; `end` is the last
// byte.
#include "kern/io_resources.hpp"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "base/assert.hpp"

namespace vmsim::kern {

namespace {

constexpr unsigned long kTypeMask = 0x1f00;
constexpr unsigned kLevelsShown = 8;
constexpr u64 kLegacyEnd = 0x100000;

bool busy(const ::resource& res) {
  return (res.flags & io_flag::kBusy) != 0;
}

}  // namespace

IoResources::IoResources(const std::vector<phys::Region>& regions, base::Probe& probe,
                         const KernelVersion&)
    : probe_(probe) {
  iomem_.name = "PCI mem";
  iomem_.end = ~0ULL;
  iomem_.flags = io_flag::kMem;
  ioport_.name = "PCI IO";
  ioport_.end = 0xffff;
  ioport_.flags = io_flag::kIo;
  for (const phys::Region& region : regions) {
    if (region.kind == phys::RegionKind::kHole) continue;
    unsigned long flags = io_flag::kMem;
    if (region.kind == phys::RegionKind::kRam) flags |= io_flag::kSystemRam | io_flag::kBusy;
    if (region.kind == phys::RegionKind::kReserved && region.range.start.value < kLegacyEnd)
      flags |= io_flag::kBusy;
    add_hardware(region.range, region.name, flags);
  }
}

IoResources::~IoResources() = default;

::resource* IoResources::make(u64 start, u64 last, std::string name, unsigned long flags) {
  auto own = std::make_unique<::resource>();
  ::resource* const res = own.get();
  Claim& claim = claims_[res];
  claim.own = std::move(own);
  claim.name = std::move(name);
  res->start = start;
  res->end = last;
  res->flags = flags;
  res->name = claim.name.c_str();
  return res;
}

// --- trees ---

/// Puts `res` below `parent` itself. The resource in the way, `parent` where it sticks out, or
/// nullptr.
::resource* IoResources::link(::resource* parent, ::resource* res) {
  if (res->end < res->start || res->start < parent->start || res->end > parent->end) return parent;
  ::resource** at = &parent->child;
  while (*at && (*at)->end < res->start) at = &(*at)->sibling;
  if (*at && (*at)->start <= res->end) return *at;
  res->sibling = *at;
  res->parent = parent;
  *at = res;
  return nullptr;
}

/// Puts `res` as deep as it goes, and around those it contains. The one that it crosses, or
/// nullptr.
::resource* IoResources::link_around(::resource* root, ::resource* res) {
  ::resource* parent = root;
  ::resource* first = nullptr;
  for (;;) {
    first = link(parent, res);
    if (!first) return nullptr;
    if (first == parent || first == res) return first;
    const bool inside = first->start <= res->start && first->end >= res->end;
    const bool same = first->start == res->start && first->end == res->end;
    if (!inside || same) break;
    parent = first;
  }
  ::resource* last = first;
  for (;; last = last->sibling) {
    if (last->start < res->start || last->end > res->end) return last;
    if (!last->sibling || last->sibling->start > res->end) break;
  }
  ::resource** at = &parent->child;
  while (*at != first) at = &(*at)->sibling;
  *at = res;
  res->parent = parent;
  res->sibling = last->sibling;
  res->child = first;
  last->sibling = nullptr;
  for (::resource* child = first; child; child = child->sibling) child->parent = res;
  return nullptr;
}

bool IoResources::unlink(::resource* res, Children children) {
  if (!res->parent) return false;
  ::resource** at = &res->parent->child;
  while (*at && *at != res) at = &(*at)->sibling;
  if (!*at) return false;
  if (children == Children::kMoveUp && res->child) {
    ::resource* last = res->child;
    for (;; last = last->sibling) {
      last->parent = res->parent;
      if (!last->sibling) break;
    }
    last->sibling = res->sibling;
    *at = res->child;
    res->child = nullptr;
  } else {
    *at = res->sibling;
  }
  res->parent = res->sibling = nullptr;
  return true;
}

/// Claims of what hangs below a resource that goes with its children.
void IoResources::forget_below(const ::resource* res) {
  for (const ::resource* child = res->child; child;) {
    const ::resource* const next = child->sibling;
    forget_below(child);
    claims_.erase(child);
    child = next;
  }
}

// --- hardware ---

void IoResources::add_hardware(PhysRange range, const std::string& name, unsigned long flags) {
  ::resource* const res = make(range.start.value, range.end.value - 1, name, flags);
  claims_[res].hardware = true;
  if (link_around(&iomem_, res)) claims_.erase(res);
}

void IoResources::add_device(PhysRange range, const std::string& name) {
  add_hardware(range, name, io_flag::kMem);
}

::resource* IoResources::device_at(u64 start, u64 last) {
  ::resource* found = &iomem_;
  for (const auto& [res, claim] : claims_) {
    if (!claim.hardware || busy(*res) || res->start > start || res->end < last) continue;
    if (res->end - res->start < found->end - found->start)
      found = const_cast<::resource*>(res);
  }
  return found;
}

void IoResources::remove_device(PhysRange range) {
  for (auto it = claims_.begin(); it != claims_.end(); ++it) {
    const ::resource* const res = it->first;
    if (!it->second.hardware || res->start != range.start.value || res->end != range.end.value - 1)
      continue;
    if (busy(*res)) continue;
    unlink(const_cast<::resource*>(res), Children::kMoveUp);
    claims_.erase(it);
    return;
  }
}

// --- what drivers ask for ---

Result<void> IoResources::request_resource(::resource* root, ::resource* res) {
  if (claims_.contains(res)) return fail(EBUSY, "the resource is requested already");
  return claim(*res, link(root, res));
}

Result<void> IoResources::insert_resource(::resource* root, ::resource* res) {
  if (claims_.contains(res)) return fail(EBUSY, "the resource is requested already");
  return claim(*res, link_around(root, res));
}

/// `conflict`: what kept the resource from being linked, or nullptr.
Result<void> IoResources::claim(const ::resource& res, const ::resource* conflict) {
  if (conflict)
    return fail(EBUSY, fmt::format("{:#x}-{:#x} is in the way", conflict->start, conflict->end));
  Claim& claim = claims_[&res];
  claim.name = driver_text(res.name);
  claim.name_pointer = res.name;
  return {};
}

Result<void> IoResources::release_resource(::resource* res) {
  const auto claim = claims_.find(res);
  if (claim == claims_.end() || !unlink(res, Children::kGoToo)) {
    probe_.finding("resource-not-requested",
                   "release_resource() of a resource that is not in a tree");
    return fail(EINVAL, "the resource is not requested");
  }
  forget_below(res);
  claims_.erase(claim);
  return {};
}

::resource* IoResources::request_region(::resource* root, u64 start, u64 bytes, const char* name) {
  if (probe_.should_fail("request_region")) return nullptr;
  ::resource* const res = make(start, start + bytes - 1, driver_text(name), io_flag::kBusy);
  Claim& claim = claims_[res];
  claim.is_region = true;
  claim.name_pointer = name;
  for (::resource* parent = root;;) {
    res->flags = io_flag::kBusy | (parent->flags & kTypeMask);
    ::resource* const conflict = link(parent, res);
    if (!conflict) return res;
    if (conflict == parent || busy(*conflict)) break;
    parent = conflict;  // a range that nobody uses: go into it
  }
  claims_.erase(res);
  return nullptr;
}

void IoResources::release_region(::resource* root, u64 start, u64 bytes) {
  const u64 last = start + bytes - 1;
  for (::resource* res = root->child; res;) {
    if (res->start > start || res->end < last) {
      res = res->sibling;
    } else if (!busy(*res)) {
      res = res->child;
    } else {
      if (res->start != start || res->end != last || !claims_[res].is_region) break;
      unlink(res, Children::kGoToo);
      forget_below(res);
      claims_.erase(res);
      return;
    }
  }
  probe_.finding("release-region-not-requested",
                 fmt::format("Trying to free nonexistent resource <{:016x}-{:016x}>", start, last));
}

Result<void> IoResources::check_region(::resource* root, u64 start, u64 bytes) {
  ::resource* const res = request_region(root, start, bytes, "check-region");
  if (!res) return fail(EBUSY);
  unlink(res, Children::kGoToo);
  claims_.erase(res);
  return {};
}

// --- reports ---

void IoResources::append(std::string& text, const ::resource* res, unsigned depth,
                         int digits) const {
  for (; res; res = res->sibling) {
    const auto claim = claims_.find(res);
    const std::string name =
        claim == claims_.end() || claim->second.name.empty() ? "<BAD>" : claim->second.name;
    text += fmt::format("{:{}}{:0{}x}-{:0{}x} : {}\n", "", 2 * depth, res->start, digits, res->end,
                        digits, name);
    if (depth + 1 < kLevelsShown) append(text, res->child, depth + 1, digits);
  }
}

std::string IoResources::text(const ::resource* root) const {
  std::string text;
  append(text, root->child, 0, root->end < 0x10000 ? 4 : 8);
  return text;
}

std::size_t IoResources::regions() const {
  std::size_t count = 0;
  for (const auto& [res, claim] : claims_) count += claim.is_region ? 1 : 0;
  return count;
}

void IoResources::module_gone(const GoneModule& gone) {
  std::vector<std::pair<u64, ::resource*>> mine;
  for (const auto& [res, claim] : claims_) {
    if (claim.hardware || (!gone.owns(res) && !gone.owns(claim.name_pointer))) continue;
    mine.emplace_back(res->start, const_cast<::resource*>(res));
  }
  std::sort(mine.begin(), mine.end());
  for (const auto& [start, res] : mine) {
    const auto claim = claims_.find(res);
    if (claim == claims_.end()) continue;
    probe_.finding("region-left-requested",
                   fmt::format("{} was unloaded without releasing {:#x}-{:#x} ('{}')", gone.name,
                               res->start, res->end, claim->second.name));
    unlink(res, Children::kMoveUp);
    claims_.erase(claim);
  }
}

void IoResources::memory_freed(const void* start, u64 bytes) {
  std::vector<::resource*> inside;
  for (const auto& [res, claim] : claims_) {
    if (!claim.own && reinterpret_cast<u64>(res) - reinterpret_cast<u64>(start) < bytes) {
      inside.push_back(const_cast<::resource*>(res));
    }
  }
  for (::resource* res : inside) {
    probe_.finding(
        "resource-freed-requested",
        fmt::format("memory that holds the resource {:#x}-{:#x} is freed before release_resource()",
                    res->start, res->end));
    unlink(res, Children::kMoveUp);
    claims_.erase(res);
  }
}

}  // namespace vmsim::kern
