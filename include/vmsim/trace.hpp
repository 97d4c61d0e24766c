// SPDX-License-Identifier: MIT
// A readable recording of what happens in a Machine. Counterpart: trace-cmd's text.
// One thread of control, like every Observer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vmsim/event.hpp"

namespace vmsim {

/// Keeps events as lines: "     0.000001 app/1: fault 0x70000000 read -> NOPAGE".
class TextRecorder final : public Observer {
 public:
  /// `kinds` empty: everything but scheduler and page allocator events, which drown the rest.
  explicit TextRecorder(std::vector<EventKind> kinds = {});

  void on_event(const Event& event) override;

  const std::vector<std::string>& lines() const { return lines_; }
  std::string text() const;
  /// Number of lines that contain `piece`.
  std::size_t count(std::string_view piece) const;
  void clear() { lines_.clear(); }

  /// One event as a line without a newline.
  static std::string format(const Event& event);

 private:
  std::vector<EventKind> kinds_;
  std::vector<std::string> lines_;
};

}  // namespace vmsim
