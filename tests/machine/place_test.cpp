// SPDX-License-Identifier: MIT
// Findings and oopses say where in the driver, in its author's words: the driver `where` makes each
// mistake on a line that is marked in its source.
#include <fstream>

#include "drivers/where.h"
#include "kern/source_lines.hpp"
#include "machine/world.hpp"

namespace vmsim {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// The line of tests/drivers/where.c that ends in the comment "here: <mark>".
int line_of(const std::string& mark) {
  std::ifstream in(VMSIM_SOURCE_DIR "/tests/drivers/where.c");
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.find("/* here: " + mark + " */") != std::string::npos) return number;
  }
  ADD_FAILURE() << "where.c has no line for " << mark;
  return 0;
}

/// The parameter is the driver: where, or the same without optimisation.
class PlaceTest : public World, public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    const bool optimised = std::string(GetParam()) == "where";
    if (optimised && !kern::SourceLines::available())
      GTEST_SKIP() << "without libdw the function that was compiled is named, not the inlined one";
    boot();
    insmod(GetParam());
    app_ = &spawn("app");
    fd_ = must(app_->open("/dev/where"));
  }

  /// "where.c:30 in sleep_locked [where]".
  static std::string place(const std::string& mark, const std::string& function) {
    const std::string name = function + " [" + GetParam() + "]";
    if (!kern::SourceLines::available()) return name;
    return "where.c:" + std::to_string(line_of(mark)) + " in " + name;
  }

  /// The only finding of `rule`.
  Finding finding(const std::string& rule) {
    Finding found;
    int count = 0;
    for (const Finding& one : machine().findings()) {
      if (one.rule != rule) continue;
      found = one;
      ++count;
    }
    EXPECT_EQ(count, 1) << rule << " among:\n" << findings_text();
    return found;
  }

  Result<VirtAddr> map(where_map what) {
    must(app_->ioctl(fd_, WHERE_MAP, what));
    return app_->mmap({.length = kPageSize, .fd = fd_});
  }

  /// What a load of the mapping ends with.
  UserFault load_fault(where_map what) {
    const auto access = app_->load<u32>(must(map(what)));
    EXPECT_FALSE(access.ok());
    return access.ok() ? UserFault{} : access.fault();
  }

  std::string handler() { return std::string("the fault handler where_fault [") + GetParam() + "] of /dev/where "; }

  Process* app_ = nullptr;
  int fd_ = -1;
};

INSTANTIATE_TEST_SUITE_P(Drivers, PlaceTest, testing::Values("where", "where_o0"),
                         [](const auto& driver) { return std::string(driver.param); });

TEST_P(PlaceTest, TheLineOfTheCall) {
  must(app_->ioctl(fd_, WHERE_KFREE_TWICE));
  EXPECT_EQ(finding("double-free").place, place("free_again", "free_again"));
  EXPECT_THAT(finding("double-free").text, HasSubstr("(free, freed at " + place("where_do", "where_do") + ")"));
  must(app_->ioctl(fd_, WHERE_FREE_PAGE_TWICE));
  EXPECT_EQ(finding("double-free-page").place, place("free_page_twice", "free_page_twice"));
  EXPECT_THAT(finding("double-free-page").text,
              HasSubstr("freed at " + place("free_page_twice frees", "free_page_twice")));
  machine().clear_findings();
  must(app_->ioctl(fd_, WHERE_VFREE_TWICE));
  EXPECT_EQ(finding("double-free").place, place("free_area_twice", "free_area_twice"));
  EXPECT_THAT(finding("double-free").text,
              HasSubstr("freed already, at " + place("free_area_twice frees", "free_area_twice")));
}

TEST_P(PlaceTest, ExportsThatGoThroughOthers) {
  must(app_->ioctl(fd_, WHERE_SLEEP_LOCKED));
  for (const Finding& one : machine().findings()) {
    EXPECT_EQ(one.rule, "sleep-in-atomic");
    EXPECT_EQ(one.place, place("sleep_locked", "sleep_locked")) << one.text;
  }
  EXPECT_GE(findings_of("sleep-in-atomic"), 1u);
}

