// SPDX-License-Identifier: MIT
// A program's loads and stores: widths, alignment, atomics, execution, signals with the exact
// byte, and what the views say of them.
#include <cstring>

#include "machine/world.hpp"

namespace vmsim {
namespace {

using ::testing::HasSubstr;

class ProcessAccessTest : public World {
 protected:
  Process& app = spawn();
  VirtAddr at = map_anonymous(app, 4);

  static UserFault segv(i32 code, VirtAddr addr) {
    return UserFault{sig::kSigSegv, code, addr.value};
  }
};

template <class T>
void store_and_load(Process& app, VirtAddr at, T value) {
  EXPECT_TRUE(app.store<T>(at, value).ok());
  EXPECT_EQ(*app.load<T>(at), value);
}

TEST_F(ProcessAccessTest, AllWidthsAtAllOffsets) {
  for (u64 offset = 0; offset < 16; ++offset) {
    SCOPED_TRACE(offset);
    store_and_load<u8>(app, at + offset, 0xa5);
    store_and_load<u16>(app, at + offset, 0xa55a);
    store_and_load<u32>(app, at + offset, 0xa55a1234u);
    store_and_load<u64>(app, at + offset, 0xa55a123456789abcull);
    store_and_load<i32>(app, at + offset, -7);
    store_and_load<i64>(app, at + offset, -7'000'000'000);
  }
}

TEST_F(ProcessAccessTest, LittleEndianAndUntouchedNeighbours) {
  EXPECT_TRUE(app.store<u64>(at, 0x8877665544332211ull).ok());
  EXPECT_EQ(*app.load<u8>(at), 0x11);
  EXPECT_EQ(*app.load<u16>(at + 3), 0x5544);
  EXPECT_EQ(*app.load<u32>(at + 4), 0x88776655u);
  EXPECT_TRUE(app.store<u8>(at + 2, 0).ok());
  EXPECT_EQ(*app.load<u64>(at), 0x8877665544002211ull);
}

TEST_F(ProcessAccessTest, StraddlesPages) {
  for (u64 before = 1; before < 8; ++before) {
    const VirtAddr border = at + kPageSize;
    store_and_load<u64>(app, border - before, 0x0123456789abcdefull + before);
  }
  EXPECT_EQ(app.entries({at, at + 4 * kPageSize}).size(), 2u);
}

TEST_F(ProcessAccessTest, AStraddlingFaultNamesTheFailingPage) {
  must(app.munmap(at + 2 * kPageSize, kPageSize));
  const VirtAddr hole = at + 2 * kPageSize;
  EXPECT_EQ(app.load<u32>(hole - 2).fault(), segv(sig::kSegvMapErr, hole));
  EXPECT_EQ(app.load<u64>(hole + 5).fault(), segv(sig::kSegvMapErr, hole + 5));
  const VirtAddr high = hole + kPageSize - 3;
  EXPECT_EQ(app.load<u64>(high).fault(), segv(sig::kSegvMapErr, high));
}

TEST_F(ProcessAccessTest, SignalsSayWhy) {
  EXPECT_EQ(app.load<u8>(VirtAddr(0x123)).fault(), segv(sig::kSegvMapErr, VirtAddr(0x123)));
  must(app.mprotect(at, kPageSize, kProtRead));
  EXPECT_EQ(app.store<u16>(at + 77, 1).fault(), segv(sig::kSegvAccErr, at + 77));
  must(app.mprotect(at, kPageSize, kProtNone));
  EXPECT_EQ(app.load<u8>(at + 4095).fault(), segv(sig::kSegvAccErr, at + 4095));
  // Beyond user space there is nothing; a non-canonical address is a general protection fault.
  const auto kernel = app.load<u8>(VirtAddr(0xffff888000000000));
  EXPECT_EQ(kernel.fault().signo, sig::kSigSegv);
  const auto wild = app.load<u8>(VirtAddr(0x1234567890abcdef));
  EXPECT_EQ(wild.fault().signo, sig::kSigSegv);
  EXPECT_TRUE(app.alive()) << "a signal is a value; the caller decides what it means";
}

TEST_F(ProcessAccessTest, AtomicsReturnTheValueBefore) {
  EXPECT_EQ(*app.fetch_add(at, u32{7}), 0u);
  EXPECT_EQ(*app.fetch_add(at, u32{0xffffffff}), 7u);
  EXPECT_EQ(*app.compare_exchange(at, u32{6}, u32{100}), 6u);
  EXPECT_EQ(*app.compare_exchange(at, u32{6}, u32{200}), 100u);
  EXPECT_EQ(*app.load<u32>(at), 100u);
  EXPECT_EQ(*app.fetch_add(at + 8, u64{1} << 40), 0u);
  EXPECT_EQ(*app.compare_exchange(at + 8, u64{1} << 40, u64{9}), u64{1} << 40);
  EXPECT_EQ(*app.load<u64>(at + 8), 9u);
}

TEST_F(ProcessAccessTest, AtomicsNeedTheRightToWrite) {
  EXPECT_TRUE(app.store<u32>(at, 5).ok());
  must(app.mprotect(at, kPageSize, kProtRead));
  EXPECT_EQ(app.fetch_add(at, u32{1}).fault(), segv(sig::kSegvAccErr, at));
  EXPECT_EQ(app.compare_exchange(at, u32{77}, u32{1}).fault(), segv(sig::kSegvAccErr, at))
      << "a comparison that fails writes all the same";
  EXPECT_EQ(*app.load<u32>(at), 5u);
}

TEST_F(ProcessAccessTest, FetchChecksTheRightToExecute) {
  EXPECT_EQ(app.fetch(at).fault(), segv(sig::kSegvAccErr, at));
  EXPECT_TRUE(app.store<u8>(at, 0xc3).ok());
  EXPECT_EQ(app.fetch(at).fault(), segv(sig::kSegvAccErr, at)) << "NX in a present entry";
  must(app.mprotect(at, kPageSize, kProtRead | kProtExec));
  EXPECT_TRUE(app.fetch(at).ok());
  EXPECT_EQ(app.fetch(VirtAddr(0x10)).fault(), segv(sig::kSegvMapErr, VirtAddr(0x10)));
}

TEST_F(ProcessAccessTest, CopiesStopAtTheFailingPage) {
  must(app.munmap(at + 2 * kPageSize, 2 * kPageSize));
  std::vector<std::byte> bytes(3 * kPageSize, std::byte{0x7e});
  EXPECT_EQ(app.copy_in(at, bytes).fault(), segv(sig::kSegvMapErr, at + 2 * kPageSize));
  EXPECT_EQ(*app.load<u8>(at + 2 * kPageSize - 1), 0x7e) << "what lies before is done";
  std::vector<std::byte> out(2 * kPageSize);
  EXPECT_TRUE(app.copy_out(at, out).ok());
  EXPECT_EQ(out.back(), std::byte{0x7e});
  EXPECT_EQ(app.fill(at + kPageSize, std::byte{1}, 2 * kPageSize).fault(),
            segv(sig::kSegvMapErr, at + 2 * kPageSize));
  EXPECT_TRUE(app.copy_in(at, {}).ok());
  EXPECT_TRUE(app.fill(VirtAddr(8), std::byte{0}, 0).ok()) << "no byte is no access";
}

TEST_F(ProcessAccessTest, StringsEndAtNulMaximumOrFault) {
  const std::string text = "across the border";
  const VirtAddr start = at + kPageSize - 6;
  EXPECT_TRUE(app.copy_in(start, std::as_bytes(std::span(text.data(), text.size() + 1))).ok());
  std::string read;
  EXPECT_TRUE(app.read_string(start, read).ok());
  EXPECT_EQ(read, text);
  EXPECT_TRUE(app.read_string(start, read, 6).ok());
  EXPECT_EQ(read, "across");
  EXPECT_TRUE(app.fill(at + 4 * kPageSize - 3, std::byte{'x'}, 3).ok());
  EXPECT_EQ(app.read_string(at + 4 * kPageSize - 3, read).fault(),
            segv(sig::kSegvMapErr, at + 4 * kPageSize));
}

TEST_F(ProcessAccessTest, AnonymousMemoryStartsAsTheZeroPage) {
  EXPECT_EQ(*app.load<u64>(at), 0u);
  const EntryView zero = app.entry(at);
  EXPECT_TRUE(zero.present && zero.special && !zero.writable);
  EXPECT_EQ(app.rss_pages(), 0u);
  EXPECT_TRUE(app.store<u8>(at, 1).ok());
  const EntryView own = app.entry(at);
  EXPECT_TRUE(own.present && own.writable && own.dirty && !own.special);
  EXPECT_NE(own.pfn, zero.pfn);
  EXPECT_EQ(app.rss_pages(), 1u);
  EXPECT_EQ(machine().page(own.pfn).kind, "anon");
}

TEST_F(ProcessAccessTest, WalkShowsEveryLevel) {
  EXPECT_TRUE(app.store<u32>(at, 0x600df00d).ok());
  const WalkView walk = app.walk(at + 4);
  ASSERT_TRUE(walk.mapped);
  ASSERT_EQ(walk.levels.size(), 4u);
  EXPECT_EQ(walk.levels.back().name, "PTE");
  EXPECT_EQ(walk.physical, app.entry(at).pfn.addr() + 4);
  const auto ram = must(machine().ram(app.entry(at).pfn.addr(), 4));
  u32 there = 0;
  std::memcpy(&there, ram.data(), 4);
  EXPECT_EQ(there, 0x600df00du) << "what the program stores is in that frame";
  EXPECT_FALSE(app.walk(at + kPageSize).mapped);
}

TEST_F(ProcessAccessTest, TheStackGrowsByTouch) {
  Process& typical = spawn("typical", ProgramLayout::kTypical);
  VirtAddr stack;
  for (const AreaView& area : typical.areas())
    if (area.has(vm_flag::kGrowsDown)) stack = area.range.start;
  ASSERT_NE(stack.value, 0u);
  EXPECT_TRUE(typical.store<u8>(stack - 100 * kPageSize, 1).ok());
  const VirtAddr deep = stack - (u64{16} << 20);
  EXPECT_EQ(typical.store<u8>(deep, 1).fault(), segv(sig::kSegvMapErr, deep)) << "RLIMIT_STACK";
}

TEST_F(ProcessAccessTest, MapsOfATypicalProgram) {
  EXPECT_EQ(spawn("prog", ProgramLayout::kTypical).maps(),
            "00400000-00402000 r-xp 00000000 08:01 1835021                            /usr/bin/prog\n"
            "00402000-00403000 r--p 00002000 08:01 1835021                            /usr/bin/prog\n"
            "00403000-00404000 rw-p 00003000 08:01 1835021                            /usr/bin/prog\n"
            "00404000-00405000 rw-p 00000000 00:00 0 \n"
            "7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0                          [stack]\n");
}

TEST_F(ProcessAccessTest, MapsOfATypicalX86_32Program) {
  auto other = must(Machine::create(config_of({6, 12, 0}, Profile::kX86_32)));
  Process& prog = *must(other->spawn("prog", ProgramLayout::kTypical));
  // Names start at column 49 where pointers have four bytes, at 73 where they have eight.
  EXPECT_EQ(prog.maps(),
            "08048000-0804a000 r-xp 00000000 03:01 10484      /usr/bin/prog\n"
            "0804a000-0804b000 r--p 00002000 03:01 10484      /usr/bin/prog\n"
            "0804b000-0804c000 rw-p 00003000 03:01 10484      /usr/bin/prog\n"
            "0804c000-0804d000 rw-p 00000000 00:00 0 \n"
            "bffeb000-c0000000 rw-p 00000000 00:00 0          [stack]\n");
}

TEST_F(ProcessAccessTest, AddressesAreThoseOfTheProfile) {
  EXPECT_EQ(at.value >> 40, 0x70u - 1) << "just below the x86-64 mmap base 0x700000000000";
  auto other = must(Machine::create(config_of({2, 6, 10}, Profile::kX86_32)));
  Process& prog = *must(other->spawn("prog"));
  const auto low = must(prog.mmap({.length = kPageSize, .flags = kMapPrivate | kMapAnonymous}));
  EXPECT_EQ(low.value, 0x40000000u) << "2.6.10 places mappings upwards from a third of 3 GiB";
  EXPECT_EQ(prog.load<u8>(VirtAddr(0xC0000000)).fault(),
            segv(sig::kSegvMapErr, VirtAddr(0xC0000000)));
  EXPECT_EQ(prog.load<u32>(VirtAddr(0xBFFFFFFE)).fault().signo, sig::kSigSegv);
}

}  // namespace
}  // namespace vmsim
