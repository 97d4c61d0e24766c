// SPDX-License-Identifier: MIT
// The hardware side: what a simulated device implements, and a helper for devices made of named
// registers. Counterpart: the register description of a data sheet. A device is called on the task
// that made the access, one access at a time; it must not call back into a Process.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vmsim/addr.hpp"

namespace vmsim {

/// An interrupt line. `raise` marks it pending; handlers run after the program's access that made
/// the device raise it, or when the kernel is next left. Any thread.
class IrqLine {
 public:
  virtual ~IrqLine() = default;
  virtual void raise() = 0;
  virtual unsigned number() const = 0;
};

/// A device behind a range of physical addresses. Offsets are bytes from the start of the range;
/// widths 1, 2, 4, 8; an access never crosses its natural alignment.
class MmioDevice {
 public:
  virtual ~MmioDevice() = default;
  virtual u64 read(u64 offset, unsigned width) = 0;
  virtual void write(u64 offset, unsigned width, u64 value) = 0;
  virtual std::string_view name() const = 0;

  /// The machine connects the line before the first access, if the device was added with one.
  virtual void connect(IrqLine* line) { irq_ = line; }

 protected:
  IrqLine* irq_ = nullptr;
};

/// What RegisterFile remembers of one access by the processor.
struct RegisterAccess {
  enum class Outcome : u8 {
    kDone,
    kUnknown,  ///< no register under some byte of it
    kRefused,  ///< a register there demands its exact width
  };

  u64 offset = 0;
  unsigned width = 0;
  u64 value = 0;  ///< read: what the processor got; write: what it sent
  bool is_write = false;
  Outcome outcome = Outcome::kDone;

  bool operator==(const RegisterAccess&) const = default;
};

/// One named register of a RegisterFile: a builder whose calls return the register itself.
///
///     RegisterFile timer("timer", 0x100);
///     timer.reg("CTRL", 0x00).write_mask(0x3).on_write([&](u64 bits) { start(bits); });
///     timer.reg("STATUS", 0x04).reset(0x1).write_one_to_clear(0xf);
///     timer.reg("ID", 0x08).reset(0xcafe).read_only();
class Register {
 public:
  /// Value after power on and RegisterFile::reset(); takes effect at once. Default 0.
  Register& reset(u64 value);
  /// Bits that the processor sees; the others read as 0. Default all.
  Register& read_mask(u64 mask);
  /// Bits that the processor can set and clear; writes leave the others alone. Default all.
  Register& write_mask(u64 mask);

  Register& read_only() { return write_mask(0); }

  Register& write_only() { return read_mask(0); }

  /// Bits that the hardware sets and the processor clears by writing 1 to them. They leave the
  /// write mask.
  Register& write_one_to_clear(u64 mask);
  /// Refuses accesses narrower or wider than the register: reads give all ones, writes nothing.
  Register& exact_width();
  /// Called instead of reading the stored value; gets that value, returns what the processor sees
  /// (before the mask).
  Register& on_read(std::function<u64(u64 stored)> hook);
  /// Called after the stored value has changed; gets the bits that the processor sent, 0 in bytes
  /// it did not write.
  Register& on_write(std::function<void(u64 written)> hook);

  const std::string& name() const { return name_; }

  u64 offset() const { return offset_; }

  unsigned width() const { return width_; }

 private:
  friend class RegisterFile;
  Register(std::string name, u64 offset, unsigned width);
  u64 read_by_processor();
  void write_by_processor(u64 bits, u64 lanes);

  std::string name_;
  u64 offset_;
  unsigned width_;
  u64 all_;  // every bit of the register
  u64 value_ = 0;
  u64 reset_ = 0;
  u64 read_mask_;
  u64 write_mask_;
  u64 clear_mask_ = 0;
  bool exact_width_ = false;
  std::function<u64(u64)> on_read_;
  std::function<void(u64)> on_write_;
};

/// A data port with a queue on each side: the processor's read pops what the hardware pushed, its
/// write pushes for the hardware to pop. Accesses of any width at its offset move one element.
class FifoPort {
 public:
  enum class WhenFull : u8 { kDropNew, kDropOldest };

  /// Elements each queue holds. Default 16.
  FifoPort& depth(std::size_t elements);
  /// What the processor reads from an empty port. Default 0.
  FifoPort& empty_value(u64 value);
  /// What happens to an element pushed (from either side) into a full queue. Default kDropNew.
  FifoPort& when_full(WhenFull rule);
  /// One queue instead of two: the processor reads what it wrote.
  FifoPort& loopback();
  /// Called after the processor has written, with the element (even when it was dropped).
  FifoPort& on_write(std::function<void(u64 element)> hook);
  /// Called after the processor has read, with the element it got.
  FifoPort& on_read(std::function<void(u64 element)> hook);

