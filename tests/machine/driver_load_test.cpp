// SPDX-License-Identifier: MIT
// Loading and unloading of real drivers: parameters, refusals, symbols between modules, reload.
#include <filesystem>
#include <fstream>

#include "drivers/fault_demand.h"
#include "machine/world.hpp"

namespace vmsim {
namespace {

using ::testing::HasSubstr;

class DriverLoadTest : public World {
 protected:
  std::string refusal(const std::string& name, const std::string& parameters = "") {
    const auto loaded = machine().load_driver(driver_file(name), parameters);
    if (!loaded) return loaded.error().to_string();
    loaded_.push_back(name);
    return "loaded";
  }
};

TEST_F(DriverLoadTest, GoodParametersCount) {
  insmod("fault_demand", "pages=3  fail_page=-1 return_locked");
  Process& app = spawn();
  const VirtAddr at = map(app, "/dev/fault_demand", 8);
  EXPECT_TRUE(app.load<u8>(at + 2 * kPageSize).ok());
  EXPECT_EQ(app.load<u8>(at + 3 * kPageSize).fault().signo, sig::kSigBus);
}

TEST_F(DriverLoadTest, BadParametersRefuse) {
  for (const char* bad : {"pages=three", "pages=", "return_locked=7"}) {
    EXPECT_THAT(refusal("fault_demand", bad), HasSubstr("EINVAL")) << bad;
  }
  for (const char* bad : {"pages=-1", "pages=99999999999"}) {
    EXPECT_NE(refusal("fault_demand", bad), "loaded") << bad;
  }
  EXPECT_THAT(refusal("remap_all", "pages=3"), HasSubstr("EINVAL")) << "init's own refusal";
  EXPECT_EQ(machine().ledger().modules, 0u);
  EXPECT_EQ(errno_of(machine().unload_driver("fault_demand")), kENoEnt);
}

TEST_F(DriverLoadTest, UnknownParametersAreIgnoredAndSaid) {
  insmod("fault_demand", "no_such=1 pages=2");
  EXPECT_TRUE(machine().dmesg_contains("unknown parameter 'no_such' ignored")) << machine().dmesg();
}

TEST_F(DriverLoadTest, TwiceIsEexist) {
  insmod("misc_basic");
  const auto again = machine().load_driver(driver_file("misc_basic"));
  EXPECT_EQ(errno_of(again), kEExist);
  EXPECT_EQ(machine().ledger().modules, 1u);
}

TEST_F(DriverLoadTest, NotAFileNotADriver) {
  EXPECT_EQ(errno_of(machine().load_driver("/no/such/file.vko")), kENoEnt);
  EXPECT_EQ(errno_of(machine().load_driver("/proc/self/exe")), kENoExec);
  const auto empty = std::filesystem::temp_directory_path() /
                     ("vmsim-empty-" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) + ".vko");
  std::ofstream(empty).close();
  EXPECT_EQ(errno_of(machine().load_driver(empty)), kENoExec);
  std::filesystem::remove(empty);
}

TEST_F(DriverLoadTest, InUseIsEwouldblock) {
  insmod("misc_basic");
  Process& app = spawn();
  const int fd = must(app.open("/dev/misc_basic"));
  EXPECT_EQ(errno_of(machine().unload_driver("misc_basic")), kEAgain);
  must(app.close(fd));
  must(rmmod("misc_basic"));
  EXPECT_EQ(errno_of(app.open("/dev/misc_basic")), kENoEnt) << "the node is gone";
  EXPECT_EQ(errno_of(machine().unload_driver("misc_basic")), kENoEnt);
}

TEST_F(DriverLoadTest, ForeignVersionIsRefused) {
  EXPECT_THAT(refusal("nopage26"), HasSubstr("2.6.10"));
  boot(config_of({2, 6, 10}, Profile::kX86_32));
  EXPECT_THAT(refusal("misc_basic"), HasSubstr("6.12"));
  boot(config_of({6, 1, 0}));
  EXPECT_THAT(refusal("misc_basic"), HasSubstr("6.12"));
  EXPECT_EQ(machine().ledger().modules, 0u);
}

TEST_F(DriverLoadTest, AnotherBuildsInterfaceIsRefused) {
  EXPECT_NE(refusal("loader_probe"), "loaded") << "made for no vmsim at all";
}

TEST_F(DriverLoadTest, ForcedLoadOfAnotherVersion) {
  MachineConfig config = config_of({6, 1, 0});
  config.force_module_version = true;
  boot(config);
  insmod("misc_basic");
  Process& app = spawn();
  EXPECT_EQ(must(app.write(must(app.open("/dev/misc_basic")), "x")), 1u);
}

TEST_F(DriverLoadTest, ReloadRestoresItsData) {
  for (int round = 0; round < 3; ++round) {
    insmod("fault_demand", round == 1 ? "pages=2" : "");
    Process& app = spawn();
    const VirtAddr at = map(app, "/dev/fault_demand", 8);
    const int fd = must(app.open("/dev/fault_demand"));
    EXPECT_EQ(must(app.ioctl(fd, FAULT_DEMAND_FAULTS)), 0) << "counters start again";
    EXPECT_EQ(app.load<u8>(at + 5 * kPageSize).ok(), round != 1) << "so do parameters";
    app.exit();
    must(rmmod("fault_demand"));
  }
}

TEST_F(DriverLoadTest, SymbolsBetweenModules) {
  EXPECT_THAT(refusal("symbols_user"), HasSubstr("symbols_")) << "the unknown symbol is named";
  insmod("symbols");
  insmod("symbols_user", "amount=7");
  EXPECT_TRUE(machine().dmesg_contains("symbols: total 107"));
  EXPECT_EQ(errno_of(machine().unload_driver("symbols")), kEAgain);
  EXPECT_THAT(must(machine().read_text("/proc/modules")), HasSubstr(" 1 symbols_user, "));
  must(rmmod("symbols_user"));
  must(rmmod("symbols"));
  EXPECT_TRUE(machine().dmesg_contains("symbols: provider gone at 100"));
  EXPECT_THAT(refusal("symbols_user"), HasSubstr("symbols_"));
}

TEST_F(DriverLoadTest, SymbolsAreTheMachines) {
  insmod("symbols");
  auto other = must(Machine::create(small_config()));
  EXPECT_FALSE(other->load_driver(driver_file("symbols_user")).has_value());
  must(other->load_driver(driver_file("symbols")));
  must(other->load_driver(driver_file("symbols_user"), "amount=1"));
  insmod("symbols_user", "amount=2");
  EXPECT_TRUE(other->dmesg_contains("symbols: total 101"));
  EXPECT_TRUE(machine().dmesg_contains("symbols: total 102")) << "each has its own data";
}

TEST_F(DriverLoadTest, TheMachineUnloadsInReverse) {
  TextRecorder recorder({EventKind::kModule});
  {
    auto other = must(Machine::create(small_config()));
    other->add_observer(recorder);
    must(other->load_driver(driver_file("symbols")));
    must(other->load_driver(driver_file("misc_basic")));
    must(other->load_driver(driver_file("symbols_user")));
  }
  std::string order;
  for (const std::string& line : recorder.lines()) order += line.substr(line.find("module ") + 7) + "; ";
  EXPECT_EQ(order, "load symbols; load misc_basic; load symbols_user; "
                   "unload symbols_user; unload misc_basic; unload symbols; ");
}

TEST_F(DriverLoadTest, AnOopsInInitLeavesAModuleThatStays) {
  EXPECT_NE(refusal("bad_driver", "oops_in_init=1"), "loaded");
  EXPECT_TRUE(machine().tainted());
  EXPECT_EQ(findings_of("oops"), 1u) << findings_text();
  EXPECT_EQ(errno_of(machine().unload_driver("bad_driver")), kEBusy);
  leaked_.modules = 1;
  insmod("misc_basic");
  Process& app = spawn();
  EXPECT_EQ(must(app.write(must(app.open("/dev/misc_basic")), "x")), 1u);
}

TEST_F(DriverLoadTest, AnOopsInExitLeavesAModuleThatStays) {
  insmod("bad_driver", "oops_in_exit=1");
  EXPECT_NE(errno_of(machine().unload_driver("bad_driver")), 0);
  EXPECT_TRUE(machine().tainted());
  EXPECT_EQ(errno_of(machine().unload_driver("bad_driver")), kEBusy);
  loaded_.clear();
  leaked_.modules = 1;
  insmod("misc_basic");
}

}  // namespace
}  // namespace vmsim
