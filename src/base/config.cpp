// SPDX-License-Identifier: MIT
// Kernel version numbers as text; see config.hpp.
#include "vmsim/config.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace vmsim {

std::string KernelVersion::to_string() const {
  return major < 3 || patch != 0 ? fmt::format("{}.{}.{}", major, minor, patch) : fmt::format("{}.{}", major, minor);
}

Result<KernelVersion> KernelVersion::parse(std::string_view text) {
  std::array<unsigned, 3> parts{};
  std::size_t count = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (count < parts.size()) {
    const auto [next, status] = std::from_chars(at, end, parts[count]);
    if (status != std::errc{}) break;
    ++count;
    at = next;
    if (at == end || *at != '.') break;
    ++at;
  }
  if (count < 2 || at != end) return fail(22, fmt::format("'{}' is no kernel version; write 6.12 or 2.6.10", text));
  return KernelVersion{parts[0], parts[1], parts[2]};
}

}  // namespace vmsim
