// SPDX-License-Identifier: MIT
// Named registers and data ports behind byte lanes. Counterpart: the bus interface of a peripheral.
// No clock, no DMA. Sees public headers only.
#include <algorithm>
#include <bit>
#include <stdexcept>
#include <utility>

#include "vmsim/device.hpp"

namespace vmsim {
namespace {

u64 ones(unsigned bytes) {
  return bytes >= 8 ? ~u64{0} : (u64{1} << bytes * 8) - 1;
}

/// Moves a value by whole bytes; the distance may be negative or the whole word.
u64 shift_bytes(u64 value, i64 bytes) {
  if (bytes >= 8 || bytes <= -8) return 0;
  return bytes >= 0 ? value << bytes * 8 : value >> -bytes * 8;
}

}  // namespace

// ---- Register ----

Register::Register(std::string name, u64 offset, unsigned width)
    : name_(std::move(name)),
      offset_(offset),
      width_(width),
      all_(ones(width)),
      read_mask_(all_),
      write_mask_(all_) {}

Register& Register::reset(u64 value) {
  reset_ = value & all_;
  value_ = reset_;
  return *this;
}

Register& Register::read_mask(u64 mask) {
  read_mask_ = mask & all_;
  return *this;
}

Register& Register::write_mask(u64 mask) {
  write_mask_ = mask & all_ & ~clear_mask_;
  return *this;
}

Register& Register::write_one_to_clear(u64 mask) {
  clear_mask_ = mask & all_;
  write_mask_ &= ~clear_mask_;
  return *this;
}

Register& Register::exact_width() {
  exact_width_ = true;
  return *this;
}

Register& Register::on_read(std::function<u64(u64)> hook) {
  on_read_ = std::move(hook);
  return *this;
}

Register& Register::on_write(std::function<void(u64)> hook) {
  on_write_ = std::move(hook);
  return *this;
}

u64 Register::read_by_processor() {
  return (on_read_ ? on_read_(value_) : value_) & read_mask_;
}

void Register::write_by_processor(u64 bits, u64 lanes) {
  bits &= lanes;
  const u64 writable = write_mask_ & lanes;
  value_ = (value_ & ~writable) | (bits & writable);
  value_ &= ~(bits & clear_mask_);
  if (on_write_) on_write_(bits);
}

// ---- FifoPort ----

FifoPort::FifoPort(std::string name, u64 offset, unsigned width)
    : name_(std::move(name)), offset_(offset), width_(width), all_(ones(width)) {}

FifoPort& FifoPort::depth(std::size_t elements) {
  if (elements == 0)
    throw std::invalid_argument("data port '" + name_ + "' must hold at least one element");
  depth_ = elements;
  return *this;
}

FifoPort& FifoPort::empty_value(u64 value) {
  empty_value_ = value & all_;
  return *this;
}

FifoPort& FifoPort::when_full(WhenFull rule) {
  when_full_ = rule;
  return *this;
}

FifoPort& FifoPort::loopback() {
  loopback_ = true;
  return *this;
}

FifoPort& FifoPort::on_write(std::function<void(u64)> hook) {
  on_write_ = std::move(hook);
  return *this;
}

FifoPort& FifoPort::on_read(std::function<void(u64)> hook) {
  on_read_ = std::move(hook);
  return *this;
}

bool FifoPort::push_to(std::deque<u64>& queue, u64 element) {
  const bool full = queue.size() >= depth_;
  if (full) {
    ++overruns_;
    if (when_full_ == WhenFull::kDropNew) return false;
    queue.pop_front();
  }
  queue.push_back(element & all_);
  return !full;
}

bool FifoPort::push(u64 element) {
  return push_to(to_processor_, element);
}

bool FifoPort::pop(u64& element) {
  std::deque<u64>& queue = loopback_ ? to_processor_ : from_processor_;
  if (queue.empty()) return false;
  element = queue.front();
  queue.pop_front();
  return true;
}

u64 FifoPort::read_by_processor() {
  u64 element = empty_value_;
  if (to_processor_.empty()) {
    ++underruns_;
  } else {
    element = to_processor_.front();
    to_processor_.pop_front();
  }
  if (on_read_) on_read_(element);
  return element;
}

void FifoPort::write_by_processor(u64 element) {
  push_to(loopback_ ? to_processor_ : from_processor_, element);
  if (on_write_) on_write_(element & all_);
}

// ---- RegisterFile ----

struct RegisterFile::Slot {
  u64 offset = 0;
  unsigned width = 0;
  std::unique_ptr<Register> reg;  // exactly one of the two
  std::unique_ptr<FifoPort> fifo;

  u64 end() const { return offset + width; }

