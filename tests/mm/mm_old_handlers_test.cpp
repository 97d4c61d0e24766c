// SPDX-License-Identifier: MIT
// Fault handlers with the arguments of their eras: the area beside the vm_fault until 4.10, the page alone for the
// first page_mkwrite, nopage until 2.6.25. From their documentation; not observed.
#include <gmock/gmock.h>

#include "mm/fixture.hpp"

namespace vmsim::mm {
namespace {

::page* page_to_give = nullptr;
::vm_area_struct* area_seen = nullptr;
::page* page_seen = nullptr;
int mkwrite_code = 0;

int fault_with_area(::vm_area_struct* area, ::vm_fault* vmf) {
  area_seen = area;
  EXPECT_EQ(vmf->vma, area);
  EXPECT_EQ(reinterpret_cast<u64>(vmf->virtual_address), vmf->address);
  Vma::of(area)->mm().env().zones.get_page(page_to_give);
  vmf->page = page_to_give;
  return 0;
}

int mkwrite_of_page(::vm_area_struct* area, ::page* page) {
  area_seen = area;
  page_seen = page;
  return mkwrite_code;
}

template <class To, class From>
To as_slot(From* function) {
  return reinterpret_cast<To>(reinterpret_cast<void*>(function));
}

/// Areas get the handlers above.
class OldHandlers : public MmTest {
 protected:
  explicit OldHandlers(KernelVersion kernel) : MmTest(small_config(kernel)) {
    ops_.fault = as_slot<decltype(ops_.fault)>(&fault_with_area);
    driver.at_mmap = [this](Vma& vma) {
      vma.vm_ops = &ops_;
      return 0;
    };
    page_to_give = driver.page(2);
    area_seen = nullptr;
    page_seen = nullptr;
    mkwrite_code = 0;
  }

  ::vm_operations_struct ops_ = {};
};

class Handlers310 : public OldHandlers {
 protected:
  Handlers310() : OldHandlers({3, 10, 0}) {}
};

class Handlers2618 : public OldHandlers {
 protected:
  Handlers2618() : OldHandlers({2, 6, 18}) {}
};

TEST_F(Handlers310, fault_gets_the_area) {
  ASSERT_EQ(map_dev(0, 2), 0);
  EXPECT_EQ(program.rd(1), "0x43434343");
  EXPECT_EQ(area_seen, program.vma(0));
  EXPECT_EQ(driver.refs(2), "2/1");
}

TEST_F(Handlers310, page_mkwrite_gets_the_area) {
  ops_.page_mkwrite = as_slot<decltype(ops_.page_mkwrite)>(+[](::vm_area_struct* area, ::vm_fault* vmf) -> int {
    EXPECT_EQ(vmf->vma, area);
    page_seen = vmf->page;
    return vm_fault_code::kLocked;
  });
  ASSERT_EQ(map_dev(0, 1), 0);
  EXPECT_EQ(program.rd(0), "0x43434343");
  EXPECT_EQ(page_seen, nullptr);
  EXPECT_EQ(program.wr(0, 1), "ok");
  EXPECT_EQ(page_seen, page_to_give);
}

TEST_F(Handlers2618, page_mkwrite_gets_the_page) {
  ops_.page_mkwrite = as_slot<decltype(ops_.page_mkwrite)>(&mkwrite_of_page);
  ASSERT_EQ(map_dev(0, 1), 0);
  EXPECT_EQ(program.rd(0), "0x43434343");
  mkwrite_code = -28;
  EXPECT_THAT(program.wr(0, 1), ::testing::HasSubstr("SIGBUS"));
  EXPECT_EQ(page_seen, page_to_give);
  mkwrite_code = 0;
  EXPECT_EQ(program.wr(0, 1), "ok");
}

TEST_F(Handlers2618, nopage_is_still_asked) {
  driver.at_mmap = nullptr;
  driver.use(ops::kAll | ops::kNopage);
  ASSERT_EQ(map_dev(0, 2), 0);
  EXPECT_EQ(program.rd(1), "0x42424242");
  EXPECT_EQ(driver.refs(1), "2/1");
}

}  // namespace
}  // namespace vmsim::mm
