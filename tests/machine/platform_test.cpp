// SPDX-License-Identifier: MIT
// Platform devices that a user plugs in and drivers that find them: registers, interrupts,
// attributes, the order of probe and release, deferral, binding by hand; a bus of a driver's own.
#include "machine/world.hpp"

namespace vmsim {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr u64 kBase = 0xfec00000;
constexpr unsigned kLine = 9;

/// VALUE is what it measures, LIMIT raises the interrupt when it is passed, STATUS bit 0 says so.
class Meter {
 public:
  Meter() : registers("meter", 0x100) {
    registers.reg("VALUE", 0x0).on_read([this](u64) { return value; });
    registers.reg("LIMIT", 0x4).on_write([this](u64 bits) { limit = bits; });
    registers.reg("STATUS", 0x8)
        .on_read([this](u64) { return u64{passed}; })
        .on_write([this](u64 bits) { passed = passed && (bits & 1) == 0; });
  }

  void measure(u64 now) {
    value = now;
    if (value <= limit) return;
    passed = true;
    registers.raise_irq();
  }

  RegisterFile registers;
  u64 value = 0;
  u64 limit = ~u64{0};
  bool passed = false;
};

PlatformDevice meter_device(Meter& meter, std::string name = "meter", int id = PlatformDevice::kNoId) {
  return {.name = std::move(name),
          .id = id,
          .resources = {PlatformResource::registers(PhysAddr(kBase), 0x100, &meter.registers),
                        PlatformResource::irq(kLine)}};
}

class PlatformTest : public World {
 protected:
  void write_file(const std::string& path, std::string_view text, int expected_errno = 0) {
    Process& app = spawn("echo");
    const auto fd = app.open(path, kWriteOnly);
    if (!fd) {
      EXPECT_EQ(errno_of(fd), expected_errno) << path;
    } else {
      EXPECT_EQ(errno_of(app.write(*fd, text)), expected_errno) << path << ": " << text;
    }
    app.exit();
  }

  bool exists(const std::string& path) { return machine().read_text(path).has_value(); }

  /// The lines of the log that contain `piece`, without time.
  std::vector<std::string> log_lines(const std::string& piece) {
    std::vector<std::string> lines;
    std::string text = machine().dmesg();
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      std::string line = text.substr(at, end - at);
      if (const std::size_t time = line.find("] "); time != std::string::npos) line.erase(0, time + 2);
      if (line.find(piece) != std::string::npos) lines.push_back(line);
      at = end + 1;
    }
    return lines;
  }

  Meter meter_;  // before the machine: it must outlive it
};

struct Era {
  const char* name;
  const char* driver;
  KernelVersion kernel;
};

class PlatformEra : public PlatformTest, public ::testing::WithParamInterface<Era> {};

TEST_P(PlatformEra, RegistersInterruptAndAttributes) {
  boot(config_of(GetParam().kernel));
  insmod(GetParam().driver);
  must(machine().add_platform_device(meter_device(meter_)));
  EXPECT_EQ(log_lines("probe").size(), 1u) << machine().dmesg();
  const std::string folder = "/sys/bus/platform/devices/meter/";
  meter_.value = 42;
  EXPECT_EQ(must(machine().read_text(folder + "value")), "42\n");
  EXPECT_EQ(must(machine().read_text("/sys/devices/platform/meter/value")), "42\n");
  write_file(folder + "limit", "100");
  EXPECT_EQ(meter_.limit, 100u);
  write_file(folder + "limit", "2000", 34 /* ERANGE */);
  write_file(folder + "value", "1", 13 /* EACCES */);
  meter_.measure(101);
  machine().advance_ns(1000);
  EXPECT_EQ(must(machine().read_text(folder + "interrupts")), "1 1\n");
  EXPECT_FALSE(meter_.passed) << "acknowledged";
  EXPECT_THAT(must(machine().read_text("/proc/iomem")), HasSubstr("fec00000-fec000ff : meter"));
  EXPECT_EQ(must(machine().read_text(folder + "modalias")), "platform:meter\n");
  must(machine().remove_platform_device("meter"));
  EXPECT_EQ(log_lines("remove after 1 interrupts").size(), 1u) << machine().dmesg();
  EXPECT_FALSE(exists(folder + "value"));
  EXPECT_FALSE(exists(folder + "modalias"));
  EXPECT_THAT(must(machine().read_text("/proc/iomem")), Not(HasSubstr("meter")));
  EXPECT_EQ(findings_text(), "no findings\n");
}

