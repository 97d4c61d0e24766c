// SPDX-License-Identifier: MIT
// A program's system calls: descriptors and their errors, buffers, heap, fork, exit. Loads and
// stores are in process_access_test.cpp, threads in process_thread_test.cpp.
#include "drivers/misc_basic.h"
#include "machine/world.hpp"

namespace vmsim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ProcessTest : public World {
 protected:
  std::vector<std::string> life_lines() {
    std::vector<std::string> lines;
    const std::string log = machine().dmesg();
    for (std::size_t at = 0; (at = log.find("life: ", at)) != std::string::npos; ++at)
      lines.push_back(log.substr(at + 6, log.find('\n', at) - at - 6));
    return lines;
  }
};

TEST_F(ProcessTest, OpenRefusals) {
  Process& app = spawn();
  EXPECT_EQ(errno_of(app.open("/dev/none")), kENoEnt);
  EXPECT_EQ(errno_of(app.open("")), kENoEnt);
  must(machine().mknod("/dev/orphan", 240, 7));
  EXPECT_EQ(errno_of(app.open("/dev/orphan")), kENxIo) << "a node without a driver";
  EXPECT_EQ(errno_of(machine().mknod("/dev/orphan", 240, 8)), kEExist);
}

TEST_F(ProcessTest, DescriptorsAreTheLowestFree) {
  insmod("misc_basic");
  Process& app = spawn();
  const int a = must(app.open("/dev/misc_basic"));
  const int b = must(app.open("/dev/misc_basic"));
  const int c = must(app.open("/dev/misc_basic"));
  EXPECT_EQ(b, a + 1);
  EXPECT_EQ(c, a + 2);
  must(app.close(b));
  EXPECT_EQ(must(app.open("/dev/misc_basic")), b);
}

TEST_F(ProcessTest, BadDescriptorsAreEbadf) {
  insmod("misc_basic");
  Process& app = spawn();
  const int fd = must(app.open("/dev/misc_basic"));
  must(app.close(fd));
  std::byte buffer[8] = {};
  for (const int bad : {-1, fd, 99, 1 << 30, -2147483647}) {
    SCOPED_TRACE(bad);
    EXPECT_EQ(errno_of(app.close(bad)), kEBadF);
    EXPECT_EQ(errno_of(app.read(bad, buffer)), kEBadF);
    EXPECT_EQ(errno_of(app.write(bad, "x")), kEBadF);
    EXPECT_EQ(errno_of(app.lseek(bad, 0, 0)), kEBadF);
    EXPECT_EQ(errno_of(app.ioctl(bad, MISC_BASIC_CLEAR)), kEBadF);
    EXPECT_EQ(errno_of(app.poll(bad)), kEBadF);
    EXPECT_EQ(errno_of(app.mmap({.length = kPageSize, .fd = bad})), kEBadF);
  }
}

TEST_F(ProcessTest, AccessModeOfTheDescriptor) {
  insmod("misc_basic");
  Process& app = spawn();
  const int read_only = must(app.open("/dev/misc_basic", kReadOnly));
  const int write_only = must(app.open("/dev/misc_basic", kWriteOnly));
  std::byte buffer[8] = {};
  EXPECT_EQ(errno_of(app.write(read_only, "x")), kEBadF);
  EXPECT_EQ(errno_of(app.read(write_only, buffer)), kEBadF);
  EXPECT_EQ(must(app.write(write_only, "hello")), 5u);
  EXPECT_EQ(must(app.read(read_only, buffer)), 5u);
  EXPECT_EQ(buffer[4], std::byte{'o'});
  EXPECT_EQ(must(app.read(read_only, buffer)), 0u);
}

TEST_F(ProcessTest, SeekReadWritePoll) {
  insmod("misc_basic", "capacity=100");
  Process& app = spawn();
  const int fd = must(app.open("/dev/misc_basic"));
  EXPECT_EQ(must(app.poll(fd)) & 0x5, 4u) << "POLLOUT, no POLLIN yet";
  EXPECT_EQ(must(app.lseek(fd, 10, 0)), 10u);
  EXPECT_EQ(must(app.write(fd, "ten")), 3u);
  EXPECT_EQ(must(app.poll(fd)) & 0x5, 5u);
  EXPECT_EQ(must(app.lseek(fd, -1, 1)), 12u);
  EXPECT_EQ(must(app.lseek(fd, -90, 2)), 10u);
  std::byte buffer[3] = {};
  EXPECT_EQ(must(app.read(fd, buffer)), 3u);
  EXPECT_EQ(buffer[0], std::byte{'t'});
  EXPECT_EQ(errno_of(app.lseek(fd, -1, 0)), kEInval);
  EXPECT_EQ(errno_of(app.lseek(fd, 101, 0)), kEInval);
  EXPECT_EQ(errno_of(app.lseek(fd, 0, 77)), kEInval);
  must(app.lseek(fd, 0, 2));
  EXPECT_EQ(errno_of(app.write(fd, "more")), kENoSpc);
}

