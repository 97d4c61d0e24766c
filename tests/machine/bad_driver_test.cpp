// SPDX-License-Identifier: MIT
// Mistakes in mmap and fault handlers: what the program gets, which rule is named, and that the
// machine goes on. Mistakes with memory, locks and at unload are in bad_driver_calls_test.cpp.
#include "machine/bad_world.hpp"

namespace vmsim {
namespace {

using ::testing::HasSubstr;

enum class Ends { kLives, kDies };

class BadDriverTest : public BadWorld {
 protected:
  struct MmapCase {
    const char* name;
    bad_mmap what;
    int errno_value;
    const char* rule;
    Ends ends = Ends::kLives;
  };

  void try_mmap(const MmapCase& c) {
    SCOPED_TRACE(c.name);
    machine().clear_findings();
    Process& app = victim();
    must(app.ioctl(fd_, BAD_PFN, 0x2000));
    const auto at = map_badly(app, c.what);
    EXPECT_EQ(at.has_value(), c.errno_value == 0);
    if (c.ends == Ends::kDies) {
      EXPECT_FALSE(app.alive());
      EXPECT_TRUE(machine().tainted());
    } else {
      EXPECT_TRUE(app.alive());
      EXPECT_EQ(errno_of(at), c.errno_value) << (at ? "" : at.error().to_string());
      EXPECT_EQ(app.areas().size(), at ? 1u : 0u);
      EXPECT_EQ(app.validate(), "");
    }
    expect_rule(c.rule);
    app.exit();
    still_serves();
  }

  struct FaultCase {
    const char* name;
    bad_fault what;
    UserFault fault;  ///< its address is that of the access
    const char* rule;
    Ends ends = Ends::kLives;
    bad_mmap kind = BAD_MMAP_FAULT;
    u32 flags = kMapShared;
  };