  const std::string& name() const { return reg ? reg->name() : fifo->name(); }
};

RegisterFile::RegisterFile(std::string name, u64 size_bytes)
    : name_(std::move(name)), size_bytes_(size_bytes) {}

RegisterFile::~RegisterFile() = default;

Register& RegisterFile::reg(std::string name, u64 offset, unsigned width_bytes) {
  std::unique_ptr<Register> made(new Register(std::move(name), offset, width_bytes));
  Register& ref = *made;
  declare({offset, width_bytes, std::move(made), nullptr});
  return ref;
}

FifoPort& RegisterFile::fifo(std::string name, u64 offset, unsigned width_bytes) {
  std::unique_ptr<FifoPort> made(new FifoPort(std::move(name), offset, width_bytes));
  FifoPort& ref = *made;
  declare({offset, width_bytes, nullptr, std::move(made)});
  return ref;
}

void RegisterFile::declare(Slot slot) {
  const std::string what = "register '" + slot.name() + "' of device '" + name_ + "' ";
  if (!std::has_single_bit(slot.width) || slot.width > 8)
    throw std::invalid_argument(what + "must be 1, 2, 4 or 8 bytes wide");
  if (slot.offset % slot.width != 0)
    throw std::invalid_argument(what + "must lie at a multiple of its width");
  if (slot.offset > size_bytes_ || size_bytes_ - slot.offset < slot.width)
    throw std::invalid_argument(what + "lies beyond the end of the device");
  for (const Slot& other : slots_) {
    if (other.name() == slot.name()) throw std::invalid_argument(what + "is declared twice");
    if (other.offset < slot.end() && slot.offset < other.end())
      throw std::invalid_argument(what + "overlaps '" + other.name() + "'");
  }
  const auto at = std::find_if(slots_.begin(), slots_.end(),
                               [&](const Slot& other) { return other.offset > slot.offset; });
  slots_.insert(at, std::move(slot));
}

std::size_t RegisterFile::first_slot(u64 offset) const {
  const auto at = std::partition_point(slots_.begin(), slots_.end(),
                                       [offset](const Slot& slot) { return slot.end() <= offset; });
  return static_cast<std::size_t>(at - slots_.begin());
}

RegisterAccess::Outcome RegisterFile::judge(u64 offset, unsigned width) {
  u64 at = offset;
  bool refused = false;
  bool gap = false;
  for (std::size_t i = first_slot(offset); i < slots_.size() && slots_[i].offset < offset + width;
       ++i) {
    const Slot& slot = slots_[i];
    gap = gap || slot.offset > at;
    at = slot.end();
    if (slot.reg && slot.reg->exact_width_ && (slot.offset != offset || slot.width != width))
      refused = true;
  }
  if (refused) {
    ++refused_accesses_;
    return RegisterAccess::Outcome::kRefused;
  }
  if (gap || at < offset + width) {
    ++unknown_accesses_;
    return RegisterAccess::Outcome::kUnknown;
  }
  return RegisterAccess::Outcome::kDone;
}

u64 RegisterFile::read(u64 offset, unsigned width) {
  const auto outcome = judge(offset, width);
  u64 value = ones(width);
  if (outcome != RegisterAccess::Outcome::kRefused) {
    // Each slot replaces its bytes of the all-ones answer.
    //     access   |  0   1   2   3 |
    //     slot        ^-- slot.offset - offset bytes up (or down, if it starts before the access)
    for (std::size_t i = first_slot(offset); i < slots_.size() && slots_[i].offset < offset + width;
         ++i) {
      const Slot& slot = slots_[i];
      const i64 up = static_cast<i64>(slot.offset) - static_cast<i64>(offset);
      if (slot.fifo) {
        // A data port moves whole elements: a narrow read anywhere in it gets the element's low
        // bytes.
        const i64 at = std::max<i64>(up, 0);
        const u64 lanes = shift_bytes(ones(std::min(slot.width, width)), at);
        value = (value & ~lanes) | (shift_bytes(slot.fifo->read_by_processor(), at) & lanes);
      } else {
        const u64 lanes = shift_bytes(ones(slot.width), up);
        value = (value & ~lanes) | (shift_bytes(slot.reg->read_by_processor(), up) & lanes);
      }
    }
  }
  value &= ones(width);
  record({offset, width, value, false, outcome});
  return value;
}

void RegisterFile::write(u64 offset, unsigned width, u64 value) {
  const auto outcome = judge(offset, width);
  value &= ones(width);
  record({offset, width, value, true, outcome});
  if (outcome == RegisterAccess::Outcome::kRefused) return;
  for (std::size_t i = first_slot(offset); i < slots_.size() && slots_[i].offset < offset + width;
       ++i) {
    Slot& slot = slots_[i];
    const i64 down = static_cast<i64>(offset) - static_cast<i64>(slot.offset);
    if (slot.fifo)
      slot.fifo->write_by_processor(shift_bytes(value, std::min<i64>(down, 0)));
    else
      slot.reg->write_by_processor(shift_bytes(value, down),
                                   shift_bytes(ones(width), down) & ones(slot.width));
  }
}

Register& RegisterFile::find(std::string_view reg_name) const {
  for (const Slot& slot : slots_)
    if (slot.reg && slot.reg->name() == reg_name) return *slot.reg;
  throw std::invalid_argument("no register '" + std::string(reg_name) + "' in device '" + name_ +
                              "'");
}

u64 RegisterFile::value(std::string_view reg_name) const {
  return find(reg_name).value_;
}

void RegisterFile::set(std::string_view reg_name, u64 value) {
  Register& reg = find(reg_name);
  reg.value_ = value & reg.all_;
}

FifoPort& RegisterFile::port(std::string_view fifo_name) {
  for (Slot& slot : slots_)
    if (slot.fifo && slot.fifo->name() == fifo_name) return *slot.fifo;
  throw std::invalid_argument("no data port '" + std::string(fifo_name) + "' in device '" + name_ +
                              "'");
}

void RegisterFile::raise_irq() {
  ++irqs_raised_;
  if (irq_ != nullptr) irq_->raise();
}

void RegisterFile::reset() {
  for (Slot& slot : slots_) {
    if (slot.reg) {
      slot.reg->value_ = slot.reg->reset_;
    } else {
      slot.fifo->to_processor_.clear();
      slot.fifo->from_processor_.clear();
    }
  }
}

void RegisterFile::record(RegisterAccess access) {
  if (log_limit_ == 0) return;
  if (log_.size() >= log_limit_) log_.pop_front();
  log_.push_back(access);
}

void RegisterFile::set_log_limit(std::size_t accesses) {
  log_limit_ = accesses;
  while (log_.size() > log_limit_) log_.pop_front();
}

}  // namespace vmsim