TEST_F(ProcessTest, HandlersThatAreNotThere) {
  insmod("remap_all");
  insmod("misc_basic");
  insmod("insert_page");
  Process& app = spawn();
  const int remap = must(app.open("/dev/remap_all"));
  EXPECT_EQ(errno_of(app.ioctl(remap, 1234)), kENoTty);
  EXPECT_EQ(must(app.poll(remap)) & 0x5, 5u) << "a file without poll is always ready";
  const int misc = must(app.open("/dev/misc_basic"));
  EXPECT_EQ(errno_of(app.ioctl(misc, 1234)), kENoTty);
  EXPECT_EQ(errno_of(app.mmap({.length = kPageSize, .fd = misc})), kENoDev);
  const int insert = must(app.open("/dev/insert_page"));
  EXPECT_EQ(errno_of(app.write(insert, "x")), kEInval);
  EXPECT_EQ(errno_of(app.lseek(insert, 1, 0)), kESpipe);
}

TEST_F(ProcessTest, IoctlObjectsGoBothWays) {
  insmod("misc_basic");
  Process& app = spawn();
  const int fd = must(app.open("/dev/misc_basic"));
  must(app.write(fd, "12345"));
  misc_basic_state state = {};
  EXPECT_EQ(must(app.ioctl(fd, MISC_BASIC_STATE, &state)), 0);
  EXPECT_EQ(state.length, 5u);
  EXPECT_EQ(state.opens, 1);
  EXPECT_EQ(state.pid, app.pid());
  int limit = -1;
  EXPECT_EQ(errno_of(app.ioctl(fd, MISC_BASIC_SET_LIMIT, &limit)), kEInval);
  limit = 5;
  must(app.ioctl(fd, MISC_BASIC_SET_LIMIT, &limit));
  EXPECT_EQ(errno_of(app.write(fd, "x")), kENoSpc);
  for (const u64 bad : {u64{0}, u64{0x1000}, u64{0x7fffffffeff0}, ~u64{0} - 4}) {
    EXPECT_EQ(errno_of(app.ioctl(fd, MISC_BASIC_SET_LIMIT, bad)), kEFault) << std::hex << bad;
    EXPECT_EQ(errno_of(app.ioctl(fd, MISC_BASIC_STATE, bad)), kEFault) << std::hex << bad;
  }
}

TEST_F(ProcessTest, BuffersInTheProgramsOwnMemory) {
  insmod("misc_basic");
  Process& app = spawn();
  const int fd = must(app.open("/dev/misc_basic"));
  const VirtAddr at = map_anonymous(app, 2);
  must(app.munmap(at + kPageSize, kPageSize));
  EXPECT_TRUE(app.store<u32>(at + 4092, 0x31323334).ok());
  EXPECT_EQ(must(app.write(fd, at + 4092, 4)), 4u);
  EXPECT_EQ(errno_of(app.write(fd, at + 4092, 5)), kEFault) << "the fifth byte is not mapped";
  EXPECT_EQ(errno_of(app.write(fd, at + kPageSize, 1)), kEFault);
  must(app.lseek(fd, 0, 0));
  EXPECT_EQ(must(app.read(fd, at, 4096)), 4u);
  EXPECT_EQ(*app.load<u32>(at), 0x31323334u);
  must(app.mprotect(at, kPageSize, kProtRead));
  must(app.lseek(fd, 0, 0));
  EXPECT_EQ(errno_of(app.read(fd, at, 4)), kEFault) << "read-only memory is no read buffer";
  EXPECT_EQ(*app.load<u32>(at), 0x31323334u);
  EXPECT_EQ(errno_of(app.read(fd, VirtAddr(0xffff800000000000), 4)), kEFault);
  EXPECT_TRUE(app.alive()) << "EFAULT is an answer, not a signal";
}

TEST_F(ProcessTest, AnEndedProgramIsEsrch) {
  insmod("misc_basic");
  Process& app = spawn();
  const VirtAddr at = map_anonymous(app, 1);
  const int fd = must(app.open("/dev/misc_basic"));
  app.exit(3);
  EXPECT_FALSE(app.alive());
  EXPECT_EQ(app.exit_status(), 3);
  EXPECT_EQ(errno_of(app.open("/dev/misc_basic")), kESrch);
  EXPECT_EQ(errno_of(app.close(fd)), kESrch);
  EXPECT_EQ(errno_of(app.munmap(at, kPageSize)), kESrch);
  EXPECT_EQ(errno_of(app.fork()), kESrch);
  EXPECT_EQ(errno_of(app.clone_thread()), kESrch);
  EXPECT_EQ(app.load<u32>(at).fault().signo, sig::kSigKill);
  EXPECT_EQ(app.store<u8>(at, 1).fault().signo, sig::kSigKill);
  EXPECT_EQ(app.maps(), "");
  EXPECT_TRUE(app.areas().empty());
  app.exit(4);
  EXPECT_EQ(app.exit_status(), 3) << "one ends once";
}

