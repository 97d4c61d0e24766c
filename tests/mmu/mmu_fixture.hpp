// SPDX-License-Identifier: MIT
// A small machine for the mmu tests: 64 MiB of RAM, a bus with one device page, and frames for
// tables that are counted and junk-filled when freed. Counterpart: none. For tests/mmu only.
#pragma once

#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "base/probe.hpp"
#include "mmu/access.hpp"
#include "mmu/page_table.hpp"
#include "phys/bus.hpp"
#include "phys/layout.hpp"
#include "phys/ram.hpp"

namespace vmsim::mmu {

inline constexpr u64 kRamBytes = u64{64} << 20;
inline constexpr u64 kRw = Pte::kPresent | Pte::kWrite | Pte::kUser;
inline constexpr u64 kRo = Pte::kPresent | Pte::kUser;

inline u64 test_seed() {
  const char* text = std::getenv("VMSIM_SEED");
  return text ? std::strtoull(text, nullptr, 0) : 20240611;
}

/// Hands out frames from 1 MiB up; a freed frame must have been handed out.
class CountedFrames final : public TableFrames {
 public:
  explicit CountedFrames(phys::Ram& ram) : ram_(ram) {}

  std::optional<Pfn> alloc_table() override {
    if (live.size() >= limit) return std::nullopt;
    Pfn frame(next_);
    if (free_.empty()) {
      ++next_;
    } else {
      frame = Pfn(free_.back());
      free_.pop_back();
    }
    std::memset(ram_.host(frame), 0, kPageSize);
    live.insert(frame.value);
    return frame;
  }

  void free_table(Pfn frame) override {
    EXPECT_EQ(live.erase(frame.value), 1u) << "frame freed that was not allocated";
    std::memset(ram_.host(frame), 0x6b, kPageSize);
    free_.push_back(frame.value);
  }

  std::set<u64> live;
  u64 limit = ~u64{0};

 private:
  phys::Ram& ram_;
  std::vector<u64> free_;
  u64 next_ = 0x100;
};

inline std::unique_ptr<phys::Ram> make_ram() {
  auto ram = phys::Ram::create({.size_bytes = kRamBytes});
  EXPECT_TRUE(ram.has_value());
  return std::move(*ram);
}

/// Page tables alone.
class TableFixture {
 public:
  explicit TableFixture(FormatKind kind) : ram(make_ram()), frames(*ram) {
    table = make_table(kind);
  }

  ~TableFixture() {
    table.reset();
    EXPECT_TRUE(frames.live.empty()) << "tables leaked";
  }

  std::unique_ptr<PageTable> make_table(FormatKind kind) {
    auto made = PageTable::create(kind, *ram, frames);
    EXPECT_TRUE(made.has_value());
    return std::move(*made);
  }

  std::unique_ptr<phys::Ram> ram;
  CountedFrames frames;
  std::unique_ptr<PageTable> table;
};

/// Remembers accesses; register n reads as the low bytes of 0x1111111111111111 * (n / 8 + 1).
class LogDevice final : public MmioDevice {
 public:
  u64 read(u64 offset, unsigned width) override {
    seen.push_back({'r', offset, width, 0});
    return u64{0x0807060504030201} >> (8 * (offset % 8)) &
           (width == 8 ? ~u64{0} : (u64{1} << 8 * width) - 1);
  }

  void write(u64 offset, unsigned width, u64 value) override {
    seen.push_back({'w', offset, width, value});
  }

  std::string_view name() const override { return "log"; }

  std::vector<std::tuple<char, u64, unsigned, u64>> seen;
};

/// Answers faults with a function; without one, every fault is SEGV_MAPERR.
class TestFaults final : public FaultHandler {
 public:
  FaultReply handle_fault(VirtAddr addr, AccessKind kind) override {
    asked.push_back({addr, kind});
    if (answer) return answer(addr, kind);
    return FaultReply::end({sig::kSigSegv, sig::kSegvMapErr, addr.value});
  }

  std::string handler_name(VirtAddr) override { return "test handler"; }

  std::function<FaultReply(VirtAddr, AccessKind)> answer;
  std::vector<std::pair<VirtAddr, AccessKind>> asked;
};

inline constexpr PhysAddr kDeviceAddr{0xd0000000};

}  // namespace vmsim::mmu
