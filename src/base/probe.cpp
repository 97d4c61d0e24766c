// SPDX-License-Identifier: MIT
// Delivery of events and findings; see probe.hpp.
#include "base/probe.hpp"

#include <algorithm>

namespace vmsim::base {

void Probe::emit_slow(Event event) {
  if (clock_) {
    event.pid = clock_->current_pid();
    event.time_ns = clock_->now_ns();
  }
  for (Observer* observer : observers_) observer->on_event(event);
}

void Probe::finding(std::string rule, std::string text) {
  Finding record{std::move(rule), std::move(text), 0, 0};
  if (clock_) {
    record.pid = clock_->current_pid();
    record.time_ns = clock_->now_ns();
  }
  if (on()) {
    const std::string line = record.rule + ": " + record.text;
    emit(EventKind::kFinding, 0, 0, 0, 0, line.c_str());
  }
  const std::lock_guard lock(findings_mutex_);
  findings_.push_back(std::move(record));
}

std::vector<Finding> Probe::findings() const {
  const std::lock_guard lock(findings_mutex_);
  return findings_;
}

void Probe::clear_findings() {
  const std::lock_guard lock(findings_mutex_);
  findings_.clear();
}

Probe::~Probe() {
  for (Observer* observer : observers_) std::erase(observer->sources_, this);
}

void Probe::add(Observer* observer) {
  observers_.push_back(observer);
  observer->sources_.push_back(this);
}

void Probe::remove(Observer* observer) {
  std::erase(observers_, observer);
  std::erase(observer->sources_, this);
}

}  // namespace vmsim::base

namespace vmsim {

Observer::~Observer() {
  for (const std::vector<base::Probe*> sources = sources_; base::Probe* source : sources)
    source->remove(this);
}

}  // namespace vmsim
