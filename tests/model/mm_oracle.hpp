// SPDX-License-Identifier: MIT
// The plainest possible account of address spaces: which pages of a small arena are mapped to what,
// with which rights, and the two bytes that each page holds. The mm is compared with it. For
// tests/model.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/icl/interval_map.hpp>
#include <fmt/format.h>

#include "vmsim/error.hpp"

#include "mm/vm_flags.hpp"

namespace vmsim::mm::model {

/// Pages of the arena; operations stay inside of it.
inline constexpr u64 kArenaPages = 16;
/// Pages of the device that has a fault handler; beyond them it answers SIGBUS.
inline constexpr u64 kDevicePages = 8;
/// The two bytes of a page that are stored and loaded; a copy of a page has to bring both.
inline constexpr u64 kByteOffsets[] = {0x123, 0xf00};
using PageBytes = std::array<u8, 2>;

enum class Kind : u8 { kNothing, kAnon, kSharedAnon, kDevice, kDevicePrivate, kRemap };

struct Op {
  enum What : u8 { kMap, kMapAnywhere, kUnmap, kProtect, kStore, kLoad, kFork, kExit, kZap };

  What what = kMap;
  Kind kind = Kind::kAnon;
  u8 who = 0;
  u8 page = 0;
  u8 pages = 1;
  u8 rights = 3;
  u8 pgoff = 0;
  u8 value = 0;

  /// Of an access: which byte of the page.
  unsigned which() const { return pgoff & 1; }

  u64 byte_offset() const { return kByteOffsets[which()]; }

  std::string text() const {
    static constexpr const char* kWhat[] = {"map",  "map-anywhere", "unmap", "protect", "store",
                                            "load", "fork",         "exit",  "zap"};
    static constexpr const char* kKind[] = {"nothing", "anon",           "shared-anon",
                                            "device",  "device-private", "remap"};
    std::string line = fmt::format("p{} {}", who, kWhat[what]);
    if (what == kMap || what == kMapAnywhere)
      line += fmt::format(" {} pgoff {}", kKind[static_cast<int>(kind)], pgoff);
    if (what == kZap)
      return line +
             fmt::format(" file pages [{},{}){}", pgoff, pgoff + pages, rights ? " cows" : "");
    if (what != kFork && what != kExit) line += fmt::format(" [{},{})", page, page + pages);
    if (what == kMap || what == kMapAnywhere || what == kProtect)
      line += fmt::format(" rights {}", rights);
    if (what == kStore || what == kLoad) line += fmt::format(" byte {}", which());
    if (what == kStore) line += fmt::format(" value {:#x}", value);
    return line;
  }
};

/// What every page of a stretch has in common; page p shows page p + shift of the object.
struct Mapping {
  Kind kind = Kind::kNothing;
  u8 rights = 0;
  bool accounted = false;
  u32 object = 0;  ///< which shared anonymous memory
  i64 shift = 0;

  bool operator==(const Mapping&) const = default;

  Mapping& operator+=(const Mapping& other) { return *this = other; }

  bool is_private() const { return kind == Kind::kAnon || kind == Kind::kDevicePrivate; }

  bool readable() const { return rights != 0; }

  bool writable() const { return (rights & 2) != 0; }

  std::string text() const {
    return fmt::format("{}/{}{}/obj{}/{:+}", static_cast<int>(kind), rights, accounted ? "a" : "",
                       object, shift);
  }
};

using Areas = boost::icl::interval_map<u64, Mapping>;

inline auto pages(u64 start, u64 count) {
  return boost::icl::interval<u64>::right_open(start, start + count);
}

inline std::string text_of(const Areas& areas) {
  std::string text;
  for (const auto& [range, mapping] : areas) {
    text += fmt::format("[{},{}) {}  ", boost::icl::first(range), boost::icl::last(range) + 1,
                        mapping.text());
  }
  return text;
}

struct Outcome {
  int code = 0;                  ///< of a system call: 0 or -errno
  std::optional<u64> page = {};  ///< where kMapAnywhere went
  std::optional<u8> byte = {};   ///< of a load
  UserFault fault = {};          ///< of an access; addr counts from the arena's start

  bool operator==(const Outcome&) const = default;

  std::string text() const {
    std::string line = fmt::format("code {}", code);
    if (page) line += fmt::format(" page {}", *page);
    if (byte) line += fmt::format(" byte {:#x}", *byte);
    if (fault.signo != 0)
      line += fmt::format(" signal {}/{} at {:#x}", fault.signo, fault.code, fault.addr);
    return line;
  }
};

class Oracle {
 public:
  explicit Oracle(bool topdown) : topdown_(topdown) {
    processes_.emplace_back();
    for (u64 i = 0; i < kDevicePages; ++i) device_[i] = device_bytes(i);
    for (u64 i = 0; i < remap_.size(); ++i) remap_[i] = remap_bytes(i);
  }

  /// nullptr: there is no such process, the operation is to be skipped.
  const Areas* areas(u64 who) const { return lives(who) ? &processes_[who].areas : nullptr; }

  std::size_t processes() const { return processes_.size(); }

  bool lives(u64 who) const { return who < processes_.size() && processes_[who].alive; }

  /// Neighbours of private anonymous memory always join as long as nobody has written or forked.
  bool untouched(u64 who) const { return processes_[who].untouched; }

  static PageBytes device_bytes(u64 page) {
    return {static_cast<u8>(0xd0 + page), static_cast<u8>(0xe0 + page)};
  }

