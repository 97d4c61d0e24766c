// SPDX-License-Identifier: MIT
// Real drivers, as a program sees them: what it reads and writes, entries, reference counts, and
// the events in their order. Loading is in driver_load_test.cpp.
#include "drivers/fault_demand.h"
#include "machine/world.hpp"

namespace vmsim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DriverTest : public World {
 protected:
  /// The recorder's lines without time and pid.
  static std::vector<std::string> words(const TextRecorder& recorder) {
    std::vector<std::string> lines;
    for (const std::string& line : recorder.lines()) {
      const auto pid = line.find("pid ");
      lines.push_back(line.substr(line.find(": ", pid) + 2));
    }
    return lines;
  }

  static std::string hex(u64 value) {
    char text[32];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
    return text;
  }
};

TEST_F(DriverTest, RemapShowsTheKernelsBuffer) {
  insmod("remap_all");
  Process& app = spawn();
  const VirtAddr at = map(app, "/dev/remap_all", 4);
  EXPECT_EQ(string_at(app, at + 2 * kPageSize), "remap_all page 2");
  EXPECT_TRUE(app.store<u8>(at + 2 * kPageSize, 'R').ok());
  const int fd = must(app.open("/dev/remap_all"));
  must(app.lseek(fd, 2 * kPageSize, 0));
  std::byte buffer[9] = {};
  must(app.read(fd, buffer));
  EXPECT_EQ(std::string(reinterpret_cast<char*>(buffer), 9), "Remap_all");
  must(app.write(fd, "!"));
  EXPECT_EQ(string_at(app, at + 2 * kPageSize), "Remap_all!page 2");
  EXPECT_EQ(app.validate(), "");
}

TEST_F(DriverTest, RemapEntriesAreSpecialAndUncounted) {
  insmod("remap_all", "whole_pages=1");
  Process& app = spawn();
  const VirtAddr at = map(app, "/dev/remap_all", 4);
  const auto entries = app.entries({at, at + 4 * kPageSize});
  ASSERT_EQ(entries.size(), 4u);
  for (const EntryView& entry : entries) {
    EXPECT_TRUE(entry.present && entry.writable && entry.special && entry.no_execute) << entry.text;
    EXPECT_FALSE(entry.dirty || entry.uncached) << entry.text;
    EXPECT_EQ(counts(entry.pfn), entry.pfn == entries[0].pfn ? "1/0" : "0/0");
  }
  EXPECT_EQ(entries[3].pfn, entries[0].pfn + 3);
  EXPECT_TRUE(app.store<u8>(at, 1).ok());
  EXPECT_TRUE(app.entry(at).dirty);
  EXPECT_EQ(app.rss_pages(), 0u);
  const AreaView area = app.areas().at(0);
  EXPECT_TRUE(area.has(vm_flag::kPfnMap) && area.has(vm_flag::kIo) &&
              area.has(vm_flag::kDontExpand) && area.has(vm_flag::kDontDump));
  EXPECT_FALSE(area.has(vm_flag::kMixedMap));
  EXPECT_THAT(app.maps(), HasSubstr("rw-s 00000000 "));
  EXPECT_THAT(app.maps(), HasSubstr("/dev/remap_all"));
}

TEST_F(DriverTest, RemapOffsetsAndBounds) {
  insmod("remap_all");
  Process& app = spawn();
  const int fd = must(app.open("/dev/remap_all"));
  const VirtAddr at = must(app.mmap({.length = kPageSize, .fd = fd, .offset = 3 * kPageSize}));
  EXPECT_EQ(string_at(app, at), "remap_all page 3");
  for (const auto& [pages, first] : {std::pair<u64, u64>{5, 0}, {2, 3}, {1, 4}}) {
    EXPECT_EQ(errno_of(app.mmap({.length = pages * kPageSize, .fd = fd, .offset = first * kPageSize})),
              kEInval);
  }
  EXPECT_EQ(errno_of(app.mmap({.length = kPageSize, .fd = fd, .offset = 100})), kEInval);
  EXPECT_EQ(errno_of(app.mmap({.length = 0, .fd = fd})), kEInval);
  EXPECT_EQ(app.areas().size(), 1u);
}

TEST_F(DriverTest, RemapOfRamStaysCachedWhateverIsAsked) {
  insmod("remap_all", "cache=noncached");
  Process& app = spawn();
  const VirtAddr at = map(app, "/dev/remap_all", 4);
  EXPECT_FALSE(app.entry(at).uncached) << "A04: RAM that the kernel maps write-back";
  EXPECT_EQ(findings_of("pat-ram"), 1u);
}

