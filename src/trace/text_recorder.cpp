// SPDX-License-Identifier: MIT
// Events as readable lines; see trace.hpp. Sees public headers only.
#include <fmt/format.h>

#include <algorithm>

#include "vmsim/trace.hpp"

namespace vmsim {

namespace {

std::string fault_result_text(u64 result) {
  static constexpr struct {
    u64 bit;
    const char* name;
  } kBits[] = {{0x1, "OOM"},    {0x2, "SIGBUS"},  {0x4, "MAJOR"},    {0x10, "HWPOISON"},       {0x40, "SIGSEGV"},
               {0x100, "NOPAGE"}, {0x200, "LOCKED"}, {0x400, "RETRY"}, {0x40000000, "for ever"}, {0x80000000, "oops"}};
  std::string text;
  for (const auto& bit : kBits) {
    if ((result & bit.bit) != 0) text += (text.empty() ? "" : "|") + std::string(bit.name);
  }
  return text.empty() ? "0" : text;
}

std::string details(const Event& e) {
  switch (e.kind) {
    case EventKind::kMmap:
      return fmt::format("[{:#x}, {:#x}) flags {:#x} pgoff {:#x} {}", e.a, e.b, e.c, e.d, e.name);
    case EventKind::kMunmap:
      return fmt::format("[{:#x}, {:#x})", e.a, e.b);
    case EventKind::kMprotect:
      return fmt::format("[{:#x}, {:#x}) flags {:#x}", e.a, e.b, e.c);
    case EventKind::kBrk:
      return fmt::format("{:#x} -> {:#x}", e.a, e.b);
    case EventKind::kFork:
      return fmt::format("child {}", e.a);
    case EventKind::kExit:
      return fmt::format("status {}", static_cast<i64>(e.a));
    case EventKind::kFault:
      return fmt::format("{:#x} {} -> {}", e.a, (e.b & 1) != 0 ? "write" : "read", fault_result_text(e.c));
    case EventKind::kPteSet:
      return fmt::format("{:#x} pfn {:#x} entry {:#x}", e.a, e.b, e.c);
    case EventKind::kPteRange:
      return fmt::format("{:#x} {} pages from pfn {:#x} entry {:#x}", e.a, e.b, e.c, e.d);
    case EventKind::kPteClear:
      return fmt::format("{:#x} {} pages", e.a, e.b);
    case EventKind::kTlbFlush:
      return e.b == ~u64{0} ? fmt::format("all on {} cpus", e.c)
                            : fmt::format("[{:#x}, {:#x}) on {} cpus", e.a, e.b, e.c);
    case EventKind::kVmOp:
      return fmt::format("{} [{:#x}, {:#x}) = {}", e.name, e.a, e.b, static_cast<i64>(e.c));
    case EventKind::kFileOp:
      return fmt::format("{} = {}", e.name, static_cast<i64>(e.a));
    case EventKind::kMmioRead:
      return fmt::format("{} {:#x} width {} = {:#x}", e.name, e.a, e.b, e.c);
    case EventKind::kMmioWrite:
      return fmt::format("{} {:#x} width {} := {:#x}", e.name, e.a, e.b, e.c);
    case EventKind::kIrq:
      return fmt::format("line {} {}", e.a, e.b != 0 ? "handled" : "not handled");
    case EventKind::kPageAlloc:
    case EventKind::kPageFree:
      return fmt::format("pfn {:#x} order {}", e.a, e.b);
    case EventKind::kSched:
      return fmt::format("pid {} {}", e.a, e.name);
    case EventKind::kTimer:
      return fmt::format("at {} ns", e.a);
    case EventKind::kModule:
      return fmt::format("{} {}", e.a != 0 ? "load" : "unload", e.name);
    default:
      return e.name;
  }
}

}  // namespace

TextRecorder::TextRecorder(std::vector<EventKind> kinds) : kinds_(std::move(kinds)) {}

std::string TextRecorder::format(const Event& event) {
  return fmt::format("{:6}.{:06} pid {}: {} {}", event.time_ns / 1'000'000'000, event.time_ns / 1000 % 1'000'000,
                     event.pid, event_kind_name(event.kind), details(event));
}

void TextRecorder::on_event(const Event& event) {
  if (kinds_.empty()) {
    const bool noise = event.kind == EventKind::kSched || event.kind == EventKind::kPageAlloc ||
                       event.kind == EventKind::kPageFree || event.kind == EventKind::kTimer;
    if (noise) return;
  } else if (std::find(kinds_.begin(), kinds_.end(), event.kind) == kinds_.end()) {
    return;
  }
  lines_.push_back(format(event));
}

std::string TextRecorder::text() const {
  std::string all;
  for (const std::string& line : lines_) all += line + "\n";
  return all;
}

std::size_t TextRecorder::count(std::string_view piece) const {
  return static_cast<std::size_t>(std::count_if(lines_.begin(), lines_.end(), [&](const std::string& line) {
    return line.find(piece) != std::string::npos;
  }));
}

}  // namespace vmsim