  /// Hardware side: an element for the processor to read. False: full, see when_full().
  bool push(u64 element);
  /// Hardware side: the oldest element that the processor wrote. False: there is none.
  bool pop(u64& element);

  std::size_t to_processor() const { return to_processor_.size(); }

  std::size_t from_processor() const {
    return loopback_ ? to_processor_.size() : from_processor_.size();
  }

  /// Elements lost because a queue was full.
  u64 overruns() const { return overruns_; }

  /// Reads by the processor while the port was empty.
  u64 underruns() const { return underruns_; }

  const std::string& name() const { return name_; }

  u64 offset() const { return offset_; }

  unsigned width() const { return width_; }

 private:
  friend class RegisterFile;
  FifoPort(std::string name, u64 offset, unsigned width);
  bool push_to(std::deque<u64>& queue, u64 element);
  u64 read_by_processor();
  void write_by_processor(u64 element);

  std::string name_;
  u64 offset_;
  unsigned width_;
  u64 all_;
  std::size_t depth_ = 16;
  u64 empty_value_ = 0;
  WhenFull when_full_ = WhenFull::kDropNew;
  bool loopback_ = false;
  std::deque<u64> to_processor_;
  std::deque<u64> from_processor_;
  u64 overruns_ = 0;
  u64 underruns_ = 0;
  std::function<void(u64)> on_write_;
  std::function<void(u64)> on_read_;
};

/// A device made of named registers and data ports. Bytes are little endian: a narrow access
/// reaches the bytes of a wider register, a wide one reaches several registers, lowest first, each
/// once. Where nothing is declared, reads give all ones and writes are dropped; both are counted.
/// Declaring overlapping or misaligned registers, and naming one that does not exist, is a mistake
/// of the host program and throws std::invalid_argument. Thread safety: as MmioDevice. Hooks may
/// use the hardware side (value, set, push, raise_irq) of the same device.
class RegisterFile : public MmioDevice {
 public:
  /// `size_bytes` bounds the offsets that may be declared.
  RegisterFile(std::string name, u64 size_bytes);
  ~RegisterFile() override;
  RegisterFile(const RegisterFile&) = delete;
  RegisterFile& operator=(const RegisterFile&) = delete;

  /// Declares a register of 1, 2, 4 or 8 bytes at a multiple of its width. The reference lives as
  /// long as the device.
  Register& reg(std::string name, u64 offset, unsigned width_bytes = 4);
  /// Declares a data port likewise.
  FifoPort& fifo(std::string name, u64 offset, unsigned width_bytes = 4);

  // The processor's side.
  u64 read(u64 offset, unsigned width) override;
  void write(u64 offset, unsigned width, u64 value) override;

  std::string_view name() const override { return name_; }

  u64 size_bytes() const { return size_bytes_; }

  // The hardware's side: no masks, no hooks, no log.
  /// The stored value.
  u64 value(std::string_view reg_name) const;
  /// Sets the stored value, cut to the register's width.
  void set(std::string_view reg_name, u64 value);

  /// Sets and clears bits of the stored value.
  void set_bits(std::string_view reg_name, u64 bits) { set(reg_name, value(reg_name) | bits); }

  void clear_bits(std::string_view reg_name, u64 bits) { set(reg_name, value(reg_name) & ~bits); }

  FifoPort& port(std::string_view fifo_name);
  /// Raises the connected line; counted even when none is connected.
  void raise_irq();

  u64 irqs_raised() const { return irqs_raised_; }

  /// Power on: reset values, empty queues. Log and counters stay.
  void reset();

  // For tests.
  /// The newest accesses, oldest first; log_limit() of them at most.
  const std::deque<RegisterAccess>& log() const { return log_; }

  void clear_log() { log_.clear(); }

  /// Default 1024; 0 turns the log off.
  void set_log_limit(std::size_t accesses);

  std::size_t log_limit() const { return log_limit_; }

  u64 unknown_accesses() const { return unknown_accesses_; }

  u64 refused_accesses() const { return refused_accesses_; }

 private:
  struct Slot;  // a register or a data port, and where it lies

  void declare(Slot slot);
  std::size_t first_slot(u64 offset) const;
  RegisterAccess::Outcome judge(u64 offset, unsigned width);
  Register& find(std::string_view reg_name) const;
  void record(RegisterAccess access);

  std::string name_;
  u64 size_bytes_;
  std::vector<Slot> slots_;  // ascending by offset
  std::deque<RegisterAccess> log_;
  std::size_t log_limit_ = 1024;
  u64 unknown_accesses_ = 0;
  u64 refused_accesses_ = 0;
  u64 irqs_raised_ = 0;
};

}  // namespace vmsim
