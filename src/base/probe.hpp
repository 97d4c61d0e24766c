// SPDX-License-Identifier: MIT
// The upward door of every room: emit an event, report a finding, ask whether to fail. One Probe per Machine.
// Counterpart: tracepoints, WARN and fault injection. Without observers an emit costs one predictable branch.
// Thread rules: observers are added and removed while no task runs; emit and finding may be called from any task.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "vmsim/event.hpp"

#include "base/places.hpp"

namespace vmsim::base {

/// Decides whether the n-th request at a named site is to fail. Declared here so that `inject` can live above.
class FailOracle {
 public:
  virtual ~FailOracle() = default;
  virtual bool should_fail(const char* site) = 0;
};

class Probe {
 public:
  Probe() = default;
  ~Probe();
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  /// Fills pid and time of events and findings; set once by the scheduler.
  class Clock {
   public:
    virtual ~Clock() = default;
    virtual u64 now_ns() const = 0;
    virtual u32 current_pid() const = 0;
  };

  bool on() const { return !observers_.empty(); }

  void emit(EventKind kind, u64 a = 0, u64 b = 0, u64 c = 0, u64 d = 0, const char* name = "") {
    if (on()) [[unlikely]]
      emit_slow(Event{kind, 0, 0, a, b, c, d, name});
  }

  /// Records a Finding at the driver's innermost call and emits it as an event. `rule` is a short
  /// stable name; docs/findings.md has them all. The same again at the same place is counted.
  void finding(std::string rule, std::string text);
  /// The same about a place that is known: the head of a handler that has returned, an oops.
  void finding_at(std::string place, std::string rule, std::string text);
  std::vector<Finding> findings() const;
  void clear_findings();

  bool should_fail(const char* site) { return fail_oracle_ && fail_oracle_->should_fail(site); }

  void add(Observer* observer);
  void remove(Observer* observer);
  void set_clock(const Clock* clock) { clock_ = clock; }
  void set_fail_oracle(FailOracle* oracle) { fail_oracle_ = oracle; }
  /// nullptr: places are not known. Set once by the kernel.
  void set_places(const Places* places) { places_ = places ? places : &kNoPlaces; }
  const Places& places() const { return *places_; }

 private:
  void emit_slow(Event event);

  std::vector<Observer*> observers_;
  const Clock* clock_ = nullptr;
  FailOracle* fail_oracle_ = nullptr;
  static const Places kNoPlaces;
  const Places* places_ = &kNoPlaces;
  mutable std::mutex findings_mutex_;
  std::vector<Finding> findings_;
  /// Rule, text and place to the index in findings_.
  std::map<std::tuple<std::string, std::string, std::string>, std::size_t> known_;
};

}  // namespace vmsim::base