TEST_P(PlaceTest, WhoseAddressItIs) {
  must(app_->ioctl(fd_, WHERE_KFREE_STATIC));
  EXPECT_EQ(finding("kfree-bad-pointer").place, place("kfree_static", "where_do"));
  EXPECT_THAT(finding("kfree-bad-pointer").text,
              HasSubstr(std::string("static data of module ") + GetParam() + " (counter)"));
  EXPECT_THAT(finding("kfree-bad-pointer").text, Not(HasSubstr("0x"))) << "a host address";
  machine().clear_findings();
  EXPECT_EQ(*app_->ioctl(fd_, WHERE_KFREE_LOCAL), 1);
  EXPECT_EQ(finding("kfree-bad-pointer").place, place("free_local", "free_local"));
  EXPECT_THAT(finding("kfree-bad-pointer").text, HasSubstr("a local variable"));
  EXPECT_THAT(finding("kfree-bad-pointer").text, Not(HasSubstr("0x"))) << "a host address";
  must(app_->ioctl(fd_, WHERE_WRITE_PAST_END));
  EXPECT_EQ(finding("slab-corruption").place, place("write_past_end", "write_past_end"));
  EXPECT_THAT(finding("slab-corruption").text,
              HasSubstr("allocation #1, at " + place("write_past_end allocates", "write_past_end") + ")"));
}

TEST_P(PlaceTest, LocksSayWhereTheyWereTaken) {
  must(app_->ioctl(fd_, WHERE_LOCK_LEFT));
  const std::string taken = "mutex 'mutex', taken at " + place("lock_left", "where_do");
  EXPECT_EQ(finding("lock-leaked-to-user").place, "") << "the driver has returned";
  EXPECT_THAT(finding("lock-leaked-to-user").text, HasSubstr(taken));
  app_->exit();
  EXPECT_THAT(finding("lock-held-at-exit").text, HasSubstr(taken));
}

TEST_P(PlaceTest, ABugNamesTheCallingLine) {
  EXPECT_FALSE(app_->ioctl(fd_, WHERE_LOCK_TWICE).has_value());
  const std::string here = place("lock_twice", "lock_twice");
  EXPECT_EQ(finding("recursive-lock").place, here);
  EXPECT_EQ(finding("oops").place, here);
  EXPECT_THAT(finding("oops").text, Not(HasSubstr("+0x"))) << "offsets differ between compilers";
  if (!kern::SourceLines::available()) return;
  const std::string line = here.substr(0, here.find(' '));
  const std::string log = machine().dmesg();
  EXPECT_THAT(log, HasSubstr("kernel BUG at " + line + "!\n"));
  const std::string rip = log.substr(log.find("RIP: "), log.find('\n', log.find("RIP: ")) - log.find("RIP: "));
  EXPECT_THAT(rip, StartsWith("RIP: 0010:lock_twice+0x"));
  EXPECT_THAT(rip, testing::EndsWith(std::string(" [") + GetParam() + "] " + line));
  EXPECT_THAT(log, testing::ContainsRegex(" where_ioctl[+]0x[0-9a-f/x]+ [[]" + std::string(GetParam()) +
                                          "] where.c:[0-9]+\n"));
}

TEST_P(PlaceTest, FaultsNameTheirLineAndTheirNumber) {
  EXPECT_FALSE(app_->ioctl(fd_, WHERE_DIVIDE).has_value());
  EXPECT_EQ(finding("oops").place, place("divide", "where_do"));
#if defined(__x86_64__)
  EXPECT_THAT(finding("oops").text, StartsWith("Oops: divide error: 0000 [#1]"));
#endif
  EXPECT_THAT(machine().dmesg(), HasSubstr("[#1]"));
  EXPECT_THAT(machine().dmesg(), Not(HasSubstr("[#2]")));
}

