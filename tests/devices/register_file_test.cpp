// SPDX-License-Identifier: MIT
// Tests of RegisterFile: masks, write-one-to-clear, hooks, byte lanes, refused widths, data ports,
// log, interrupts.
#include <stdexcept>

#include <gtest/gtest.h>

#include "vmsim/device.hpp"

namespace vmsim {
namespace {

using Outcome = RegisterAccess::Outcome;

TEST(RegisterFile, ResetValueAndPlainReadWrite) {
  RegisterFile device("dev", 0x100);
  device.reg("A", 0).reset(0x12345678);
  EXPECT_EQ(device.read(0, 4), 0x12345678u);
  device.write(0, 4, 0xdeadbeef);
  EXPECT_EQ(device.value("A"), 0xdeadbeefu);
  device.reset();
  EXPECT_EQ(device.read(0, 4), 0x12345678u);
  EXPECT_EQ(device.name(), "dev");
}

TEST(RegisterFile, MasksLimitTheProcessorNotTheHardware) {
  RegisterFile device("dev", 0x10);
  device.reg("A", 0).reset(0xf0f0).read_mask(0xff).write_mask(0x0f);
  EXPECT_EQ(device.read(0, 4), 0xf0u);
  device.write(0, 4, 0xffff);
  EXPECT_EQ(device.value("A"), 0xf0ffu);
  device.set("A", 0x1'2345'6789);
  EXPECT_EQ(device.value("A"), 0x23456789u);
  device.reg("RO", 4).reset(7).read_only();
  device.write(4, 4, 0);
  EXPECT_EQ(device.read(4, 4), 7u);
  device.reg("WO", 8).write_only();
  device.write(8, 4, 9);
  EXPECT_EQ(device.read(8, 4), 0u);
  EXPECT_EQ(device.value("WO"), 9u);
}

TEST(RegisterFile, WriteOneToClear) {
  RegisterFile device("dev", 0x10);
  device.reg("STATUS", 0).reset(0xff).write_one_to_clear(0x0f).write_mask(0xff);
  device.write(0, 4, 0x05);
  EXPECT_EQ(device.value("STATUS"), 0x0au) << "bits 4..7 are plain, 0 and 2 cleared";
  device.write(0, 4, 0xf0);
  EXPECT_EQ(device.value("STATUS"), 0xfau) << "zeroes clear nothing";
  device.set_bits("STATUS", 0x1);
  device.clear_bits("STATUS", 0x80);
  EXPECT_EQ(device.value("STATUS"), 0x7bu);
}

TEST(RegisterFile, HooksSeeWhatTheProcessorDoes) {
  RegisterFile device("dev", 0x10);
  u64 written = 0;
  u64 stored_at_hook = 0;
  device.reg("START", 0).write_mask(0).on_write([&](u64 bits) { written = bits; });
  device.reg("MODE", 4).on_write([&](u64) { stored_at_hook = device.value("MODE"); });
  device.reg("COUNT", 8).reset(1).on_read([&](u64 stored) {
    device.set("COUNT", stored + 1);
    return stored * 100;
  });
  device.write(0, 4, 0x81);
  EXPECT_EQ(written, 0x81u) << "a command register need not store anything";
  EXPECT_EQ(device.value("START"), 0u);
  device.write(4, 4, 5);
  EXPECT_EQ(stored_at_hook, 5u);
  EXPECT_EQ(device.read(8, 4), 100u);
  EXPECT_EQ(device.read(8, 4), 200u);
}

TEST(RegisterFile, NarrowAccessesReachByteLanes) {
  RegisterFile device("dev", 0x10);
  u64 hook_bits = 0;
  device.reg("A", 0).reset(0x44332211).on_write([&](u64 bits) { hook_bits = bits; });
  EXPECT_EQ(device.read(0, 1), 0x11u);
  EXPECT_EQ(device.read(3, 1), 0x44u);
  EXPECT_EQ(device.read(2, 2), 0x4433u);
  device.write(1, 1, 0xaa);
  EXPECT_EQ(device.value("A"), 0x4433aa11u);
  EXPECT_EQ(hook_bits, 0xaa00u);
  device.write(2, 2, 0xbbcc);
  EXPECT_EQ(device.value("A"), 0xbbccaa11u);
}

TEST(RegisterFile, WideAccessesReachSeveralRegistersOnce) {
  RegisterFile device("dev", 0x20);
  int reads = 0;
  u64 low_hook = 0;
  device.reg("LO", 0)
      .reset(0x11111111)
      .on_read([&](u64 v) { return ++reads, v; })
      .on_write([&](u64 bits) { low_hook = bits; });
  device.reg("HI", 4).reset(0x22222222).on_read([&](u64 v) { return ++reads, v; });
  device.reg("WIDE", 8, 8).reset(0x8877665544332211);
  device.reg("BYTE", 16, 1).reset(0x5a);
  device.reg("HALF", 18, 2).reset(0xc0de);
  EXPECT_EQ(device.read(0, 8), 0x2222222211111111u);
  EXPECT_EQ(reads, 2);
  device.write(0, 8, 0xaaaaaaaabbbbbbbb);
  EXPECT_EQ(device.value("LO"), 0xbbbbbbbbu);
  EXPECT_EQ(low_hook, 0xbbbbbbbbu) << "a hook sees its own register's bits only";
  EXPECT_EQ(device.value("HI"), 0xaaaaaaaau);
  EXPECT_EQ(device.read(12, 4), 0x88776655u);
  device.write(12, 4, 0);
  EXPECT_EQ(device.value("WIDE"), 0x44332211u);
  EXPECT_EQ(device.read(16, 4), 0xc0deff5au) << "the undeclared byte reads as ones";
  EXPECT_EQ(device.unknown_accesses(), 1u);
}

TEST(RegisterFile, UnknownOffsetsReadOnesAndAreCounted) {
  RegisterFile device("dev", 0x100);
  device.reg("A", 0x10);
  EXPECT_EQ(device.read(0, 4), 0xffff'ffffu);
  EXPECT_EQ(device.read(0x20, 1), 0xffu);
  EXPECT_EQ(device.read(0x40, 8), ~u64{0});
  device.write(0x14, 4, 1);
  EXPECT_EQ(device.unknown_accesses(), 4u);
  device.read(0x10, 4);
  EXPECT_EQ(device.unknown_accesses(), 4u);
  EXPECT_EQ(device.log().back().outcome, Outcome::kDone);
  EXPECT_EQ(device.log().front().outcome, Outcome::kUnknown);
}

TEST(RegisterFile, ExactWidthRefusesOthers) {
  RegisterFile device("dev", 0x10);
  int hooks = 0;
  device.reg("A", 0).reset(0x11223344).exact_width().on_write([&](u64) { ++hooks; });
  device.reg("B", 4).reset(5);
  EXPECT_EQ(device.read(0, 2), 0xffffu);
  EXPECT_EQ(device.read(0, 8), ~u64{0});
  device.write(0, 1, 0);
  device.write(0, 8, 0);
  EXPECT_EQ(device.value("A"), 0x11223344u);
  EXPECT_EQ(device.value("B"), 5u) << "the refusal holds for the whole access";
  EXPECT_EQ(hooks, 0);
  EXPECT_EQ(device.refused_accesses(), 4u);
  device.write(0, 4, 1);
  EXPECT_EQ(device.read(0, 4), 1u);
  EXPECT_EQ(hooks, 1);
}

TEST(RegisterFile, FifoPopsOnReadAndPushesOnWrite) {
  RegisterFile device("uart", 0x10);
  FifoPort& data = device.fifo("DATA", 0, 4).depth(2).empty_value(0xee);
  EXPECT_EQ(device.read(0, 4), 0xeeu);
  EXPECT_EQ(data.underruns(), 1u);
  EXPECT_TRUE(data.push(1));
  EXPECT_TRUE(data.push(2));
  EXPECT_FALSE(data.push(3)) << "full: the new element is lost";
  EXPECT_EQ(data.overruns(), 1u);
  EXPECT_EQ(device.read(0, 4), 1u);
  EXPECT_EQ(device.read(0, 1), 2u) << "any width moves one element";
  EXPECT_EQ(data.to_processor(), 0u);

  device.write(0, 4, 0x41);
  device.write(0, 1, 0x42);
  device.write(0, 4, 0x43);
  EXPECT_EQ(data.overruns(), 2u);
  u64 element = 0;
  EXPECT_TRUE(device.port("DATA").pop(element));
  EXPECT_EQ(element, 0x41u);
  EXPECT_TRUE(data.pop(element));
  EXPECT_EQ(element, 0x42u);
  EXPECT_FALSE(data.pop(element));
}

TEST(RegisterFile, FifoDropsOldestWhenAskedAndLoopsBack) {
  RegisterFile device("loop", 0x10);
  std::vector<u64> written;
  std::vector<u64> read;
  device.fifo("DATA", 0, 2)
      .depth(2)
      .when_full(FifoPort::WhenFull::kDropOldest)
      .loopback()
      .on_write([&](u64 e) { written.push_back(e); })
      .on_read([&](u64 e) { read.push_back(e); });
  for (const u64 e : {u64{1}, u64{2}, u64{3}}) device.write(0, 2, e);
  EXPECT_EQ(device.port("DATA").from_processor(), 2u);
  EXPECT_EQ(device.read(0, 2), 2u);
  EXPECT_EQ(device.read(0, 2), 3u);
  EXPECT_EQ(device.read(0, 2), 0u);
  EXPECT_EQ(written, (std::vector<u64>{1, 2, 3}));
  EXPECT_EQ(read, (std::vector<u64>{2, 3, 0}));
  EXPECT_EQ(device.port("DATA").overruns(), 1u);
}

TEST(RegisterFile, FifoBesideARegisterInOneAccess) {
  RegisterFile device("dev", 0x10);
  device.reg("A", 0, 2).reset(0x1111);
  device.fifo("DATA", 2, 2).push(0x2222);
  EXPECT_EQ(device.read(0, 4), 0x22221111u);
  device.write(0, 4, 0x44443333);
  u64 element = 0;
  EXPECT_TRUE(device.port("DATA").pop(element));
  EXPECT_EQ(element, 0x4444u);
  EXPECT_EQ(device.value("A"), 0x3333u);
}

TEST(RegisterFile, ResetEmptiesQueues) {
  RegisterFile device("dev", 0x10);
  device.fifo("DATA", 0).push(1);
  device.write(0, 4, 2);
  device.reset();
  EXPECT_EQ(device.port("DATA").to_processor(), 0u);
  EXPECT_EQ(device.port("DATA").from_processor(), 0u);
}

TEST(RegisterFile, LogKeepsTheNewestAccesses) {
  RegisterFile device("dev", 0x10);
  device.reg("A", 0);
  device.set_log_limit(2);
  device.write(0, 4, 1);
  device.write(0, 2, 0xfff2);
  device.read(0, 1);
  ASSERT_EQ(device.log().size(), 2u);
  EXPECT_EQ(device.log()[0], (RegisterAccess{0, 2, 0xfff2, true, Outcome::kDone}));
  EXPECT_EQ(device.log()[1], (RegisterAccess{0, 1, 0xf2, false, Outcome::kDone}));
  device.set_log_limit(0);
  device.read(0, 4);
  EXPECT_TRUE(device.log().empty());
}

class CountingLine : public IrqLine {
 public:
  void raise() override { ++raised; }

  unsigned number() const override { return 5; }

  int raised = 0;
};

TEST(RegisterFile, RaisesTheConnectedLine) {
  RegisterFile device("dev", 0x10);
  device.raise_irq();
  CountingLine line;
  device.connect(&line);
  device.reg("GO", 0).on_write([&](u64) { device.raise_irq(); });
  device.write(0, 4, 1);
  EXPECT_EQ(line.raised, 1);
  EXPECT_EQ(device.irqs_raised(), 2u);
}

TEST(RegisterFile, BadDeclarationsThrow) {
  RegisterFile device("dev", 0x10);
  device.reg("A", 4);
  EXPECT_THROW(device.reg("A", 8), std::invalid_argument);
  EXPECT_THROW(device.reg("B", 6, 2), std::invalid_argument) << "overlap";
  EXPECT_THROW(device.reg("B", 0, 8), std::invalid_argument) << "overlap";
  EXPECT_THROW(device.reg("B", 2, 4), std::invalid_argument) << "misaligned";
  EXPECT_THROW(device.reg("B", 0, 3), std::invalid_argument) << "width";
  EXPECT_THROW(device.reg("B", 0x10), std::invalid_argument) << "beyond the end";
  EXPECT_THROW(device.fifo("F", 0).depth(0), std::invalid_argument);
  EXPECT_THROW(device.value("nothing"), std::invalid_argument);
  EXPECT_THROW(device.port("A"), std::invalid_argument) << "a register is no data port";
  EXPECT_NO_THROW(device.reg("LAST", 0xc));
}

}  // namespace
}  // namespace vmsim
