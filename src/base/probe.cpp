// SPDX-License-Identifier: MIT
// Delivery of events and findings; see probe.hpp.
#include "base/probe.hpp"

#include <algorithm>

namespace vmsim {

std::string Finding::to_string() const {
  std::string line = rule + ": " + text;
  if (!place.empty()) line += " (" + place + ")";
  if (count > 1) line += " [" + std::to_string(count) + " times]";
  return line;
}

}  // namespace vmsim

namespace vmsim::base {

const Places Probe::kNoPlaces;

void Probe::emit_slow(Event event) {
  if (clock_) {
    event.pid = clock_->current_pid();
    event.time_ns = clock_->now_ns();
  }
  for (Observer* observer : observers_) observer->on_event(event);
}

void Probe::finding(std::string rule, std::string text) {
  finding_at(places_->calling(), std::move(rule), std::move(text));
}

void Probe::finding_at(std::string place, std::string rule, std::string text) {
  Finding record{std::move(rule), std::move(text), 0, 0, std::move(place), 1};
  if (clock_) {
    record.pid = clock_->current_pid();
    record.time_ns = clock_->now_ns();
  }
  if (on()) {
    const std::string line = record.to_string();
    emit(EventKind::kFinding, 0, 0, 0, 0, line.c_str());
  }
  const std::lock_guard lock(findings_mutex_);
  const auto [known, fresh] = known_.try_emplace({record.rule, record.text, record.place}, findings_.size());
  if (fresh) {
    findings_.push_back(std::move(record));
  } else {
    ++findings_[known->second].count;
  }
}

std::vector<Finding> Probe::findings() const {
  const std::lock_guard lock(findings_mutex_);
  return findings_;
}

void Probe::clear_findings() {
  const std::lock_guard lock(findings_mutex_);
  findings_.clear();
  known_.clear();
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