TEST_P(PlaceTest, AFaultInsideOfAKernelFunction) {
  EXPECT_FALSE(app_->ioctl(fd_, WHERE_BAD_STRING).has_value());
  const std::string log = machine().dmesg();
  EXPECT_THAT(log, testing::AnyOf(HasSubstr("RIP: 0010:(vmsim)\n"), HasSubstr("RIP: 0010:strlen")));
  EXPECT_THAT(log, Not(HasSubstr("RIP: 0010:0x"))) << "a host address";
#if !defined(__SANITIZE_THREAD__)  // whose own strlen stands between
  EXPECT_EQ(machine().findings().front().place, place("bad_string", "where_do"));
#endif
}

TEST_P(PlaceTest, AFaultThatAKernelFunctionFinds) {
  EXPECT_FALSE(app_->ioctl(fd_, WHERE_GET_NULL, 0).has_value());
  EXPECT_EQ(finding("oops").place, place("get_null", "where_do"));
  EXPECT_THAT(machine().dmesg(), HasSubstr("RIP: 0010:where_")) << "the driver, not vmsim";
}

TEST_P(PlaceTest, AddressesOfTheImageAreThoseOfEveryRun) {
  EXPECT_FALSE(app_->ioctl(fd_, WHERE_READ_CONST, 2).has_value());
  EXPECT_THAT(finding("oops").text, StartsWith("BUG: unable to handle page fault for address: ffffffffc000"));
  EXPECT_THAT(finding("oops").text, HasSubstr(std::string("that is static data of module ") + GetParam()));
  EXPECT_THAT(machine().dmesg(), HasSubstr("CR2: ffffffffc000"));
}

TEST_P(PlaceTest, WhatAHandlerReturned) {
  const UserFault stuck = load_fault(WHERE_FAULT_ERRNO);
  EXPECT_EQ(stuck.code, sig::kNoProgress);
  const Finding errno_found = finding("fault-bad-code");
  EXPECT_THAT(errno_found.text, StartsWith(handler() + "returned -12 (ENOMEM)"));
  EXPECT_EQ(errno_found.place, place("where_fault", "where_fault"));
  EXPECT_EQ(errno_found.count, 1u) << "the handler is asked once";
  EXPECT_EQ(machine().findings().size(), 1u) << findings_text();
  machine().clear_findings();
  EXPECT_EQ(load_fault(WHERE_FAULT_RETRY).code, sig::kNoProgress);
  EXPECT_EQ(finding("retry-with-lock").count, machine().config().fault_retries);
  EXPECT_THAT(finding("retry-with-lock").text, StartsWith(handler() + "returned VM_FAULT_RETRY"));
  EXPECT_THAT(finding("no-progress").text, StartsWith(handler() + "answered "));
  machine().clear_findings();
  EXPECT_EQ(load_fault(WHERE_FAULT_NOPAGE).code, sig::kNoProgress);
  EXPECT_EQ(finding("no-progress").place, place("where_fault", "where_fault"));
  EXPECT_THAT(finding("no-progress").text, HasSubstr("Answered by: " + handler().substr(0, handler().size() - 1)));
  EXPECT_TRUE(app_->alive());
  EXPECT_EQ(load_fault(WHERE_FAULT_NO_PAGE).signo, sig::kSigKill);
  EXPECT_THAT(finding("fault-no-page").text, StartsWith(handler() + "returned 0x0"));
  EXPECT_EQ(finding("oops").place, place("where_fault", "where_fault"));
}