TEST_P(PlatformEra, EitherMayComeFirst) {
  boot(config_of(GetParam().kernel));
  must(machine().add_platform_device(meter_device(meter_, "fine-meter", 3)));
  EXPECT_THAT(machine().nodes(), Contains("/sys/bus/platform/devices/fine-meter.3"));
  insmod(GetParam().driver);
  EXPECT_THAT(machine().nodes(), Contains("/sys/bus/platform/drivers/plat_meter/fine-meter.3"));
  EXPECT_EQ(must(machine().read_text("/sys/devices/platform/fine-meter.3/interrupts")), "0 2\n")
      << "the second entry of the id table";
  must(rmmod(GetParam().driver));
  EXPECT_THAT(machine().nodes(), Not(Contains("/sys/bus/platform/drivers/plat_meter")));
  EXPECT_EQ(log_lines("remove after 0").size(), 1u);
  insmod(GetParam().driver);
  EXPECT_EQ(log_lines("fine-meter.3: probe").size(), 2u) << machine().dmesg();
  must(machine().remove_platform_device("fine-meter.3"));
}

INSTANTIATE_TEST_SUITE_P(Kernels, PlatformEra,
                         ::testing::Values(Era{"v6_12", "plat_meter612", {6, 12, 0}},
                                           Era{"v5_10", "plat_meter510", {5, 10, 0}},
                                           Era{"v3_10", "plat_meter310", {3, 10, 0}},
                                           Era{"v2_6_32", "plat_meter2632", {2, 6, 32}}),
                         [](const auto& era) { return std::string(era.param.name); });

TEST_F(PlatformTest, ManagedResourcesGoAfterRemoveNewestFirst) {
  insmod("plat_meter612");
  must(machine().add_platform_device(meter_device(meter_)));
  must(machine().remove_platform_device("meter"));
  const std::vector<std::string> expected = {
      "plat_meter meter: probe", "plat_meter meter: remove after 0 interrupts",
      "plat_meter: last released", "plat_meter: first released"};
  auto lines = log_lines("plat_meter");
  std::erase_if(lines, [](const std::string& line) { return line.find("taints") != line.npos; });
  EXPECT_EQ(lines, expected);
}

TEST_F(PlatformTest, WhatAFailedProbeTookIsGivenBack) {
  insmod("plat_meter612");
  PlatformDevice device = meter_device(meter_);
  device.resources.pop_back();  // no interrupt
  must(machine().add_platform_device(device));
  EXPECT_EQ(log_lines("IRQ index 0 not found").size(), 1u) << machine().dmesg();
  EXPECT_EQ(log_lines("first released").size(), 1u);
  EXPECT_FALSE(exists("/sys/devices/platform/meter/value"));
  EXPECT_TRUE(exists("/sys/devices/platform/meter/modalias")) << "the device stays";
  EXPECT_THAT(log_lines("failed with error"), ::testing::IsEmpty()) << "-ENXIO is no news";
  must(machine().remove_platform_device("meter"));
}

TEST_F(PlatformTest, AProbeThatFailsSaysSo) {
  insmod("plat_meter612", "refuse=5");
  must(machine().add_platform_device(meter_device(meter_)));
  EXPECT_EQ(log_lines("failed with error").at(0),
            "plat_meter meter: probe with driver plat_meter failed with error -5");
  must(machine().remove_platform_device("meter"));
}

TEST_F(PlatformTest, ADeferredProbeIsTriedAgainWhenAnotherDeviceIsBound) {
  insmod("plat_meter612", "refuse=517");
  must(machine().add_platform_device(meter_device(meter_)));
  EXPECT_EQ(log_lines("meter: probe").size(), 1u);
  EXPECT_THAT(log_lines("failed with error"), ::testing::IsEmpty());
  write_file("/sys/module/plat_meter612/parameters/refuse", "0");
  EXPECT_FALSE(exists("/sys/devices/platform/meter/value"));
  insmod("plat_board612");  // binds devices of its own
  EXPECT_EQ(log_lines("plat_meter meter: probe").size(), 2u) << machine().dmesg();
  EXPECT_TRUE(exists("/sys/devices/platform/meter/value"));
  must(machine().remove_platform_device("meter"));
}

TEST_F(PlatformTest, BoundAndUnboundByHand) {
  insmod("plat_meter612");
  must(machine().add_platform_device(meter_device(meter_)));
  const std::string driver = "/sys/bus/platform/drivers/plat_meter/";
  write_file(driver + "unbind", "nothing", kENoDev);
  write_file(driver + "bind", "meter", kENoDev);
  write_file(driver + "unbind", "meter\n");
  EXPECT_EQ(log_lines("remove after").size(), 1u);
  EXPECT_FALSE(exists("/sys/devices/platform/meter/value"));
  write_file(driver + "bind", "meter\n");
  EXPECT_TRUE(exists("/sys/devices/platform/meter/driver/meter/value")) << "links both ways";
  must(machine().remove_platform_device("meter"));
  write_file(driver + "bind", "meter", kENoDev);
}