TEST_F(DriverTest, RemapIsCopiedAtForkAndSplitByMunmap) {
  insmod("remap_all");
  Process& app = spawn();
  const VirtAddr at = map(app, "/dev/remap_all", 4);
  Process& child = *must(app.fork());
  EXPECT_EQ(child.entries({at, at + 4 * kPageSize}).size(), 4u) << "A07: without a fault";
  EXPECT_TRUE(child.store<u8>(at, 'X').ok());
  EXPECT_EQ(*app.load<u8>(at), 'X') << "shared";
  must(child.munmap(at + kPageSize, kPageSize));
  EXPECT_EQ(child.areas().size(), 2u);
  EXPECT_EQ(string_at(child, at + 2 * kPageSize), "remap_all page 2");
  EXPECT_EQ(child.load<u8>(at + kPageSize).fault().code, sig::kSegvMapErr);
  EXPECT_EQ(string_at(app, at + kPageSize), "remap_all page 1");
}

TEST_F(DriverTest, PrivateRemapCopiesOnWrite) {
  insmod("remap_all");
  Process& app = spawn();
  const VirtAddr at = map(app, "/dev/remap_all", 4, kMapPrivate);
  const Pfn drivers = app.entry(at).pfn;
  EXPECT_FALSE(app.entry(at).writable);
  EXPECT_EQ(app.areas().at(0).pgoff, drivers.value) << "A39: the frame, not the offset";
  EXPECT_TRUE(app.store<u8>(at, 'P').ok());
  EXPECT_NE(app.entry(at).pfn, drivers);
  EXPECT_EQ(string_at(app, at), "Pemap_all page 0");
  Process& other = spawn();
  EXPECT_EQ(string_at(other, map(other, "/dev/remap_all", 4)), "remap_all page 0");
  const int fd = must(app.open("/dev/remap_all"));
  EXPECT_TRUE(app.mmap({.length = 2 * kPageSize, .flags = kMapPrivate, .fd = fd}).has_value());
}

TEST_F(DriverTest, InsertedPagesAreCounted) {
  insmod("insert_page");
  Process& app = spawn();
  const VirtAddr at = map(app, "/dev/insert_page", 4);
  const EntryView entry = app.entry(at + kPageSize);
  EXPECT_EQ(*app.load<u32>(at + kPageSize), 0xcafe0001u);
  EXPECT_TRUE(entry.present && entry.writable && !entry.special) << entry.text;
  EXPECT_EQ(counts(entry.pfn), "2/1") << "B02";
  EXPECT_EQ(app.rss_pages(), 4u);
  Process& child = *must(app.fork());
  EXPECT_EQ(counts(entry.pfn), "3/2");
  child.exit();
  EXPECT_EQ(counts(entry.pfn), "2/1");
  must(app.munmap(at + kPageSize, kPageSize));
  EXPECT_EQ(counts(entry.pfn), "1/0");
  EXPECT_EQ(app.validate(), "");
}

TEST_F(DriverTest, EveryWayOfInsertingShowsTheSamePages) {
  for (const char* how : {"how=0", "how=1", "how=2", "how=3"}) {
    SCOPED_TRACE(how);
    insmod("insert_page", how);
    Process& app = spawn();
    const VirtAddr at = map(app, "/dev/insert_page", 4);
    for (u32 page = 0; page < 4; ++page) {
      EXPECT_EQ(*app.load<u32>(at + page * kPageSize), 0xcafe0000u + page);
    }
    EXPECT_TRUE(app.areas().at(0).has(vm_flag::kMixedMap));
    const int fd = must(app.open("/dev/insert_page"));
    const auto large = app.mmap({.length = 5 * kPageSize, .fd = fd});
    EXPECT_EQ(errno_of(large), std::string(how) == "how=3" ? 0 : kENxIo);
    app.exit();
    must(rmmod("insert_page"));
  }
}

TEST_F(DriverTest, AFailedMmapDropsWhatItInserted) {
  insmod("insert_page", "fail_at=2");
  Process& app = spawn();
  const int fd = must(app.open("/dev/insert_page"));
  EXPECT_EQ(errno_of(app.mmap({.length = 4 * kPageSize, .fd = fd})), kEFault);
  EXPECT_TRUE(app.areas().empty());
  EXPECT_EQ(app.page_table_pages(), 1u) << "the root";
  std::byte buffer[64] = {};
  const u64 got = must(app.read(fd, buffer));
  EXPECT_EQ(std::string(reinterpret_cast<char*>(buffer), got), "0 1/0\n1 1/0\n2 1/0\n3 1/0\n");
}