TEST_P(PlaceTest, PagesThatNobodyHolds) {
  EXPECT_TRUE(app_->load<u32>(must(map(WHERE_FAULT_FREE_PAGE))).ok());
  EXPECT_THAT(finding("fault-free-page").text, HasSubstr("freed at " + place("fault frees", "where_fault")));
  EXPECT_EQ(finding("fault-free-page").place, place("where_fault", "where_fault"));
  EXPECT_TRUE(app_->load<u32>(must(map(WHERE_FAULT_FREE_PFN))).ok());
  EXPECT_EQ(finding("insert-pfn-free").place, place("fault pfn", "where_fault"));
  EXPECT_THAT(finding("insert-pfn-free").text, HasSubstr("freed at " + place("fault frees for pfn", "where_fault")));
  must(map(WHERE_MAP_FREED_PFN));
  EXPECT_EQ(finding("remap-freed-page").place, place("map pfn", "where_mmap"));
  EXPECT_THAT(finding("remap-freed-page").text, HasSubstr("freed at " + place("map frees for pfn", "where_mmap")));
}

TEST_P(PlaceTest, APageHandedOutWithoutGetPage) {
  EXPECT_TRUE(app_->load<u32>(must(map(WHERE_FAULT_NO_GET))).ok());
  EXPECT_EQ(findings_text(), "no findings\n") << "it may be meant: the mapping then owns the page";
  app_->exit();
  must(rmmod(GetParam()));
  EXPECT_EQ(finding("double-free-page").place, place("where_exit", "where_exit"));
  EXPECT_THAT(finding("double-free-page").text, HasSubstr("was get_page() forgotten"));
}

TEST_P(PlaceTest, MmapSaysWhoRefused) {
  const auto refused = map(WHERE_MAP_REFUSED);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().message, std::string("the mmap handler where_mmap [") + GetParam() +
                                         "] of /dev/where refused: vm_insert_page: the address is outside of the area");
  const auto other = map(WHERE_MAP_EPERM);
  ASSERT_FALSE(other.has_value());
  EXPECT_THAT(other.error().message, testing::EndsWith("of /dev/where refused")) << "not that call's errno";
  const auto free_page = map(WHERE_MAP_FREE_PAGE);
  ASSERT_FALSE(free_page.has_value());
  EXPECT_THAT(free_page.error().message, HasSubstr("freed at " + place("map frees", "where_mmap")));
  EXPECT_EQ(must(map(WHERE_MAP_5)).value, 5u);
  EXPECT_EQ(finding("mmap-positive-return").place, place("where_mmap", "where_mmap"));
  EXPECT_FALSE(map(WHERE_MAP_TWICE).has_value());
  EXPECT_EQ(finding("remap-twice").place, place("twice", "where_mmap"));
}

TEST_P(PlaceTest, AHandlerInsideOfACallHasItsOwnPlace) {
  const VirtAddr at = must(map(WHERE_FAULT_KFREE));
  must(app_->ioctl(fd_, WHERE_COPY_THEN_KFREE, at.value));
  const auto findings = machine().findings();
  ASSERT_EQ(findings.size(), 2u) << findings_text();
  EXPECT_EQ(findings[0].place, place("fault kfree", "where_fault"));
  EXPECT_EQ(findings[1].place, place("touch_user later", "touch_user")) << "after the handler, the caller's again";
}

TEST_P(PlaceTest, TheSameAgainIsCounted) {
  TextRecorder recorder({EventKind::kFinding});
  machine().add_observer(recorder);
  for (int i = 0; i < 3; ++i) must(app_->ioctl(fd_, WHERE_KFREE_STATIC));
  machine().remove_observer(recorder);
  EXPECT_EQ(finding("kfree-bad-pointer").count, 3u);
  EXPECT_EQ(recorder.count(" (" + place("kfree_static", "where_do") + ")"), 3u) << recorder.text();
  EXPECT_THAT(finding("kfree-bad-pointer").to_string(), testing::EndsWith(") [3 times]"));
  machine().clear_findings();
  must(app_->ioctl(fd_, WHERE_KFREE_STATIC));
  EXPECT_EQ(finding("kfree-bad-pointer").count, 1u);
}

}  // namespace
}  // namespace vmsim