  static PageBytes remap_bytes(u64 page) {
    return {static_cast<u8>(0x80 + page), static_cast<u8>(0x10 + page)};
  }

  Outcome apply(const Op& op) {
    Process& process = processes_[op.who];
    switch (op.what) {
      case Op::kMap:
        map(process, op.page, op);
        return {};
      case Op::kMapAnywhere: {
        const std::optional<u64> place = find_gap(process.areas, op.pages);
        if (place && *place + op.pages <= kArenaPages) map(process, *place, op);
        return {0, place};
      }
      case Op::kUnmap:
        unmap(process, op.page, op.pages);
        return {};
      case Op::kProtect:
        return protect(process, op);
      case Op::kStore:
      case Op::kLoad:
        return access(process, op);
      case Op::kFork:
        processes_.push_back(process);
        processes_.back().untouched = false;
        processes_[op.who].untouched = false;
        return {};
      case Op::kExit:
        process.alive = false;
        process.areas.clear();
        process.own.clear();
        return {};
      case Op::kZap:
        if (op.rights != 0) zap(op);
        return {};
    }
    return {};
  }

 private:
  struct Process {
    Areas areas;
    std::map<u64, PageBytes> own;  ///< private copies by page
    bool alive = true;
    bool untouched = true;
  };

  void map(Process& process, u64 page, const Op& op) {
    unmap(process, page, op.pages);
    Mapping mapping{op.kind, op.rights, false, 0, 0};
    mapping.accounted = mapping.is_private() && mapping.writable();
    if (op.kind == Kind::kSharedAnon) {
      mapping.object = static_cast<u32>(shared_.size());
      shared_.emplace_back();
      mapping.shift = -static_cast<i64>(page);
    } else if (op.kind != Kind::kAnon) {
      mapping.shift = static_cast<i64>(op.pgoff) - static_cast<i64>(page);
    }
    process.areas.set({pages(page, op.pages), mapping});
  }

  static void unmap(Process& process, u64 page, u64 count) {
    process.areas.erase(pages(page, count));
    process.own.erase(process.own.lower_bound(page), process.own.lower_bound(page + count));
  }

  static Outcome protect(Process& process, const Op& op) {
    for (u64 page = op.page; page < u64{op.page} + op.pages; ++page) {
      const auto at = process.areas.find(page);
      if (at == process.areas.end()) return {-err::kNoMem};
      Mapping mapping = at->second;
      mapping.rights = op.rights;
      mapping.accounted |= mapping.is_private() && mapping.writable();
      process.areas.set({pages(page, 1), mapping});
    }
    return {};
  }

  Outcome access(Process& process, const Op& op) {
    const bool store = op.what == Op::kStore;
    const u64 addr = (u64{op.page} << kPageShift) + op.byte_offset();
    const auto at = process.areas.find(op.page);
    if (at == process.areas.end()) return {0, {}, {}, {sig::kSigSegv, sig::kSegvMapErr, addr}};
    const Mapping& mapping = at->second;
    if (store ? !mapping.writable() : !mapping.readable()) {
      return {0, {}, {}, {sig::kSigSegv, sig::kSegvAccErr, addr}};
    }
    const u64 index = op.page + static_cast<u64>(mapping.shift);
    const bool device = mapping.kind == Kind::kDevice || mapping.kind == Kind::kDevicePrivate;
    const auto own = process.own.find(op.page);
    if (device && index >= kDevicePages && own == process.own.end()) {
      return {0, {}, {}, {sig::kSigBus, sig::kBusAdrErr, addr}};
    }
    if (store) process.untouched = false;
    PageBytes zeroes{};
    PageBytes* bytes = mapping.kind == Kind::kAnon         ? &zeroes
                       : mapping.kind == Kind::kSharedAnon ? &shared_[mapping.object][index]
                       : device                            ? &device_[index % kDevicePages]
                                                           : &remap_[index];
    if (own != process.own.end()) bytes = &own->second;
    if (!store) return {0, {}, (*bytes)[op.which()]};
    if (mapping.is_private() && own == process.own.end())
      bytes = &process.own.emplace(op.page, *bytes).first->second;
    (*bytes)[op.which()] = op.value;
    return {};
  }

  /// unmap_mapping_range with even_cows: private copies of the device go, too.
  void zap(const Op& op) {
    for (Process& process : processes_) {
      std::erase_if(process.own, [&](const auto& copy) {
        const auto at = process.areas.find(copy.first);
        if (at == process.areas.end() || at->second.kind != Kind::kDevicePrivate) return false;
        const u64 index = copy.first + static_cast<u64>(at->second.shift);
        return index >= op.pgoff && index < u64{op.pgoff} + op.pages;
      });
    }
  }

  /// The highest place in the arena, or the lowest from its start on; nullopt: not in the arena.
  std::optional<u64> find_gap(const Areas& areas, u64 count) const {
    const auto free = [&](u64 page) { return !boost::icl::intersects(areas, pages(page, count)); };
    if (!topdown_) {
      u64 page = 0;
      while (!free(page)) ++page;
      return page;
    }
    for (u64 page = kArenaPages - count + 1; page-- > 0;) {
      if (free(page)) return page;
    }
    return std::nullopt;
  }

  bool topdown_;
  std::vector<Process> processes_;
  std::vector<std::array<PageBytes, kArenaPages>> shared_;
  std::array<PageBytes, kDevicePages> device_{};
  std::array<PageBytes, 64> remap_{};
};

}  // namespace vmsim::mm::model
