// SPDX-License-Identifier: MIT
// Machines: every profile and kernel, sizes from 1 MiB to 1 TiB, contradictions, two at once, and
// the end of one that is in the middle of something.
#include <sys/resource.h>

#include "drivers/misc_basic.h"
#include "machine/world.hpp"

namespace vmsim {
namespace {

using ::testing::HasSubstr;

class MachineTest : public World {
 protected:
  /// Maps memory, counts in it, forks, and ends: what any machine can do.
  void live_a_little(Machine& machine) {
    Process& app = *must(machine.spawn("app", ProgramLayout::kTypical));
    const VirtAddr at = map_anonymous(app, 4);
    EXPECT_EQ(*app.fetch_add(at, u32{5}), 0u);
    Process& child = *must(app.fork());
    EXPECT_EQ(*child.fetch_add(at, u32{1}), 5u);
    EXPECT_EQ(*app.load<u32>(at), 5u);
    EXPECT_EQ(*child.load<u32>(at), 6u);
    EXPECT_EQ(app.validate(), "");
    EXPECT_EQ(child.validate(), "");
    child.exit();
    app.exit();
  }

  /// The error of a configuration that cannot be.
  static std::string refusal(const MachineConfig& config) {
    const auto made = Machine::create(config);
    return made ? "a machine" : made.error().to_string();
  }
};

TEST_F(MachineTest, EveryKernelOnEveryProfile) {
  for (const Profile profile : {Profile::kX86_64, Profile::kX86_32}) {
    for (const KernelVersion kernel : {KernelVersion{6, 12, 0}, {6, 1, 0}, {2, 6, 10}}) {
      SCOPED_TRACE(kernel.to_string() + (profile == Profile::kX86_64 ? " x86-64" : " x86-32"));
      boot(config_of(kernel, profile));
      EXPECT_EQ(machine().config().kernel, kernel);
      live_a_little(machine());
      switch_off();
    }
  }
}

TEST_F(MachineTest, FromOneMebibyteToOneTebibyte) {
  for (const u64 mib : {1, 2, 16, 897, 4096, 65536, 1 << 20}) {
    SCOPED_TRACE(std::to_string(mib) + " MiB");
    MachineConfig config;
    config.ram_bytes = mib << 20;
    boot(config);
    EXPECT_LE(machine().free_pages(), config.ram_bytes / kPageSize);
    EXPECT_GT(machine().free_pages(), config.ram_bytes / kPageSize / 8);
    live_a_little(machine());
    switch_off();
  }
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_F(MachineTest, FewHostAddressesAreEnough) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
  const rlimit few{rlim_t{24} << 30, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_AS, &few), 0);
  auto made = Machine::create();
  EXPECT_EQ(setrlimit(RLIMIT_AS, &before), 0);
  EXPECT_TRUE(made) << made.error().to_string();
}
#endif

TEST_F(MachineTest, X86_32HasHighMemoryAbove896MiB) {
  for (const u64 mib : {1, 64, 896, 2048, 3072}) {
    SCOPED_TRACE(std::to_string(mib) + " MiB");
    MachineConfig config = config_of({6, 12, 0}, Profile::kX86_32);
    config.ram_bytes = mib << 20;
    boot(config);
    live_a_little(machine());
    const std::string zones = must(machine().read_text("/proc/buddyinfo"));
    EXPECT_EQ(zones.find("HighMem") != std::string::npos, mib > 896) << zones;
    switch_off();
  }
}

TEST_F(MachineTest, ContradictionsNameTheRule) {
  MachineConfig config;
  config.ram_bytes = 0;
  EXPECT_EQ(refusal(config), "EINVAL: a machine without RAM");
  config.ram_bytes = (u64{1} << 20) - kPageSize;
  EXPECT_THAT(refusal(config), HasSubstr("EINVAL: a PC has at least 1 MiB"));
  config.ram_bytes = (u64{2} << 20) + 1;
  EXPECT_THAT(refusal(config), HasSubstr("not a whole number of pages"));
  config.ram_bytes = (u64{1} << 40) + kPageSize;
  EXPECT_THAT(refusal(config), HasSubstr("more than 1 TiB"));
  config = {};
  config.cpus = 2;
  EXPECT_THAT(refusal(config), HasSubstr("ENOSYS: a machine has one CPU"));
  config.cpus = 0;
  EXPECT_NE(refusal(config), "a machine");
  config = {};
  config.kernel = {7, 0, 0};
  EXPECT_THAT(refusal(config), HasSubstr("kernel 7.0"));
  config.kernel = {2, 2, 26};
  EXPECT_THAT(refusal(config), HasSubstr("outside of 2.4 to 6.17"));
  config = config_of({6, 12, 0}, Profile::kX86_32);
  config.ram_bytes = u64{8} << 30;
  EXPECT_THAT(refusal(config), HasSubstr("x86-32 (no PAE)"));
}

TEST_F(MachineTest, ReservationsMustBeRamAndApart) {
  MachineConfig config = small_config();
  config.reserved = {{PhysAddr(0x1000000), kPageSize}, {PhysAddr(0x1000000), 2 * kPageSize}};
  EXPECT_THAT(refusal(config), HasSubstr("overlap"));
  config.reserved = {{PhysAddr(0x1000000), 100}};
  EXPECT_THAT(refusal(config), HasSubstr("whole pages"));
  config.reserved = {{PhysAddr(0x1000000), 0}};
  EXPECT_THAT(refusal(config), HasSubstr("whole pages"));
  config.reserved = {{PhysAddr(u64{63} << 20), u64{2} << 20}};
  EXPECT_THAT(refusal(config), HasSubstr("is not all RAM"));
  config.reserved = {{PhysAddr(~u64{0} & kPageMask), kPageSize}};
  EXPECT_NE(refusal(config), "a machine");
}

TEST_F(MachineTest, ReservedMemoryIsNotTheAllocators) {
  MachineConfig config = small_config();
  config.reserved = {{PhysAddr(0x1000000), 16 * kPageSize, true},
                     {PhysAddr(0x2000000), 16 * kPageSize, false}};
  boot(config);
  const PageView with = machine().page(Pfn(0x1000)), without = machine().page(Pfn(0x2000));
  EXPECT_TRUE(with.valid && with.reserved);
  EXPECT_TRUE(!without.valid || without.reserved);
  EXPECT_EQ(must(machine().ram(PhysAddr(0x1000000), 16)).size(), 16u);
  EXPECT_EQ(errno_of(machine().ram(PhysAddr(u64{1} << 40), 16)), kEFault);
  EXPECT_EQ(errno_of(machine().ram(PhysAddr(~u64{0} - 4), 16)), kEFault);
}

TEST_F(MachineTest, TwoAtOnceHavePrivateCopiesOfADriver) {
  insmod("remap_all", "pages=2");
  auto other = must(Machine::create(small_config()));
  must(other->load_driver(driver_file("remap_all"), "pages=4"));
  Process& here = spawn();
  Process& there = *must(other->spawn("app"));
  const VirtAddr at_here = map(here, "/dev/remap_all", 2);
  const VirtAddr at_there = map(there, "/dev/remap_all", 4);
  EXPECT_TRUE(here.store<u32>(at_here, 1).ok());
  EXPECT_TRUE(there.store<u32>(at_there, 2).ok());
  EXPECT_EQ(*here.load<u32>(at_here), 1u);
  EXPECT_EQ(*there.load<u32>(at_there), 2u);
  const int fd = must(here.open("/dev/remap_all"));
  EXPECT_EQ(errno_of(here.mmap({.length = 4 * kPageSize, .fd = fd})), kEInval)
      << "the other machine's parameter does not count here";
  other.reset();
  EXPECT_EQ(*here.load<u32>(at_here), 1u);
}

TEST_F(MachineTest, TwoX86_32MachinesAtOnce) {
  boot(config_of({6, 12, 0}, Profile::kX86_32));
  insmod("insert_page");
  auto other = must(Machine::create(config_of({6, 12, 0}, Profile::kX86_32)));
  must(other->load_driver(driver_file("insert_page")));
  Process& there = *must(other->spawn("app"));
  EXPECT_EQ(*there.load<u32>(map(there, "/dev/insert_page", 1)), 0xcafe0000u);
  Process& here = spawn();
  EXPECT_EQ(*here.load<u32>(map(here, "/dev/insert_page", 1)), 0xcafe0000u);
}

TEST_F(MachineTest, EndsWithOpenFilesAndMappings) {
  insmod("remap_all");
  Process& app = spawn();
  map(app, "/dev/remap_all", 4);
  must(app.fork());
  map_anonymous(app, 100);
  machine_.reset();  // must neither hang nor complain
}

TEST_F(MachineTest, EndsWithProgramsThatRunOrWait) {
  insmod("misc_basic");
  int stopped = 0;
  must(machine().start("waits", [&](Process& self) {
    const auto fd = self.open("/dev/misc_basic");
    if (!fd) return 1;
    const auto waited = self.ioctl(*fd, MISC_BASIC_WAIT, 0);
    stopped += waited ? 0 : 1;
    return 0;
  }));
  must(machine().start("never ran", [](Process&) { return 0; }));
  machine().advance_ns(1'000'000);
  machine_.reset();
  EXPECT_EQ(stopped, 1) << "the wait ends with an error when the machine does";
}

TEST_F(MachineTest, SameSeedSameTrace) {
  std::string traces[2];
  for (std::string& trace : traces) {
    TextRecorder recorder;
    boot();
    machine().add_observer(recorder);
    insmod("fault_demand");
    for (int i = 0; i < 3; ++i) {
      must(machine().start("worker", [](Process& self) {
        const auto fd = self.open("/dev/fault_demand");
        const auto at = self.mmap({.length = 8 * kPageSize, .fd = fd.value_or(-1)});
        if (!at) return 1;
        for (u64 page = 0; page < 8; ++page) {
          if (!self.fetch_add(*at + page * kPageSize + 64, u32{1}).ok()) return 2;
        }
        return 0;
      }));
    }
    for (int pid = 0; pid < 50; ++pid) {
      Process* const worker = machine().find(pid);
      if (worker && worker->name() == "worker") {
        EXPECT_EQ(machine().join(*worker), 0);
      }
    }
    machine().remove_observer(recorder);
    trace = recorder.text();
    switch_off();
  }
  EXPECT_GT(traces[0].size(), 1000u);
  EXPECT_EQ(traces[0], traces[1]);
}

TEST_F(MachineTest, TimePassesOnlyWhenAsked) {
  const u64 before = machine().now_ns();
  machine().advance_ns(5'000'000'000);
  EXPECT_GE(machine().now_ns(), before + 5'000'000'000);
  EXPECT_LT(machine().now_ns(), before + 5'100'000'000);
}

TEST_F(MachineTest, ShowsItsNodesAndFiles) {
  insmod("misc_basic");
  EXPECT_THAT(machine().nodes(), ::testing::Contains("/dev/misc_basic"));
  EXPECT_THAT(must(machine().read_text("/proc/modules")), HasSubstr("misc_basic "));
  EXPECT_THAT(must(machine().read_text("/proc/iomem")), HasSubstr("System RAM"));
  EXPECT_EQ(errno_of(machine().read_text("/proc/no_such_file")), kENoEnt);
  EXPECT_EQ(machine().find(4242), nullptr);
  EXPECT_FALSE(machine().tainted());
}

}  // namespace
}  // namespace vmsim