  void try_fault(const FaultCase& c) {
    SCOPED_TRACE(c.name);
    machine().clear_findings();
    Process& app = victim();
    must(app.ioctl(fd_, BAD_FAULT, c.what));
    const VirtAddr at = must(map_badly(app, c.kind, c.flags));
    const UserFault want{c.fault.signo, c.fault.code, at.value + kPageSize + 12};
    EXPECT_EQ(app.load<u32>(at + kPageSize + 12).fault(), want);
    EXPECT_EQ(app.alive(), c.ends == Ends::kLives);
    expect_rule(c.rule);
    if (app.alive()) {
      EXPECT_EQ(app.validate(), "");
      EXPECT_EQ(app.store<u8>(at + kPageSize, 1).fault().signo, c.fault.signo) << "a write as well";
      EXPECT_FALSE(app.entry(at + kPageSize).present);
    }
    app.exit();
    still_serves();
  }
};

constexpr UserFault kKilled{sig::kSigKill, sig::kSiKernel, 0};
constexpr UserFault kStuck{sig::kSigKill, sig::kNoProgress, 0};

TEST_F(BadDriverTest, RemapWithBadRanges) {
  const MmapCase cases[] = {
      {"A43 unaligned", BAD_MMAP_UNALIGNED, kEInval, "remap-unaligned"},
      {"a kernel address", BAD_MMAP_KERNEL_ADDRESS, kEInval, "remap-outside-user"},
      {"A45 size 0", BAD_MMAP_EMPTY, kEFault, "remap-empty", Ends::kDies},
      {"the range wraps", BAD_MMAP_WRAPS, kEFault, "remap-empty", Ends::kDies},
      {"A46 twice", BAD_MMAP_TWICE, kEFault, "remap-twice", Ends::kDies},
  };
  for (const MmapCase& c : cases) try_mmap(c);
}

TEST_F(BadDriverTest, InsertsOfBadPages) {
  // The driver dies before it frees the area and the cookie.
  leaked_.vmalloc_areas = leaked_.frames = leaked_.ioremaps = 1;
  const MmapCase cases[] = {
      {"B04 slab", BAD_MMAP_INSERT_SLAB, kEInval, ""},
      {"B04 free page", BAD_MMAP_INSERT_FREE, kEInval, ""},
      {"B04 zero page", BAD_MMAP_INSERT_ZERO, kEInval, ""},
      {"B10 vmalloc", BAD_MMAP_INSERT_VMALLOC, kEFault, "virt-to-page-not-logical",
       Ends::kDies},
      {"B10 ioremap", BAD_MMAP_INSERT_COOKIE, kEFault, "virt-to-page-not-logical", Ends::kDies},
      {"no struct page", BAD_MMAP_INSERT_JUNK, kEFault, "user-pointer", Ends::kDies},
      {"B06 outside", BAD_MMAP_INSERT_OUTSIDE, kEFault, ""},
      {"B03 twice", BAD_MMAP_INSERT_TWICE, kEBusy, ""},
      {"B07 into PFNMAP", BAD_MMAP_INSERT_PFNMAP, kEFault, "insert-page-pfnmap", Ends::kDies},
  };
  for (const MmapCase& c : cases) try_mmap(c);
}

TEST_F(BadDriverTest, MmapHandlersThatAnswerNonsense) {
  try_mmap({"-4095", BAD_MMAP_RETURNS_MINUS_4095, 4095, ""});
  try_mmap({"an oops", BAD_MMAP_OOPSES, kEFault, "oops", Ends::kDies});
  Process& app = victim();
  const auto at = map_badly(app, BAD_MMAP_RETURNS_5);
  EXPECT_EQ(must(at).value, 5u) << "the kernel takes it for the address, and nothing is mapped";
  EXPECT_TRUE(app.areas().empty());
  EXPECT_EQ(app.load<u8>(VirtAddr(5)).fault().code, sig::kSegvMapErr);
}

TEST_F(BadDriverTest, AnOopsAfterInsertingGivesThePageBack) {
  Process& app = victim();
  EXPECT_FALSE(map_badly(app, BAD_MMAP_OOPSES).has_value());
  EXPECT_FALSE(app.alive());
  Process& next = victim();
  const VirtAddr at = must(map_badly(next, BAD_MMAP_GOOD));
  EXPECT_EQ(counts(next.entry(at).pfn), "2/1") << "one holder, one mapping: the dead one's is gone";
}

TEST_F(BadDriverTest, FramesWhereNothingIs) {
  Process& app = victim();
  must(app.ioctl(fd_, BAD_PFN, 0xfd000));
  const VirtAddr at = must(map_badly(app, BAD_MMAP_REMAP));
  EXPECT_EQ(*app.load<u32>(at), 0xffffffffu) << "nobody answers on the bus";
  EXPECT_TRUE(app.store<u32>(at, 1).ok());
  expect_rule("bus-hole");
  EXPECT_TRUE(app.alive());
  EXPECT_EQ(app.validate(), "");
}

TEST_F(BadDriverTest, A48AFrameBeyondThePhysicalAddresses) {
  Process& app = victim();
  must(app.ioctl(fd_, BAD_PFN, (u64{1} << 45) + 0x2000));
  const VirtAddr at = must(map_badly(app, BAD_MMAP_REMAP));
  expect_rule("pfn-truncated");
  EXPECT_EQ(app.entry(at).pfn, Pfn(0x2000)) << "silently truncated by Linux";
}

TEST_F(BadDriverTest, AFrameThatX86_32CannotEncode) {
  World::TearDown();
  boot_bad(config_of({6, 12, 0}, Profile::kX86_32));
  Process& app = victim();
  must(app.ioctl(fd_, BAD_PFN, 0x100000));
  EXPECT_EQ(errno_of(map_badly(app, BAD_MMAP_REMAP)), kEInval);
  expect_rule("pfn-unencodable");
  EXPECT_TRUE(app.areas().empty());
}

TEST_F(BadDriverTest, A47RemapPastTheEndOfTheArea) {
  Process& app = victim();
  must(app.ioctl(fd_, BAD_PFN, 0x2000));
  // A neighbour keeps the page table alive when the area goes.
  must(app.mmap({.length = kPageSize,
                 .flags = kMapPrivate | kMapAnonymous | kMapFixed,
                 .hint = VirtAddr(0x10010000)}));
  must(app.ioctl(fd_, BAD_MMAP, BAD_MMAP_OUTSIDE));
  const VirtAddr at = must(app.mmap({.length = 2 * kPageSize,
                                     .flags = kMapShared | kMapFixed,
                                     .fd = fd_,
                                     .hint = VirtAddr(0x10000000)}));
  expect_rule("remap-outside-vma");
  EXPECT_TRUE(app.load<u8>(at + 2 * kPageSize).ok()) << "readable without an area";
  must(app.munmap(at, 2 * kPageSize));
  EXPECT_FALSE(app.entry(at).present);
  EXPECT_TRUE(app.entry(at + 2 * kPageSize).present) << "survives munmap";
  app.exit();
}

TEST_F(BadDriverTest, FaultsWithoutProgress) {
  const FaultCase cases[] = {
      {"C13 NOPAGE without an entry", BAD_FAULT_NOPAGE, kStuck, "no-progress"},
      {"C12 OOM for ever", BAD_FAULT_OOM, kStuck, "no-progress"},
      {"C14 RETRY, lock released", BAD_FAULT_RETRY, kStuck, "no-progress"},
      {"C14 RETRY with the lock", BAD_FAULT_RETRY_LOCKED, kStuck, "retry-with-lock"},
  };
  for (const FaultCase& c : cases) try_fault(c);
}

TEST_F(BadDriverTest, FaultHandlersThatAnswerNonsense) {
  const FaultCase cases[] = {
      {"C15 0 without a page", BAD_FAULT_NO_PAGE, kKilled, "fault-no-page", Ends::kDies},
      {"LOCKED without", BAD_FAULT_LOCKED_NO_PAGE, kKilled, "fault-no-page", Ends::kDies},
      {"no struct page", BAD_FAULT_JUNK_PAGE, kKilled, "fault-bad-page", Ends::kDies},
      {"junk bits", BAD_FAULT_JUNK_BITS, kKilled, "fault-no-page", Ends::kDies},
      {"the top bit", BAD_FAULT_TOP_BIT, kKilled, "fault-no-page", Ends::kDies},
      {"C11 SIGSEGV", BAD_FAULT_SIGSEGV, {sig::kSigSegv, sig::kSegvMapErr, 0}, ""},
      {"C11 HWPOISON", BAD_FAULT_HWPOISON, {sig::kSigBus, sig::kBusMceErrAr, 0}, ""},
      {"a NULL pointer", BAD_FAULT_NULL, kKilled, "oops", Ends::kDies},
  };
  for (const FaultCase& c : cases) try_fault(c);
}

TEST_F(BadDriverTest, AnErrnoAsFaultCode) {
  Process& app = victim();
  must(app.ioctl(fd_, BAD_FAULT, BAD_FAULT_MINUS_ENOMEM));
  const VirtAddr at = must(map_badly(app, BAD_MMAP_FAULT));
  EXPECT_FALSE(app.load<u8>(at).ok());
  expect_rule("fault-bad-code");
}

TEST_F(BadDriverTest, AFreePageAsAnswer) {
  Process& app = victim();
  must(app.ioctl(fd_, BAD_FAULT, BAD_FAULT_FREE_PAGE));
  const VirtAddr at = must(map_badly(app, BAD_MMAP_FAULT));
  static_cast<void>(app.load<u8>(at));
  app.exit();
  EXPECT_NE(machine().findings().size(), 0u) << "a page that nobody holds was mapped";
}

TEST_F(BadDriverTest, InsertPfnWhereItMustNot) {
  const FaultCase cases[] = {
      {"C08 plain area", BAD_FAULT_INSERT_PFN, kKilled, "insert-pfn-flags", Ends::kDies},
      {"C08 RAM into MIXEDMAP", BAD_FAULT_INSERT_PFN, kKilled, "insert-pfn-mixed-ram", Ends::kDies,
       BAD_MMAP_FAULT_MIXED},
      {"C05 private", BAD_FAULT_INSERT_PFN, kKilled, "insert-pfn-private", Ends::kDies,
       BAD_MMAP_FAULT_PFNMAP, kMapPrivate},
  };
  for (const FaultCase& c : cases) try_fault(c);
}

TEST_F(BadDriverTest, ACopyFromAPageThatNeverComes) {
  insmod("misc_basic");
  Process& app = victim();
  for (const bad_fault what : {BAD_FAULT_NOPAGE, BAD_FAULT_OOM, BAD_FAULT_SIGSEGV}) {
    must(app.ioctl(fd_, BAD_FAULT, what));
    const VirtAddr at = must(map_badly(app, BAD_MMAP_FAULT));
    const int misc = must(app.open("/dev/misc_basic"));
    EXPECT_EQ(errno_of(app.write(misc, at, 8)), kEFault);
    EXPECT_TRUE(app.alive());
  }
}

TEST_F(BadDriverTest, MapsTellsNothingOfADeadProgram) {
  Process& app = victim();
  EXPECT_FALSE(map_badly(app, BAD_MMAP_EMPTY).has_value());
  EXPECT_EQ(app.maps(), "");
  EXPECT_EQ(errno_of(app.ioctl(fd_, BAD_FAULTS)), kESrch);
  EXPECT_THAT(machine().dmesg(), HasSubstr("victim"));
}

}  // namespace
}  // namespace vmsim
