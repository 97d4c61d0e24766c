// SPDX-License-Identifier: MIT
// The kernel log: what printk writes and dmesg shows. Counterpart: kernel/printk.
// Leaves out: consoles, log levels that filter, and the /dev/kmsg record format.
// Called by abi (printk), by kern for its own messages, and by the machine's views; any thread.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "vmsim/addr.hpp"

#include "base/probe.hpp"

namespace vmsim::kern {

/// The version a kernel calls itself, as KERNEL_VERSION(a, b, c) packs it.
constexpr unsigned kernel_version(unsigned a, unsigned b, unsigned c) {
  return (a << 16) | (b << 8) | (c > 255 ? 255 : c);
}

/// printk's ring of records. A record is one printk, grown by KERN_CONT pieces until its newline.
class Log {
 public:
  enum Level : int { kEmerg, kAlert, kCrit, kErr, kWarning, kNotice, kInfoLevel, kDebug };

  static constexpr int kDefaultLevel = kWarning;

  struct Record {
    int level = kDefaultLevel;
    u64 time_ns = 0;
    std::string text;  ///< without level and final newline
  };

  /// `now_ns` stamps the records, nullptr stamps 0. Before 3.6 a level is written "<6>", since then
  /// as SOH and a digit.
  Log(base::Probe& probe, unsigned version, std::function<u64()> now_ns,
      std::size_t records_max = 8192);

  /// printk: formatted text, with or without level prefix and newline. `level` overrides a missing
  /// prefix (-1: the default).
  void print(std::string_view text, int level = -1);
  /// Ends a record whose newline has not come, so that observers see it.
  void flush();

  std::vector<Record> records() const;
  /// The lines without time stamps; a record with newlines inside gives several.
  std::vector<std::string> lines() const;
  /// As dmesg prints it: "[    1.234567] hello\n" for each line.
  std::string text() const;
  bool contains(std::string_view piece) const;
  void clear();

 private:
  struct Piece;

  void print_piece(const Piece& piece, std::vector<Record>& finished);
  void emit(const std::vector<Record>& finished);

  base::Probe& probe_;
  const unsigned version_;
  const std::function<u64()> now_ns_;
  const std::size_t records_max_;
  mutable std::mutex mutex_;
  std::deque<Record> records_;  // the last one may be open
  bool open_ = false;
};

}  // namespace vmsim::kern