TEST_F(DriverTest, DemandPagingOneFaultForEachPage) {
  insmod("fault_demand");
  Process& app = spawn();
  const VirtAddr at = map(app, "/dev/fault_demand", 8);
  const int fd = must(app.open("/dev/fault_demand"));
  EXPECT_EQ(must(app.ioctl(fd, FAULT_DEMAND_FAULTS)), 0);
  EXPECT_EQ(string_at(app, at + 3 * kPageSize), "page 3");
  EXPECT_TRUE(app.entry(at + 3 * kPageSize).writable) << "C01: a read installs a writable entry";
  EXPECT_TRUE(app.store<u8>(at + 3 * kPageSize, 'P').ok());
  EXPECT_EQ(must(app.ioctl(fd, FAULT_DEMAND_FAULTS)), 1);
  EXPECT_EQ(must(app.ioctl(fd, FAULT_DEMAND_REFS, 3)), 2);
  EXPECT_EQ(must(app.ioctl(fd, FAULT_DEMAND_REFS, 4)), 0);
  Process& child = *must(app.fork());
  EXPECT_FALSE(child.entry(at + 3 * kPageSize).present) << "C01: the child asks the driver again";
  EXPECT_EQ(string_at(child, at + 3 * kPageSize), "Page 3");
  EXPECT_EQ(must(app.ioctl(fd, FAULT_DEMAND_REFS, 3)), 3);
  EXPECT_EQ(must(app.ioctl(fd, FAULT_DEMAND_FAULTS)), 2);
  must(app.ioctl(fd, FAULT_DEMAND_DROP, 0));
  EXPECT_FALSE(app.entry(at + 3 * kPageSize).present);
  EXPECT_FALSE(child.entry(at + 3 * kPageSize).present);
  EXPECT_EQ(must(app.ioctl(fd, FAULT_DEMAND_REFS, 3)), 1);
  EXPECT_EQ(string_at(app, at + 3 * kPageSize), "Page 3");
}

TEST_F(DriverTest, BeyondTheObjectIsSigbus) {
  for (const char* locked : {"", "return_locked=1"}) {
    insmod("fault_demand", std::string("pages=2 fail_page=1 ") + locked);
    Process& app = spawn();
    const VirtAddr at = map(app, "/dev/fault_demand", 4);
    EXPECT_EQ(string_at(app, at), "page 0");
    const UserFault bus{sig::kSigBus, sig::kBusAdrErr, at.value + kPageSize + 9};
    EXPECT_EQ(app.load<u8>(at + kPageSize + 9).fault(), bus);
    EXPECT_EQ(app.store<u16>(at + 2 * kPageSize, 1).fault().signo, sig::kSigBus);
    EXPECT_EQ(app.validate(), "");
    app.exit();
    must(rmmod("fault_demand"));
  }
}

TEST_F(DriverTest, PrivateDemandPagingCopies) {
  insmod("fault_demand");
  Process& app = spawn();
  const VirtAddr at = map(app, "/dev/fault_demand", 8, kMapPrivate);
  const int fd = must(app.open("/dev/fault_demand"));
  EXPECT_TRUE(app.store<u8>(at, 'X').ok());
  EXPECT_EQ(string_at(app, at), "Xage 0");
  EXPECT_EQ(must(app.ioctl(fd, FAULT_DEMAND_REFS, 0)), 1) << "C02: the driver's page is put";
  EXPECT_EQ(string_at(app, at + kPageSize), "page 1");
  EXPECT_EQ(must(app.ioctl(fd, FAULT_DEMAND_REFS, 1)), 2);
  EXPECT_TRUE(app.store<u8>(at + kPageSize, 'Y').ok());
  EXPECT_EQ(must(app.ioctl(fd, FAULT_DEMAND_REFS, 1)), 1);
  EXPECT_EQ(must(app.ioctl(fd, FAULT_DEMAND_FAULTS)), 2);
}

TEST_F(DriverTest, EventsComeInOrder) {
  insmod("fault_demand");
  Process& app = spawn();
  const int fd = must(app.open("/dev/fault_demand"));
  TextRecorder recorder({EventKind::kFileOp, EventKind::kMmap, EventKind::kVmOp, EventKind::kPteSet,
                         EventKind::kFault, EventKind::kPteClear, EventKind::kMunmap});
  machine().add_observer(recorder);
  const VirtAddr at = must(app.mmap({.length = 2 * kPageSize, .fd = fd}));
  EXPECT_TRUE(app.load<u8>(at).ok());
  const EntryView entry = app.entry(at);
  must(app.munmap(at, 2 * kPageSize));
  machine().remove_observer(recorder);
  const std::string range = "[" + hex(at.value) + ", " + hex(at.value + 2 * kPageSize) + ")";
  const auto lines = words(recorder);
  ASSERT_EQ(lines.size(), 7u) << recorder.text();
  EXPECT_EQ(lines[0], "file-op mmap = 0");
  EXPECT_THAT(lines[1], HasSubstr("mmap " + range + " flags "));
  EXPECT_EQ(lines[2], "vm-op fault " + range + " = 0");
  EXPECT_THAT(lines[3], HasSubstr("pte-set " + hex(at.value) + " pfn " + hex(entry.pfn.value)));
  EXPECT_EQ(lines[4], "fault " + hex(at.value) + " read -> 0");
  EXPECT_EQ(lines[5], "pte-clear " + hex(at.value) + " 1 pages");
  EXPECT_EQ(lines[6], "munmap " + range);
}

