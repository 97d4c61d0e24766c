// SPDX-License-Identifier: MIT
// Tests of phys::Bus: decoding at every edge, alignment split, holes, hot plug, events, iomem.
#include "phys/bus.hpp"

#include <cerrno>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

namespace vmsim::phys {
namespace {

constexpr u64 kMiB = u64{1} << 20;

/// Remembers every access and answers with the low byte of each offset.
class EchoDevice : public MmioDevice {
 public:
  using Access = std::tuple<char, u64, unsigned, u64>;

  u64 read(u64 offset, unsigned width) override {
    u64 value = 0;
    for (unsigned i = 0; i < width; ++i) value |= ((offset + i) & 0xff) << i * 8;
    seen.push_back({'r', offset, width, value});
    return value;
  }

  void write(u64 offset, unsigned width, u64 value) override {
    seen.push_back({'w', offset, width, value});
  }

  std::string_view name() const override { return "echo"; }

  std::vector<Access> seen;
};

class EventLog : public Observer {
 public:
  void on_event(const Event& event) override {
    if (event.kind == EventKind::kMmioRead || event.kind == EventKind::kMmioWrite)
      lines.push_back(std::string(event.kind == EventKind::kMmioRead ? "r " : "w ") +
                      std::to_string(event.a) + " " + std::to_string(event.b) + " " +
                      std::to_string(event.c) + " " + event.name);
  }

  std::vector<std::string> lines;
};

class BusTest : public ::testing::Test {
 protected:
  void SetUp() override { boot({}); }

  void boot(std::vector<PhysRange> withheld) {
    LayoutConfig config;
    config.ram_bytes = 64 * kMiB;
    config.withheld = std::move(withheld);
    auto regions = default_layout(config);
    ASSERT_TRUE(regions) << regions.error().to_string();
    bus.reset();
    auto made = Ram::create({ram_end(*regions).value, nullptr, 0});
    ASSERT_TRUE(made);
    ram = std::move(*made);
    auto new_bus = Bus::create(*ram, probe, std::move(*regions), 52);
    ASSERT_TRUE(new_bus) << new_bus.error().to_string();
    bus = std::move(*new_bus);
  }

