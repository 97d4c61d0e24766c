// SPDX-License-Identifier: MIT
// vmalloc and vmap: scattered frames in one range, guard pages, wrong frees, and a ledger that
// returns to zero.
#include "kern/vmalloc.hpp"

#include <cstring>

#include "kmem_fixture.hpp"

namespace vmsim::kern {
namespace {

class VmallocTest : public testing::Test {
 protected:
  Kmem k;
};

TEST_F(VmallocTest, PagesAreOnesOwnAndRightlyNamed) {
  auto* const p = static_cast<std::byte*>(k.vmalloc->vmalloc(3 * kPageSize + 1));
  ASSERT_NE(p, nullptr);
  EXPECT_EQ(k.vmalloc->frames_held(), 4u);
  EXPECT_EQ(k.frames_used(), 4u);
  EXPECT_TRUE(k.vmalloc->is_vmalloc_addr(p));
  for (u64 i = 0; i < 4; ++i) {
    poke(p + i * kPageSize + 9, static_cast<unsigned>(i + 1));
    phys::Page* const page = k.vmalloc->vmalloc_to_page(p + i * kPageSize + 100);
    ASSERT_NE(page, nullptr);
    EXPECT_EQ(k.mem_map->kind(page), phys::PageKind::kVmalloc);
    EXPECT_EQ(k.zones->page_count(page), 1);
    EXPECT_EQ(k.vmalloc->vmalloc_to_pfn(p + i * kPageSize), k.mem_map->pfn(page));
    // The same bytes as simulated RAM has them.
    EXPECT_EQ(peek(k.ram->host(k.mem_map->pfn(page)) + 9), i + 1);
  }
  k.vmalloc->vfree(p);
  EXPECT_EQ(k.frames_used(), 0u);
  EXPECT_EQ(k.vmalloc->live_bytes(), 0u);
  EXPECT_EQ(k.vmalloc->live_areas(), 0u);
  EXPECT_EQ(k.findings(), "");
}

TEST_F(VmallocTest, ScatteredFramesBecomeContiguous) {
  // Every other frame is taken, so that no two free ones are neighbours.
  std::vector<phys::Page*> pages;
  for (int i = 0; i < 64; ++i) pages.push_back(k.zones->alloc_page(VMSIM_GFP_KERNEL));
  std::vector<phys::Page*> odd;
  for (std::size_t i = 1; i < pages.size(); i += 2) odd.push_back(pages[i]);
  std::reverse(odd.begin(), odd.end());
  auto* const p = static_cast<std::byte*>(k.vmalloc->vmap(odd));
  ASSERT_NE(p, nullptr);
  for (std::size_t i = 0; i < odd.size(); ++i) {
    poke(p + i * kPageSize, static_cast<unsigned>(i));
    EXPECT_EQ(peek(k.ram->host(k.mem_map->pfn(odd[i]))), i);
    EXPECT_EQ(k.vmalloc->vmalloc_to_page(p + i * kPageSize), odd[i]);
  }
  EXPECT_EQ(k.vmalloc->frames_held(), 0u);
  k.vmalloc->vunmap(p);
  EXPECT_EQ(k.frames_used(), 64u) << "vmap's pages stay the caller's";
  for (phys::Page* page : pages) k.zones->free_page(page);
  EXPECT_EQ(k.findings(), "");
}

TEST_F(VmallocTest, VzallocAndUserAreZero) {
  void* const dirty = k.vmalloc->vmalloc(16 * kPageSize);
  std::memset(dirty, 0xee, 16 * kPageSize);
  k.vmalloc->vfree(dirty);
  const auto* a = static_cast<unsigned char*>(k.vmalloc->vzalloc(16 * kPageSize));
  EXPECT_TRUE(std::all_of(a, a + 16 * kPageSize, [](unsigned char c) { return c == 0; }));
  k.vmalloc->vfree(a);
  const auto* b = static_cast<unsigned char*>(k.vmalloc->vmalloc_user(16 * kPageSize));
  EXPECT_TRUE(std::all_of(b, b + 16 * kPageSize, [](unsigned char c) { return c == 0; }));
  EXPECT_EQ(k.vmalloc->find_vm_area(b)->flags, kVmAlloc | kVmUserMap);
  k.vmalloc->vfree(b);
}

TEST_F(VmallocTest, FindVmArea) {
  auto* const p = static_cast<std::byte*>(k.vmalloc->vmalloc(5000));
  const VmallocArea* const area = k.vmalloc->find_vm_area(p + 8000);
  ASSERT_NE(area, nullptr);
  EXPECT_EQ(area->address, p);
  EXPECT_EQ(area->size_bytes, 2 * kPageSize);
  EXPECT_EQ(area->size_with_guard_bytes(), 3 * kPageSize);
  EXPECT_EQ(area->requested_bytes, 5000u);
  EXPECT_EQ(k.vmalloc->find_vm_area(p + 2 * kPageSize), nullptr) << "the guard page";
  EXPECT_EQ(k.vmalloc->vmalloc_to_page(p + 2 * kPageSize), nullptr);
  k.vmalloc->vfree(p);
  EXPECT_EQ(k.vmalloc->find_vm_area(p), nullptr);
  EXPECT_EQ(k.findings(), "");
}

TEST_F(VmallocTest, WrongFrees) {
  auto* const p = static_cast<std::byte*>(k.vmalloc->vmalloc(2 * kPageSize));
  int local = 0;
  k.vmalloc->vfree(p + kPageSize);
  k.vmalloc->vfree(p + 1);
  k.vmalloc->vfree(&local);
  k.vmalloc->vfree(k.vmalloc->window().page_at(5000));
  EXPECT_EQ(k.findings(),
            "vfree-bad-pointer vfree-bad-pointer vfree-bad-pointer vfree-bad-pointer");
  void* const object = k.slab->kmalloc(10, VMSIM_GFP_KERNEL);
  k.vmalloc->vfree(object);
  EXPECT_EQ(k.findings(), "vfree-bad-pointer");
  EXPECT_NE(k.last_text.find("kmalloc-16"), std::string::npos) << k.last_text;
  k.slab->kfree(object);
  k.vmalloc->vfree(nullptr);
  k.vmalloc->vfree(p);
  EXPECT_EQ(k.findings(), "");
  k.vmalloc->vfree(p);
  EXPECT_EQ(k.findings(), "double-free");
}

TEST_F(VmallocTest, VfreeAndVunmapAreNotTheSame) {
  phys::Page* const page = k.zones->alloc_page(VMSIM_GFP_KERNEL);
  phys::Page* const pages[] = {page};
  void* const mapped = k.vmalloc->vmap(pages);
  k.vmalloc->vfree(mapped);
  EXPECT_EQ(k.findings(), "vfree-of-vmap");
  EXPECT_EQ(k.zones->page_count(page), 1);
  k.zones->free_page(page);
  void* const owned = k.vmalloc->vmalloc(kPageSize);
  k.vmalloc->vunmap(owned);
  EXPECT_EQ(k.findings(), "vunmap-of-vmalloc");
  EXPECT_EQ(k.frames_used(), 1u) << "its frame is lost, as in Linux";
  EXPECT_EQ(k.vmalloc->live_areas(), 0u);
}

TEST_F(VmallocTest, Refusals) {
  EXPECT_EQ(k.vmalloc->vmalloc(0), nullptr);
  EXPECT_EQ(k.findings(), "vmalloc-size-0");
  EXPECT_EQ(k.vmalloc->vmalloc(~u64{0}), nullptr);
  EXPECT_EQ(k.findings(), "vmalloc-too-large");
  EXPECT_EQ(k.vmalloc->vmalloc(u64{64} << 20), nullptr) << "more than there is";
  EXPECT_EQ(k.findings(), "vmalloc-too-large");
  EXPECT_EQ(k.vmalloc->vmap({}), nullptr);
  EXPECT_EQ(k.vmalloc->vmalloc_to_page(k.ram->base()), nullptr);
  EXPECT_EQ(k.findings(), "vmalloc-to-page-not-vmalloc");
  phys::Page stranger{};
  phys::Page* const pages[] = {&stranger};
  EXPECT_EQ(k.vmalloc->vmap(pages), nullptr);
  EXPECT_EQ(k.findings(), "vmap-bad-page");
}

TEST_F(VmallocTest, OutOfMemoryGivesEverythingBack) {
  const u64 most = (k.zones->free_pages_count() - 1) << kPageShift;
  EXPECT_EQ(k.vmalloc->vmalloc(most), nullptr) << "the reserve is not for vmalloc";
  EXPECT_EQ(k.frames_used(), 0u);
  SiteOracle fail("vmalloc");
  k.probe.set_fail_oracle(&fail);
  EXPECT_EQ(k.vmalloc->vmalloc(1), nullptr);
  k.probe.set_fail_oracle(nullptr);
  EXPECT_EQ(k.vmalloc->live_areas(), 0u);
}

TEST_F(VmallocTest, LedgerNamesOwnersInOrder) {
  void* const a = k.vmalloc->vmalloc(10, 3);
  void* const b = k.vmalloc->vmalloc(10, 4);
  void* const c = k.vmalloc->vmalloc(10, 3);
  const auto of_3 = k.vmalloc->live_areas_of(3);
  ASSERT_EQ(of_3.size(), 2u);
  EXPECT_EQ(of_3[0]->address, a);
  EXPECT_EQ(of_3[1]->address, c);
  for (void* p : {a, b, c}) k.vmalloc->vfree(p);
  EXPECT_TRUE(k.vmalloc->live_areas_of().empty());
}

TEST_F(VmallocTest, KvmallocTriesSmallFirst) {
  void* const small = kvmalloc(*k.slab, *k.vmalloc, 100, VMSIM_GFP_KERNEL);
  EXPECT_FALSE(k.vmalloc->is_vmalloc_addr(small));
  void* const large = kvmalloc(*k.slab, *k.vmalloc, kKmallocMax + 1, VMSIM_GFP_KERNEL);
  EXPECT_TRUE(k.vmalloc->is_vmalloc_addr(large));
  kvfree(*k.slab, *k.vmalloc, small);
  kvfree(*k.slab, *k.vmalloc, large);
  k.slab->trim();
  EXPECT_EQ(k.frames_used(), 0u);
  EXPECT_EQ(k.findings(), "");
}

TEST(Vmalloc, UsesHighMemoryAndClassicAddresses) {
  Kmem k(x86_32_options());
  void* const p = k.vmalloc->vmalloc(kPageSize);
  EXPECT_EQ(k.vmalloc->window().nominal(p).value, 0xf8800000u);
  if (k.vmalloc->window().at_wanted_address()) {
    EXPECT_EQ(host_value(p), 0xf8800000u);
  }
  EXPECT_EQ(k.zones->zone_of(*k.vmalloc->vmalloc_to_pfn(p)), phys::ZoneKind::kHighMem);
  void* const low = k.vmalloc->vmalloc_32(kPageSize);
  EXPECT_NE(k.zones->zone_of(*k.vmalloc->vmalloc_to_pfn(low)), phys::ZoneKind::kHighMem);
  k.vmalloc->vfree(p);
  k.vmalloc->vfree(low);
  EXPECT_EQ(k.findings(), "");
}

using VmallocDeathTest = VmallocTest;

TEST_F(VmallocDeathTest, GuardPageAndFreedAreaFault) {
  auto* const p = static_cast<std::byte*>(k.vmalloc->vmalloc(kPageSize));
  poke(p + kPageSize - 1, 1);
  EXPECT_DEATH(poke(p + kPageSize, 1), "");
  k.vmalloc->vfree(p);
  EXPECT_DEATH(poke(p, 1), "");
}

}  // namespace
}  // namespace vmsim::kern
