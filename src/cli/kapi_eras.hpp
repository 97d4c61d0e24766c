// SPDX-License-Identifier: MIT
// Sets of kernel versions, as #if VMSIM_SINCE(…) makes them: sorted half-open ranges of KERNEL_VERSION codes.
// Counterpart: none. Leaves out everything but and, or, not. Used by the index of the C face.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace vmsim::cli {

inline constexpr unsigned kEver = ~0u;

/// The code of KERNEL_VERSION(a, b, c).
constexpr unsigned kernel_version(unsigned a, unsigned b, unsigned c = 0) {
  return (a << 16) + (b << 8) + (c > 255 ? 255 : c);
}

struct Era {
  unsigned from = 0, until = kEver;
  bool operator==(const Era&) const = default;
};

class Eras {
 public:
  Eras() = default;

  explicit Eras(Era era) {
    if (era.from < era.until) parts_.push_back(era);
  }

  static Eras always() { return Eras(Era{}); }

  bool operator==(const Eras&) const = default;

  const std::vector<Era>& parts() const { return parts_; }

  bool empty() const { return parts_.empty(); }

  bool contains(unsigned version) const {
    return std::ranges::any_of(parts_, [&](Era e) { return e.from <= version && version < e.until; });
  }

  /// Every version of `other` is here too.
  bool covers(const Eras& other) const { return (~*this & other).empty(); }

  Eras operator~() const {
    Eras rest;
    unsigned at = 0;
    for (const Era& era : parts_) {
      if (at < era.from) rest.parts_.push_back({at, era.from});
      at = era.until;
    }
    if (at < kEver) rest.parts_.push_back({at, kEver});
    return rest;
  }

  Eras operator&(const Eras& other) const {
    Eras both;
    for (const Era& a : parts_)
      for (const Era& b : other.parts_) {
        const Era era{std::max(a.from, b.from), std::min(a.until, b.until)};
        if (era.from < era.until) both.parts_.push_back(era);
      }
    return both;
  }

  Eras operator|(const Eras& other) const { return ~(~*this & ~other); }

 private:
  std::vector<Era> parts_;
};

/// "2.6.23", "4.10"; a patch level 0 is left out from 3.0 on and of 2.4.
std::string version_text(unsigned version);

/// "all", "2.6.23 – 4.10", "6.3 –", "– 3.9": the first and the last version.
std::string era_text(Era era);

}  // namespace vmsim::cli