TEST_F(ProcessTest, HeapGrowsAndShrinks) {
  Process& app = spawn("app", ProgramLayout::kTypical);
  const VirtAddr heap = app.brk(VirtAddr(0));
  EXPECT_EQ(app.brk(heap + 3 * kPageSize + 100), heap + 3 * kPageSize + 100);
  EXPECT_TRUE(app.store<u64>(heap + 3 * kPageSize + 8, 77).ok());
  EXPECT_THAT(app.maps(), HasSubstr("[heap]"));
  EXPECT_EQ(app.brk(heap + kPageSize), heap + kPageSize);
  EXPECT_EQ(outcome(app.load<u8>(heap + 2 * kPageSize)),
            UserFault({sig::kSigSegv, sig::kSegvMapErr, heap.value + 2 * kPageSize}).to_string());
  EXPECT_EQ(app.brk(VirtAddr(0x1000)), heap + kPageSize) << "too low: the old end";
  EXPECT_EQ(app.brk(VirtAddr(u64{1} << 60)), heap + kPageSize) << "too high: the old end";
  EXPECT_EQ(app.brk(heap), heap);
  EXPECT_THAT(app.maps(), ::testing::Not(HasSubstr("[heap]")));
}

TEST_F(ProcessTest, ForkCopiesOnWrite) {
  Process& app = spawn();
  const VirtAddr at = map_anonymous(app, 3);
  EXPECT_TRUE(app.fill(at, std::byte{0x11}, 3 * kPageSize).ok());
  Process& child = *must(app.fork());
  EXPECT_NE(child.pid(), app.pid());
  EXPECT_EQ(app.entry(at).pfn, child.entry(at).pfn);
  EXPECT_FALSE(app.entry(at).writable || child.entry(at).writable);
  EXPECT_EQ(counts(app.entry(at).pfn), "2/2");
  EXPECT_TRUE(child.store<u8>(at + 5, 0x22).ok());
  EXPECT_NE(app.entry(at).pfn, child.entry(at).pfn);
  EXPECT_EQ(*app.load<u8>(at + 5), 0x11);
  EXPECT_EQ(*child.load<u8>(at + 6), 0x11) << "the rest of the page was copied";
  const Pfn second = app.entry(at + kPageSize).pfn;
  child.exit();
  EXPECT_EQ(counts(second), "1/1");
  EXPECT_TRUE(app.store<u8>(at + kPageSize, 0x33).ok());
  EXPECT_EQ(app.entry(at + kPageSize).pfn, second) << "the last user writes without a copy";
}

TEST_F(ProcessTest, ForkSharesDescriptorsAndTheirPosition) {
  insmod("misc_basic");
  Process& app = spawn();
  const int fd = must(app.open("/dev/misc_basic"));
  Process& child = *must(app.fork());
  EXPECT_EQ(must(child.write(fd, "abc")), 3u);
  EXPECT_EQ(must(app.lseek(fd, 0, 1)), 3u);
  must(app.close(fd));
  EXPECT_EQ(must(child.write(fd, "d")), 1u) << "the child's descriptor stays";
}

TEST_F(ProcessTest, ExitClosesAreasThenFlushesThenReleases) {
  insmod("life_log");
  Process& app = spawn();
  const int fd = must(app.open("/dev/life_log"));
  must(app.mmap({.length = kPageSize, .fd = fd}));
  must(app.mmap({.length = 2 * kPageSize, .fd = fd, .offset = 5 * kPageSize}));
  app.exit();
  EXPECT_THAT(life_lines(), ElementsAre("open", "mmap 1 pages at 0", "mmap 2 pages at 5",
                                        "vma_close 2 pages at 5 mm gone",
                                        "vma_close 1 pages at 0 mm gone", "flush", "release"));
}

TEST_F(ProcessTest, AMappingOutlivesItsDescriptor) {
  insmod("life_log");
  Process& app = spawn();
  const int fd = must(app.open("/dev/life_log"));
  const VirtAddr at = must(app.mmap({.length = kPageSize, .fd = fd}));
  must(app.close(fd));
  EXPECT_EQ(errno_of(machine().unload_driver("life_log")), kEAgain);
  EXPECT_TRUE(app.store<u8>(at, 1).ok());
  must(app.munmap(at, kPageSize));
  EXPECT_THAT(life_lines(), ElementsAre("open", "mmap 1 pages at 0", "flush",
                                        "vma_close 1 pages at 0 mm there", "release"));
}

TEST_F(ProcessTest, TwoDescriptorsFlushTwiceAndReleaseOnce) {
  insmod("life_log");
  Process& app = spawn();
  must(app.open("/dev/life_log"));
  Process& child = *must(app.fork());
  app.exit();
  child.exit();
  EXPECT_THAT(life_lines(), ElementsAre("open", "flush", "flush", "release"));
}

}  // namespace
}  // namespace vmsim
