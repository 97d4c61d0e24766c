// SPDX-License-Identifier: MIT
// printk's line assembly and dmesg's text. Counterpart: kernel/printk/printk.c. See log.hpp for
// what is left out.
#include "kern/log.hpp"

#include <cstdio>
#include <optional>
#include <utility>

namespace vmsim::kern {

namespace {

constexpr char kStartOfHeading = '\001';

struct Prefix {
  int level = -1;
  bool continues = false;
};

void apply(Prefix& prefix, char code) {
  if (code >= '0' && code <= '7') prefix.level = code - '0';
  if (code == 'c') prefix.continues = true;
}

bool is_level_code(char code) {
  return (code >= '0' && code <= '7') || code == 'c' || code == 'd';
}

/// Takes level prefixes off the front of `text`.
Prefix take_prefix(std::string_view& text, bool angle_brackets) {
  Prefix prefix;
  for (;;) {
    if (text.size() >= 2 && text[0] == kStartOfHeading && is_level_code(text[1])) {
      apply(prefix, text[1]);
      text.remove_prefix(2);
    } else if (angle_brackets && text.size() >= 3 && text[0] == '<' && is_level_code(text[1]) &&
               text[2] == '>') {
      apply(prefix, text[1]);
      text.remove_prefix(3);
    } else {
      return prefix;
    }
  }
}

void append_lines(std::vector<std::string>& out, const std::string& text) {
  std::string_view rest = text;
  for (std::size_t newline; (newline = rest.find('\n')) != std::string_view::npos;
       rest.remove_prefix(newline + 1))
    out.emplace_back(rest.substr(0, newline));
  out.emplace_back(rest);
}

}  // namespace

/// A stretch of text that goes into one record.
struct Log::Piece {
  std::string_view text;
  int level;
  bool continues;
  bool ends;  // a newline followed it
};

Log::Log(base::Probe& probe, unsigned version, std::function<u64()> now_ns, std::size_t records_max)
    : probe_(probe),
      version_(version),
      now_ns_(std::move(now_ns)),
      records_max_(records_max == 0 ? 1 : records_max) {}

void Log::print(std::string_view text, int level) {
  const bool old_style = version_ < kernel_version(3, 6, 0);
  std::vector<Record> finished;
  {
    const std::lock_guard lock(mutex_);
    do {
      const Prefix prefix = take_prefix(text, old_style);
      // Old kernels cut at each newline and look for a level again; newer ones keep a printk
      // together.
      const std::size_t newline =
          old_style ? text.find('\n') : text.size() - (text.ends_with('\n') ? 1 : 0);
      const bool ends = newline != std::string_view::npos && newline < text.size();
      const bool continues = prefix.continues || (old_style && prefix.level < 0 && level < 0);
      print_piece(
          Piece{text.substr(0, newline), prefix.level >= 0 ? prefix.level : level, continues, ends},
          finished);
      text.remove_prefix(ends ? newline + 1 : text.size());
    } while (!text.empty());
  }
  emit(finished);
}

void Log::print_piece(const Piece& piece, std::vector<Record>& finished) {
  if (open_ && piece.continues) {
    records_.back().text.append(piece.text);
  } else {
    if (open_) finished.push_back(records_.back());
    open_ = false;
    if (piece.text.empty() && !piece.ends) return;
    if (records_.size() == records_max_) records_.pop_front();
    records_.push_back(Record{piece.level >= 0 ? piece.level : kDefaultLevel,
                              now_ns_ ? now_ns_() : 0, std::string(piece.text)});
  }
  open_ = !piece.ends;
  if (piece.ends) finished.push_back(records_.back());
}

void Log::flush() {
  std::vector<Record> finished;
  {
    const std::lock_guard lock(mutex_);
    if (open_) finished.push_back(records_.back());
    open_ = false;
  }
  emit(finished);
}

void Log::emit(const std::vector<Record>& finished) {
  // Outside of the lock: an observer may read the log.
  for (const Record& record : finished)
    probe_.emit(EventKind::kPrintk, static_cast<u64>(record.level), 0, 0, 0, record.text.c_str());
}

std::vector<Log::Record> Log::records() const {
  const std::lock_guard lock(mutex_);
  return {records_.begin(), records_.end()};
}

std::vector<std::string> Log::lines() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  for (const Record& record : records_) append_lines(out, record.text);
  return out;
}

std::string Log::text() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  std::vector<std::string> parts;
  for (const Record& record : records_) {
    char stamp[48];
    constexpr u64 kNsPerUs = 1000, kNsPerSecond = 1000000000;
    std::snprintf(stamp, sizeof(stamp), "[%5llu.%06llu] ",
                  static_cast<unsigned long long>(record.time_ns / kNsPerSecond),
                  static_cast<unsigned long long>(record.time_ns % kNsPerSecond / kNsPerUs));
    parts.clear();
    append_lines(parts, record.text);
    for (const std::string& part : parts) out.append(stamp).append(part).push_back('\n');
  }
  return out;
}

bool Log::contains(std::string_view piece) const {
  const std::lock_guard lock(mutex_);
  for (const Record& record : records_)
    if (record.text.find(piece) != std::string::npos) return true;
  return false;
}

void Log::clear() {
  const std::lock_guard lock(mutex_);
  records_.clear();
  open_ = false;
}

}  // namespace vmsim::kern