  base::Probe probe;
  std::unique_ptr<Ram> ram;
  std::unique_ptr<Bus> bus;
  EchoDevice echo;
  static constexpr PhysAddr kBar{0xe800'0000};
  static constexpr PhysRange kBarRange{kBar, PhysAddr(0xe800'1000)};
};

TEST_F(BusTest, DecodesEveryEdge) {
  EXPECT_EQ(bus->decode(PhysAddr(0)).kind, RegionKind::kReserved);
  EXPECT_EQ(bus->decode(PhysAddr(0xfff)).kind, RegionKind::kReserved);
  EXPECT_EQ(bus->decode(PhysAddr(0x1000)).kind, RegionKind::kRam);
  EXPECT_EQ(bus->decode(PhysAddr(0x9ffff)).kind, RegionKind::kRam);
  EXPECT_EQ(bus->decode(PhysAddr(0xa0000)).kind, RegionKind::kReserved);
  EXPECT_EQ(bus->decode(PhysAddr(0x100000)).kind, RegionKind::kRam);
  EXPECT_EQ(bus->decode(PhysAddr(64 * kMiB - 1)).kind, RegionKind::kRam);
  EXPECT_EQ(bus->decode(PhysAddr(64 * kMiB)).kind, RegionKind::kHole);
  EXPECT_EQ(bus->decode(PhysAddr(~u64{0})).kind, RegionKind::kHole);
  const Decoded ram_at = bus->decode(PhysAddr(0x100123));
  EXPECT_EQ(ram_at.offset, 0x123u);
  EXPECT_STREQ(ram_at.name, "System RAM");
}

TEST_F(BusTest, HoleReachesToItsNeighbours) {
  ASSERT_TRUE(bus->add_device(kBarRange, echo, "echo"));
  const Decoded below = bus->decode(PhysAddr(0xd000'0000));
  EXPECT_EQ(below.range, (PhysRange{PhysAddr(64 * kMiB), kBar}));
  const Decoded above = bus->decode(kBarRange.end);
  EXPECT_EQ(above.range, (PhysRange{kBarRange.end, PhysAddr(u64{1} << 52)}));
  EXPECT_EQ(above.offset, 0u);
}

TEST_F(BusTest, RamKeepsLittleEndianValuesOfEveryWidthAndAlignment) {
  for (const unsigned width : {1u, 2u, 4u, 8u})
    for (unsigned shift = 0; shift < 9; ++shift) {
      // Across the border of plain RAM and reserved memory as well.
      for (const PhysAddr pa : {PhysAddr(0x200000) + shift, PhysAddr(0xa0000 - 4) + shift}) {
        const u64 value = 0x8877665544332211 >> (64 - width * 8);
        bus->write(pa, width, value);
        EXPECT_EQ(bus->read(pa, width), value);
        EXPECT_EQ(*ram->host(pa), static_cast<std::byte>(value));
        EXPECT_EQ(bus->read(pa + (width - 1), 1), value >> (width - 1) * 8);
      }
    }
  EXPECT_TRUE(probe.findings().empty());
}

TEST_F(BusTest, DeviceSeesNaturallyAlignedPieces) {
  ASSERT_TRUE(bus->add_device(kBarRange, echo, "echo"));
  EXPECT_EQ(bus->read(kBar + 1, 8), 0x0807060504030201u);
  using A = EchoDevice::Access;
  EXPECT_EQ(
      echo.seen,
      (std::vector<A>{
          {'r', 1, 1, 0x01}, {'r', 2, 2, 0x0302}, {'r', 4, 4, 0x07060504}, {'r', 8, 1, 0x08}}));
  echo.seen.clear();
  bus->write(kBar + 6, 4, 0xddccbbaa);
  EXPECT_EQ(echo.seen, (std::vector<A>{{'w', 6, 2, 0xbbaa}, {'w', 8, 2, 0xddcc}}));
  echo.seen.clear();
  bus->write(kBar + 8, 8, 0x1122334455667788);
  EXPECT_EQ(echo.seen, (std::vector<A>{{'w', 8, 8, 0x1122334455667788}}));
}

TEST_F(BusTest, AccessAcrossTheEndOfADeviceFallsIntoTheHole) {
  ASSERT_TRUE(bus->add_device(kBarRange, echo, "echo"));
  EXPECT_EQ(bus->read(kBar + 0xffe, 4), 0xffff'fffeu);
  EXPECT_EQ(echo.seen.size(), 1u);
  EXPECT_EQ(bus->hole_reads(), 1u);
}

TEST_F(BusTest, HoleReadsOnesDropsWritesAndIsReportedOncePerAddress) {
  EXPECT_EQ(bus->read(kBar, 1), 0xffu);
  EXPECT_EQ(bus->read(kBar, 2), 0xffffu);
  EXPECT_EQ(bus->read(kBar, 4), 0xffff'ffffu);
  EXPECT_EQ(bus->read(kBar, 8), ~u64{0});
  bus->write(kBar, 4, 0);
  EXPECT_EQ(bus->read(kBar, 4), 0xffff'ffffu);
  EXPECT_EQ(bus->hole_reads(), 5u);
  EXPECT_EQ(bus->hole_writes(), 1u);
  ASSERT_EQ(probe.findings().size(), 1u);
  EXPECT_EQ(probe.findings()[0].rule, "bus-hole");
  bus->read(kBar + 8, 4);
  EXPECT_EQ(probe.findings().size(), 2u);
}

TEST_F(BusTest, AddressesBeyondTheWidthOfTheBusAreHoles) {
  EXPECT_EQ(bus->read(PhysAddr(u64{1} << 52), 4), 0xffff'ffffu);
  EXPECT_EQ(bus->read(PhysAddr(~u64{0} - 7), 8), ~u64{0});
}

TEST_F(BusTest, RefusesDevicesThatCannotLieThere) {
  EchoDevice other;
  ASSERT_TRUE(bus->add_device(kBarRange, echo, "echo"));
  const auto on_device = bus->add_device({kBar + 0xff8, kBar + 0x1008}, other, "other");
  EXPECT_EQ(on_device.error().errno_value, EBUSY);
  EXPECT_NE(on_device.error().message.find("echo"), std::string::npos);
  EXPECT_EQ(bus->add_device({PhysAddr(0x9f000), PhysAddr(0xb0000)}, other, "o").error().errno_value,
            EBUSY);
  EXPECT_EQ(bus->add_device({kBar, kBar}, other, "o").error().errno_value, EINVAL);
  EXPECT_EQ(bus->add_device({kBar + 4, kBar + 12}, other, "o").error().errno_value, EINVAL);
  const PhysAddr top(u64{1} << 52);
  EXPECT_EQ(bus->add_device({top - 8, top + 8}, other, "o").error().errno_value, ERANGE);
  EXPECT_TRUE(bus->add_device({top - 8, top}, other, "o"));
  EXPECT_TRUE(bus->remove_device(other));
  EXPECT_EQ(bus->remove_device(other).error().errno_value, ENODEV);
}

TEST_F(BusTest, DeviceCoversReservedMemoryWhichShowsAgainWhenItLeaves) {
  const PhysAddr vga(0xa0000);
  bus->write(vga, 4, 0x11223344);
  ASSERT_TRUE(bus->add_device({vga, PhysAddr(0xc0000)}, echo, "Video RAM area"));
  EXPECT_EQ(bus->read(vga, 4), 0x03020100u);
  EXPECT_EQ(bus->decode(PhysAddr(0xc0000)).offset, 0x20000u)
      << "offsets count from the region's start";
  EXPECT_NE(
      bus->iomem_text().find("000a0000-000bffff : Video RAM area\n000c0000-000fffff : Reserved\n"),
      std::string::npos);
  ASSERT_TRUE(bus->remove_device(echo));
  EXPECT_EQ(bus->read(vga, 4), 0x11223344u);
  EXPECT_EQ(bus->decode(vga).range.end, PhysAddr(0x100000)) << "the two halves are one again";
}

TEST_F(BusTest, OneDeviceMayHaveSeveralRanges) {
  ASSERT_TRUE(bus->add_device(kBarRange, echo, "registers"));
  ASSERT_TRUE(bus->add_device({kBar + 0x10000, kBar + 0x20000}, echo, "memory"));
  EXPECT_STREQ(bus->decode(kBar + 0x10004).name, "memory");
  EXPECT_EQ(bus->decode(kBar + 0x10004).offset, 4u);
  ASSERT_TRUE(bus->remove_device(echo));
  EXPECT_EQ(bus->decode(kBar).kind, RegionKind::kHole);
  EXPECT_EQ(bus->decode(kBar + 0x10004).kind, RegionKind::kHole);
}

TEST_F(BusTest, WithheldMemoryStillAnswers) {
  boot({{PhysAddr(48 * kMiB), PhysAddr(64 * kMiB)}});
  const PhysAddr pa(50 * kMiB);
  EXPECT_EQ(bus->decode(pa).kind, RegionKind::kReservedNoPage);
  bus->write(pa, 8, 0x0123456789abcdef);
  EXPECT_EQ(bus->read(pa, 8), 0x0123456789abcdefu);
  EXPECT_TRUE(bus->is_memory({PhysAddr(0), PhysAddr(64 * kMiB)}));
  EXPECT_FALSE(bus->is_memory({PhysAddr(0), PhysAddr(64 * kMiB + 1)}));
}

TEST_F(BusTest, EmitsOneEventPerDeviceAccess) {
  ASSERT_TRUE(bus->add_device(kBarRange, echo, "uart0"));
  EventLog log;
  probe.add(&log);
  bus->read(kBar, 4);
  bus->write(kBar + 2, 4, 0x44332211);
  bus->read(PhysAddr(0x100000), 4);
  probe.remove(&log);
  const std::string at = std::to_string(kBar.value);
  ASSERT_EQ(log.lines.size(), 3u);
  EXPECT_EQ(log.lines[0], "r " + at + " 4 50462976 uart0");
  EXPECT_EQ(log.lines[1], "w " + std::to_string(kBar.value + 2) + " 2 8721 uart0");
}

TEST_F(BusTest, IomemListsRegionsInAddressOrder) {
  EXPECT_EQ(bus->iomem_text(),
            "00000000-00000fff : Reserved\n"
            "00001000-0009ffff : System RAM\n"
            "000a0000-000fffff : Reserved\n"
            "00100000-03ffffff : System RAM\n");
}

TEST_F(BusTest, RefusesABadLayout) {
  std::vector<Region> regions{
      {{PhysAddr(0), PhysAddr(kMiB)}, RegionKind::kRam, "a", nullptr},
      {{PhysAddr(0x8000), PhysAddr(0x9000)}, RegionKind::kRam, "b", nullptr}};
  EXPECT_EQ(Bus::create(*ram, probe, std::move(regions), 32).error().errno_value, EINVAL);
}

}  // namespace
}  // namespace vmsim::phys
