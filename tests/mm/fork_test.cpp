// SPDX-License-Identifier: MIT
// fork(2) and exit(2) of address spaces: which entries are copied, copy on write, callbacks. Rows
// A07 to A09, B02, B13, C01 and C04 (fork), X06, X12, F6.
#include "mm/fixture.hpp"
#include "mm/pin.hpp"

namespace vmsim::mm {
namespace {

class Fork : public MmTest {};

TEST_F(Fork, A07_shared_remap) {
  driver.remap_on_mmap(driver.block());
  ASSERT_EQ(map_dev(0, 2), 0);
  Program child = program.fork();
  EXPECT_EQ(driver.log(), "open([0,2) off=0 fc=3)");
  EXPECT_EQ(child.pte(0), "P RW U SPECIAL NX") << "copied, and not accessed";
  EXPECT_EQ(child.pte(1), "P RW U SPECIAL NX");
  EXPECT_EQ(program.pte(0), "P RW U A SPECIAL NX");
  EXPECT_EQ(child.flags(0), "rd wr sh mr mw me ms pf io de ar dd sd ");
  EXPECT_EQ(child.wr(0, 0x77), "ok");
  EXPECT_EQ(program.rd(0), "0x77");
  child.exit();
  EXPECT_EQ(driver.log(), "close([0,2) off=0 fc=3)");
}

TEST_F(Fork, A08_private_remap) {
  driver.remap_on_mmap(driver.block());
  ASSERT_EQ(map_dev(0, 2, kRw, map::kPrivate), 0);
  EXPECT_EQ(program.pte(0), "P U A SPECIAL NX");
  Program child = program.fork();
  EXPECT_EQ(child.pte(0), "P U SPECIAL NX");
  EXPECT_EQ(child.wr(0, 0xabc), "ok");
  EXPECT_EQ(child.rd(0), "0xabc");
  EXPECT_EQ(child.pte(0), "P RW U A D NX");
  EXPECT_EQ(child.vma(0)->vm_pgoff, driver.block());
  EXPECT_EQ(program.rd(0), "0x1000");
  EXPECT_EQ(program.pte(0), "P U A SPECIAL NX");
  child.exit();
  EXPECT_EQ(driver.log(),
            fmt::format("open([0,2) off={0:x} fc=3) close([0,2) off={0:x} fc=3)", driver.block()));
}

TEST_F(Fork, A09_dont_copy) {
  driver.set_flags_on_mmap(vm::kDontCopy);
  ASSERT_EQ(map_dev(0, 2), 0);
  ASSERT_EQ(program.map_anon(4, 1), 0);
  Program child = program.fork();
  EXPECT_EQ(driver.log(), "(none)");
  EXPECT_EQ(child.layout(), "[4,5) rw-p");
  EXPECT_EQ(child.rd(0), "SIGSEGV/MAPERR@0");
}

TEST_F(Fork, pinned_page_stays_with_the_parent) {
  ASSERT_EQ(program.map_anon(4, 2), 0);
  for (const u64 page : {4u, 5u}) ASSERT_EQ(program.wr(page, 7), "ok");
  const Pfn pinned = program.entry(4).pfn();
  ::page* const page = world.env().mem_map.page(pinned);
  page->_refcount.counter += kPinBias;
  Program child = program.fork();
  EXPECT_EQ(program.pte(4), "P RW U A D NX") << "not even write-protected";
  EXPECT_EQ(program.pte(5), "P U A D NX");
  EXPECT_NE(child.entry(4).pfn(), pinned);
  EXPECT_EQ(child.rd(4), "0x7");
  EXPECT_EQ(program.wr(4, 8), "ok");
  EXPECT_EQ(program.entry(4).pfn(), pinned);
  EXPECT_EQ(child.rd(4), "0x7");
  child.exit();
  page->_refcount.counter -= kPinBias;
}

TEST_F(Fork, X06_context_of_open) {
  driver.remap_on_mmap(driver.block());
  ASSERT_EQ(map_dev(0, 2), 0);
  driver.with_context = true;
  bool parent_locked = false;
  driver.at_open = [&](Vma&) {
    parent_locked = sched::lock_is_held(&program.mm().mmap_lock, sched::HoldMode::kWrite);
  };
  Program child = program.fork();
  EXPECT_TRUE(parent_locked);
  const std::string log = driver.log();
  EXPECT_NE(log.find("pte0=0 intree=1 mm=other"), std::string::npos) << log;
  driver.at_open = nullptr;
}

TEST_F(Fork, X12_context_of_close_at_exit) {
  driver.remap_on_mmap(driver.block());
  ASSERT_EQ(map_dev(4, 2), 0);
  ASSERT_EQ(map_dev(0, 2), 0);
  driver.with_context = true;
  program.exit();
  EXPECT_EQ(driver.log(),
            "close([0,2) off=0 fc=3){WRITE pte0=0 intree=1 mm=other} close([4,6) off=0 fc=2){WRITE "
            "pte0=0 intree=1 "
            "mm=other}");
}

TEST_F(Fork, B13_exit_closes_in_address_order) {
  ASSERT_EQ(map_dev(8, 1, kRw, map::kShared, 1), 0);
  ASSERT_EQ(map_dev(0, 1), 0);
  ASSERT_EQ(map_dev(4, 1, kRw, map::kShared, 1), 0);
  Program child = program.fork();
  EXPECT_EQ(driver.log(), "open([0,1) off=0 fc=5) open([4,5) off=1 fc=6) open([8,9) off=1 fc=7)");
  child.exit();
  EXPECT_EQ(driver.log(),
            "close([0,1) off=0 fc=7) close([4,5) off=1 fc=6) close([8,9) off=1 fc=5)");
}

TEST_F(Fork, B02_reference_counts_of_inserted_pages) {
  driver.insert_on_mmap(2);
  EXPECT_EQ(driver.refs(0), "1/0");
  ASSERT_EQ(map_dev(0, 4, kRw, map::kShared, 5), 0);
  EXPECT_EQ(driver.refs(0), "2/1");
  EXPECT_EQ(program.wr(0, 1), "ok");
  Program child = program.fork();
  EXPECT_EQ(child.pte(0), "P RW U NX") << "neither accessed nor dirty";
  EXPECT_EQ(driver.refs(0), "3/2");
  EXPECT_EQ(child.rd(0), "0x1");
  EXPECT_EQ(driver.refs(0), "3/2") << "no fault";
  child.exit();
  EXPECT_EQ(driver.refs(0), "2/1");
  driver.log();
  unmap_log(0, 1);
  EXPECT_EQ(driver.refs(0), "1/0");
  EXPECT_EQ(driver.refs(1), "2/1");
}

TEST_F(Fork, C01_shared_fault_pages_are_not_copied) {
  driver.use(ops::kAll | ops::kFault);
  driver.give_pages();
  ASSERT_EQ(map_dev(0, 2), 0);
  EXPECT_EQ(program.rd(0), "0x41414141");
  EXPECT_EQ(driver.refs(0), "2/1");
  driver.log();
  Program child = program.fork();
  EXPECT_EQ(child.pte(0), "none");
  EXPECT_EQ(driver.refs(0), "2/1");
  EXPECT_EQ(child.rd(0), "0x41414141");
  EXPECT_EQ(driver.refs(0), "3/2");
  EXPECT_EQ(driver.log(), "open([0,2) off=0 fc=3) fault(0)");
}

TEST_F(Fork, C02_private_fault_pages_follow_the_anon_vma) {
  driver.use(ops::kAll | ops::kFault);
  driver.give_pages();
  ASSERT_EQ(map_dev(0, 2, kRw, map::kPrivate), 0);
  EXPECT_EQ(program.rd(0), "0x41414141");
  {
    Program child = program.fork();
    EXPECT_EQ(child.pte(0), "none") << "nothing private yet";
  }
  EXPECT_EQ(program.wr(1, 5), "ok");
  Program child = program.fork();
  EXPECT_EQ(child.pte(0), "P U NX");
  EXPECT_EQ(child.pte(1), "P U D NX");
  EXPECT_EQ(program.pte(1), "P U A D NX") << "no longer writable in the parent either";
}

TEST_F(Fork, C04_inserted_pfns_are_copied_where_touched) {
  driver.use(ops::kAll | ops::kFault);
  driver.set_flags_on_mmap(vm::kPfnMap);
  driver.give_pfns(kReservedPfn);
  ASSERT_EQ(map_dev(0, 2), 0);
  EXPECT_EQ(program.wr(0, 9), "ok");
  driver.log();
  Program child = program.fork();
  EXPECT_EQ(child.pte(0), "P RW U PCD SPECIAL NX");
  EXPECT_EQ(child.pte(1), "none");
  EXPECT_EQ(child.rd(0), "0x9");
  EXPECT_EQ(driver.log(), "open([0,2) off=0 fc=3)");
}

TEST_F(Fork, C06_mixed_pfns_are_copied) {
  driver.use(ops::kAll | ops::kFault);
  driver.set_flags_on_mmap(vm::kMixedMap);
  driver.give_mixed(kReservedPfn, true);
  ASSERT_EQ(map_dev(0, 2), 0);
  EXPECT_EQ(program.rd(0), "0x0");
  Program child = program.fork();
  EXPECT_EQ(child.pte(0), "P RW U PCD SPECIAL NX");
  EXPECT_EQ(child.pte(1), "none");
}

TEST_F(Fork, anonymous_copy_on_write) {
  ASSERT_EQ(program.map_anon(0, 3), 0);
  EXPECT_EQ(program.wr(0, 1), "ok");
  EXPECT_EQ(program.rd(1), "0x0");
  const u64 before = world.frames_used();
  {
    Program child = program.fork();
    EXPECT_EQ(child.rd(0), "0x1");
    EXPECT_EQ(child.pfn(0), program.pfn(0));
    EXPECT_EQ(program.wr(0, 2), "ok") << "the parent copies";
    EXPECT_EQ(child.rd(0), "0x1");
    EXPECT_NE(child.pfn(0), program.pfn(0));
    const u64 own = child.pfn(0);
    EXPECT_EQ(child.wr(0, 3), "ok") << "alone now: the child reuses its page";
    EXPECT_EQ(child.pfn(0), own);
    EXPECT_EQ(child.wr(1, 4), "ok");
    EXPECT_EQ(child.wr(2, 5), "ok");
    EXPECT_EQ(program.rd(0), "0x2");
    EXPECT_EQ(program.rd(1), "0x0");
    EXPECT_EQ(program.rd(2), "0x0");
    EXPECT_EQ(child.mm().rss().anon, 3);
  }
  EXPECT_EQ(world.frames_used(), before);
}

TEST_F(Fork, parent_reuses_its_page_after_the_child_has_gone) {
  ASSERT_EQ(program.map_anon(0, 1), 0);
  EXPECT_EQ(program.wr(0, 1), "ok");
  const u64 page = program.pfn(0);
  { Program child = program.fork(); }
  EXPECT_EQ(program.pte(0), "P U A D NX");
  EXPECT_EQ(program.wr(0, 2), "ok");
  EXPECT_EQ(program.pfn(0), page);
  EXPECT_EQ(program.pte(0), "P RW U A D NX");
}

TEST_F(Fork, shared_anonymous_memory_is_one) {
  ASSERT_EQ(program.map(0, 2, kRw, map::kShared | map::kAnonymous), 0);
  Program child = program.fork();
  EXPECT_EQ(child.wr(1, 0x42), "ok");
  EXPECT_EQ(program.rd(1), "0x42");
  program.exit();
  EXPECT_EQ(child.rd(1), "0x42");
}

TEST_F(Fork, grandchildren) {
  ASSERT_EQ(program.map_anon(0, 2), 0);
  EXPECT_EQ(program.wr(0, 1), "ok");
  Program child = program.fork();
  Program grandchild = child.fork();
  EXPECT_EQ(grandchild.wr(0, 3), "ok");
  EXPECT_EQ(child.wr(0, 2), "ok");
  EXPECT_EQ(program.rd(0), "0x1");
  EXPECT_EQ(child.rd(0), "0x2");
  EXPECT_EQ(grandchild.rd(0), "0x3");
}

TEST_F(Fork, rights_and_counters_are_copied) {
  ASSERT_EQ(program.map_anon(0, 2), 0);
  ASSERT_EQ(program.map_anon(4, 2, kRo), 0);
  ASSERT_EQ(program.map_anon(8, 2, prot::kRead | prot::kExec), 0);
  Program child = program.fork();
  EXPECT_EQ(child.layout(), "[0,2) rw-p | [4,6) r--p | [8,10) r-xp");
  EXPECT_EQ(child.mm().total_vm, program.mm().total_vm);
  EXPECT_EQ(child.mm().exec_vm, 2u);
  EXPECT_EQ(child.mm().data_vm, 2u);
  EXPECT_EQ(child.ex(8), "ok");
  EXPECT_EQ(child.ex(0), "SIGSEGV/ACCERR@0");
}

/// Fails the n-th allocation.
class Nth final : public base::FailOracle {
 public:
  explicit Nth(int n) : left_(n) {}