TEST_F(PlatformTest, TakenAddressesAndNamesAreRefused) {
  Meter other;
  boot();
  must(machine().add_platform_device(meter_device(meter_)));
  EXPECT_FALSE(machine().add_platform_device(meter_device(other, "other"))) << "the address";
  PlatformDevice same = {.name = "meter"};
  EXPECT_EQ(errno_of(machine().add_platform_device(same)), kEExist);
  PlatformDevice line = {.name = "line", .resources = {PlatformResource::irq(100000)}};
  EXPECT_EQ(errno_of(machine().add_platform_device(line)), kEInval);
  EXPECT_EQ(errno_of(machine().add_platform_device({})), kEInval);
  EXPECT_EQ(errno_of(machine().remove_platform_device("other")), kENoDev);
  must(machine().remove_platform_device("meter"));
  must(machine().add_platform_device(meter_device(other))) ;
  must(machine().remove_platform_device("meter"));
}

TEST_F(PlatformTest, OldKernelsHaveNoPlatformBus) {
  boot(config_of({2, 4, 20}, Profile::kX86_32));
  EXPECT_EQ(errno_of(machine().add_platform_device({.name = "meter"})), kENoDev);
}

TEST_F(PlatformTest, CompatibleDevicesGetTheirMatchData) {
  insmod("plat_board612");
  must(machine().add_platform_device({.name = "anything", .compatible = "vmsim,board-2"}));
  EXPECT_EQ(log_lines("anything").at(0),
            "board-full anything: data none, registers none, irq -6, match two");
  must(machine().remove_platform_device("anything"));
}

class BoardEra : public PlatformTest, public ::testing::WithParamInterface<Era> {};

TEST_P(BoardEra, DevicesOfADriver) {
  boot(config_of(GetParam().kernel));
  insmod(GetParam().driver);
  const auto nodes = machine().nodes();
  for (const char* name : {"board-simple.7", "board-full.0.auto", "board-full.5", "board-fixed"})
    EXPECT_THAT(nodes, Contains(std::string("/sys/bus/platform/devices/") + name));
  const auto lines = log_lines("data ");
  ASSERT_EQ(lines.size(), 2u) << machine().dmesg();
  EXPECT_EQ(lines[0],
            "board-full board-full.0.auto: data hello, registers named, irq 11, match (null)");
  EXPECT_EQ(lines[1], "board-full board-full.5: data five, registers none, irq -6, match (null)");
  must(rmmod(GetParam().driver));
  EXPECT_EQ(log_lines("static device released").size(), 1u);
  EXPECT_THAT(machine().nodes(), Not(Contains("/sys/bus/platform/devices/board-fixed")));
  EXPECT_EQ(findings_text(), "no findings\n");
}

TEST_P(BoardEra, ABusOfItsOwn) {
  boot(config_of(GetParam().kernel));
  insmod(GetParam().driver);
  EXPECT_EQ(must(machine().read_text("/sys/bus/ownbus/version")), "ownbus 1.0\n");
  EXPECT_EQ(must(machine().read_text("/sys/class/ownclass/count")), "ownclass count: 2 1 2\n");
  const std::string level = "/sys/bus/ownbus/drivers/thing/level";
  EXPECT_EQ(must(machine().read_text(level)), "3\n");
  write_file(level, "12\n");
  write_file(level, "twelve", kEInval);
  EXPECT_EQ(must(machine().read_text(level)), "12\n");
  write_file("/sys/bus/ownbus/drivers/thing/unbind", "thing0");
  EXPECT_EQ(must(machine().read_text("/sys/class/ownclass/count")), "ownclass count: 2 1 1\n");
  EXPECT_THAT(machine().nodes(), Contains("/sys/bus/ownbus/devices/thing1"));
  must(rmmod(GetParam().driver));
  EXPECT_EQ(log_lines("remove by thing").size(), 2u) << machine().dmesg();
  EXPECT_THAT(machine().nodes(), Not(Contains("/sys/bus/ownbus")));
  EXPECT_EQ(findings_text(), "no findings\n");
}

INSTANTIATE_TEST_SUITE_P(Kernels, BoardEra,
                         ::testing::Values(Era{"v6_12", "plat_board612", {6, 12, 0}},
                                           Era{"v5_10", "plat_board510", {5, 10, 0}}),
                         [](const auto& era) { return std::string(era.param.name); });

}  // namespace
}  // namespace vmsim