TEST_F(DriverTest, NopageOfOld) {
  boot(config_of({2, 6, 10}, Profile::kX86_32));
  insmod("nopage26", "nopage_major=250");
  must(machine().mknod("/dev/nopage26", 250, 0));
  Process& app = spawn();
  const int fd = must(app.open("/dev/nopage26"));
  must(app.write(fd, "first"));
  const VirtAddr at = must(app.mmap({.length = 8 * kPageSize, .fd = fd}));
  EXPECT_EQ(string_at(app, at), "first");
  EXPECT_EQ(must(machine().read_text("/proc/nopage26")), "vmas 1\npage 0 refs 2\n");
  const UserFault bus{sig::kSigBus, sig::kBusAdrErr, at.value + kPageSize};
  EXPECT_EQ(app.load<u8>(at + kPageSize).fault(), bus) << "a hole: NOPAGE_SIGBUS";
  EXPECT_EQ(errno_of(app.ioctl(fd, 0)), kEBusy);
  Process& child = *must(app.fork());
  EXPECT_EQ(string_at(child, at), "first");
  EXPECT_EQ(must(machine().read_text("/proc/nopage26")), "vmas 2\npage 0 refs 3\n");
  child.exit();
  must(app.munmap(at, 8 * kPageSize));
  EXPECT_EQ(must(machine().read_text("/proc/nopage26")), "vmas 0\npage 0 refs 1\n");
  must(app.ioctl(fd, 0));
}

TEST_F(DriverTest, NopageWithoutItsReferenceIsFoundOut) {
  boot(config_of({2, 6, 10}, Profile::kX86_32));
  insmod("nopage26", "nopage_major=250 forget_get=1");
  must(machine().mknod("/dev/nopage26", 250, 0));
  Process& app = spawn();
  const int fd = must(app.open("/dev/nopage26"));
  must(app.write(fd, "first"));
  const VirtAddr at = must(app.mmap({.length = kPageSize, .fd = fd}));
  EXPECT_EQ(string_at(app, at), "first");
  must(app.munmap(at, kPageSize));
  must(app.ioctl(fd, 0));
  EXPECT_EQ(findings_of("double-free-page") + findings_of("free-mapped-page"), 1u)
      << findings_text();
}

TEST_F(DriverTest, PhysicalMemoryByTwoMinors) {
  MachineConfig config = config_of({2, 6, 10}, Profile::kX86_32);
  config.reserved = {{PhysAddr(0x2000000), 4 * kPageSize, true}};
  boot(config);
  insmod("simple26", "major=251");
  must(machine().mknod("/dev/simpler", 251, 0));
  must(machine().mknod("/dev/simplen", 251, 1));
  Process& app = spawn();
  for (const char* path : {"/dev/simpler", "/dev/simplen"}) {
    SCOPED_TRACE(path);
    const int fd = must(app.open(path));
    const VirtAddr at = must(app.mmap({.length = 2 * kPageSize, .fd = fd, .offset = 0x2000000}));
    const auto ram = must(machine().ram(PhysAddr(0x2000000), 2 * kPageSize));
    ram[kPageSize + 8] = std::byte{0x42};
    EXPECT_EQ(*app.load<u8>(at + kPageSize + 8), 0x42);
    EXPECT_TRUE(app.store<u8>(at + 1, 0x24).ok());
    EXPECT_EQ(ram[1], std::byte{0x24});
    EXPECT_EQ(app.entry(at).pfn, Pfn(0x2000));
    EXPECT_EQ(app.areas().at(0).has(vm_flag::kReserved26), true);
    must(app.munmap(at, 2 * kPageSize));
  }
}

TEST_F(DriverTest, OldRemapOfUnreservedRamShowsZeroes) {
  boot(config_of({2, 6, 10}, Profile::kX86_32));
  insmod("simple26", "major=251");
  must(machine().mknod("/dev/simpler", 251, 0));
  Process& app = spawn();
  const int fd = must(app.open("/dev/simpler"));
  const VirtAddr at = must(app.mmap({.length = kPageSize, .fd = fd, .offset = 0x2000000}));
  must(machine().ram(PhysAddr(0x2000000), 1))[0] = std::byte{0x42};
  EXPECT_EQ(*app.load<u8>(at), 0) << "not the page that was asked for";
  EXPECT_EQ(findings_of("remap-unreserved-ram"), 1u) << findings_text();
}

}  // namespace
}  // namespace vmsim