  bool should_fail(const char*) override { return --left_ == 0; }

  bool reached() const { return left_ <= 0; }

 private:
  int left_;
};

TEST_F(Fork, every_allocation_may_fail) {
  driver.insert_on_mmap(2);
  ASSERT_EQ(map_dev(0, 4), 0);
  ASSERT_EQ(program.map_anon(8, 4), 0);
  ASSERT_EQ(program.map_anon(2048, 2), 0);
  for (const u64 page : {8u, 9u, 2048u}) ASSERT_EQ(program.wr(page, 7), "ok");
  const u64 before = world.frames_used();
  const long references = driver.file()->count();
  int failures = 0;
  for (int n = 1; n < 100; ++n) {
    Nth oracle(n);
    world.probe.set_fail_oracle(&oracle);
    auto child = program.mm().fork();
    world.probe.set_fail_oracle(nullptr);
    if (child) {
      (*child)->exit_mmap();
      child->reset();
    } else {
      EXPECT_EQ(child.error().errno_value, err::kNoMem) << n;
      ++failures;
    }
    program.check();
    ASSERT_EQ(world.frames_used(), before) << "after failure " << n;
    ASSERT_EQ(driver.file()->count(), references) << "after failure " << n;
    ASSERT_EQ(program.wr(8, static_cast<u32>(n)), "ok");
    if (!oracle.reached()) break;
  }
  EXPECT_GT(failures, 3);
  driver.log();
}

}  // namespace
}  // namespace vmsim::mm
