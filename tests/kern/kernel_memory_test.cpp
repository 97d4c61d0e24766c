// SPDX-License-Identifier: MIT
// What a kernel pointer is, and the conversions of logical addresses (LDD3-4, LDD3-5, LDD3-7,
// LDD3-12, LDD3-13, LDD3-19).
#include "kern/kernel_memory.hpp"

#include "kmem_fixture.hpp"
#include "sched/driver_call.hpp"

namespace vmsim::kern {
namespace {

class KernelMemoryTest : public testing::Test {
 protected:
  KernelMemoryTest() : k(x86_32_options()) {}

  void expect(const void* p, AddressKind kind, const char* text) {
    const Where where = k.memory->what_is(p);
    EXPECT_EQ(where.kind, kind) << address_kind_name(where.kind) << ": " << where.text;
    EXPECT_NE(where.text.find(text), std::string::npos) << where.text;
  }

  Kmem k;
};

TEST_F(KernelMemoryTest, LogicalAddressesRoundTrip) {
  void* const p = k.slab->kmalloc(100, VMSIM_GFP_KERNEL);
  const u64 pa = k.memory->pa(p);
  EXPECT_EQ(pa, host_value(p) - k.memory->page_offset());
  EXPECT_EQ(k.memory->va(PhysAddr(pa)), p);
  phys::Page* const page = k.memory->virt_to_page(p);
  EXPECT_EQ(page, k.mem_map->page(Pfn(PhysAddr(pa))));
  EXPECT_EQ(host_value(k.memory->page_address(page)), host_value(p) & kPageMask);
  EXPECT_TRUE(k.memory->virt_addr_valid(p));
  k.slab->kfree(p);
  EXPECT_EQ(k.findings(), "");
}

TEST_F(KernelMemoryTest, ClassicLayout) {
  EXPECT_EQ(k.memory->low_memory_bytes(), u64{896} << 20);
  EXPECT_EQ(k.memory->nominal_page_offset().value, 0xc0000000u);
  EXPECT_EQ(k.memory->printed(k.ram->base() + 0x123456), 0xc0123456u);
  EXPECT_EQ(host_value(k.memory->high_memory()), k.memory->page_offset() + (u64{896} << 20));
  if (k.ram->at_wanted_address()) {
    EXPECT_EQ(k.memory->page_offset(), 0xc0000000u);
  }
}

TEST_F(KernelMemoryTest, NamesEveryKind) {
  static int image[16];
  const auto in_image = [](u64 address) { return address - host_value(image) < sizeof image; };
  k.memory->set_images(
      {[&](u64 address) { return in_image(address) ? "static data of module scull" : std::string(); },
       [&](u64 address) { return in_image(address) ? 0xc0001000 + (address - host_value(image)) : 0; }});
  k.memory->add_user_range({VirtAddr(0x08048000), VirtAddr(0x08148000)});

  auto* const object = static_cast<std::byte*>(k.slab->kmalloc(100, VMSIM_GFP_KERNEL));
  expect(object, AddressKind::kLogical, "kmalloc-128 object");
  expect(object + 4, AddressKind::kLogical, " + 4");
  expect(k.ram->base(), AddressKind::kLogical, "physical 0x0");

  auto* const area = static_cast<std::byte*>(k.vmalloc->vmalloc(5000));
  expect(area + 16, AddressKind::kVmalloc, "16 bytes into an area of 5000 bytes");
  EXPECT_EQ(*k.memory->what_is(area + 16).physical, k.vmalloc->vmalloc_to_pfn(area)->addr() + 16);
  expect(area + 2 * kPageSize, AddressKind::kVmalloc, "guard page");
  k.vmalloc->vfree(area);
  expect(area, AddressKind::kVmalloc, "freed");
  expect(area + 100 * kPageSize, AddressKind::kVmalloc, "no area");

  phys::Page* const high = k.high_page();
  void* const mapped = k.kmap->kmap(high);
  expect(mapped, AddressKind::kKmap, "of page frame");
  k.kmap->kunmap(high);
  expect(mapped, AddressKind::kKmap, "nothing is mapped");

  void* const cookie = k.ioremap->ioremap(PhysAddr(0xe8000010), 16);
  expect(cookie, AddressKind::kIoremap, "physical 0xe8000010");
  k.ioremap->iounmap(cookie);
  expect(cookie, AddressKind::kIoremap, "not mapped");

  expect(&image[2], AddressKind::kImage, "static data of module scull");
  EXPECT_EQ(k.memory->printed(&image[2]), 0xc0001008u);
  expect(high, AddressKind::kMemMap, "struct page of frame");
  expect(reinterpret_cast<void*>(0x08048123), AddressKind::kUser, "copy_from_user");
  expect(nullptr, AddressKind::kNull, "NULL");
  expect(kZeroSizePtr, AddressKind::kNull, "ZERO_SIZE_PTR");
  expect(reinterpret_cast<void*>(0x30), AddressKind::kNull, "NULL + 0x30");
  expect(reinterpret_cast<void*>(~u64{0} - 11), AddressKind::kErrPtr, "-ENOMEM");
  int local = 0;
  expect(&local, AddressKind::kCore, "no driver allocated");
  EXPECT_TRUE(sched::DriverCall::run([&] {
    int of_driver = 0;
    const sched::CoreScope core;
    expect(&of_driver, AddressKind::kStack, "a local variable");
  }));
  k.memory->set_images({});
  expect(&image[2], AddressKind::kCore, "");
  expect(reinterpret_cast<void*>(0x0000'6eee'dddd'c000), AddressKind::kUnknown, "garbage");
  k.slab->kfree(object);
  EXPECT_EQ(k.findings(), "") << "asking is no misuse";
}

TEST_F(KernelMemoryTest, VirtToPageOnlyForLogicalAddresses) {
  void* const area = k.vmalloc->vmalloc(10);
  EXPECT_EQ(k.memory->virt_to_page(area), nullptr);
  EXPECT_EQ(k.findings(), "virt-to-page-not-logical");
  EXPECT_NE(k.last_text.find("vmalloc_to_page()"), std::string::npos) << k.last_text;
  k.vmalloc->vfree(area);
  phys::Page* const high = k.high_page();
  EXPECT_EQ(k.memory->virt_to_page(k.kmap->kmap(high)), nullptr);
  EXPECT_EQ(k.findings(), "virt-to-page-not-logical");
  k.kmap->kunmap(high);
  EXPECT_EQ(k.memory->virt_to_page(high), nullptr);
  EXPECT_EQ(k.memory->virt_to_page(nullptr), nullptr);
  EXPECT_EQ(k.findings(), "virt-to-page-not-logical virt-to-page-not-logical");
  EXPECT_FALSE(k.memory->virt_addr_valid(nullptr));
}

TEST_F(KernelMemoryTest, PaAndVaOnlyForLowMemory) {
  void* const area = k.vmalloc->vmalloc(10);
  EXPECT_EQ(k.memory->pa(area), 0xf8800000u - 0xc0000000u) << "the difference that Linux computes";
  EXPECT_EQ(k.findings(), "pa-not-logical");
  k.vmalloc->vfree(area);
  EXPECT_EQ(host_value(k.memory->va(PhysAddr(u64{900} << 20))), 0xc0000000u + (u64{900} << 20));
  EXPECT_EQ(k.findings(), "va-not-low-memory");
  EXPECT_NE(k.last_text.find("kmap()"), std::string::npos) << k.last_text;
  k.memory->va(PhysAddr(0xe8000000));
  EXPECT_EQ(k.findings(), "va-not-low-memory");
  EXPECT_NE(k.last_text.find("ioremap()"), std::string::npos) << k.last_text;
}

TEST_F(KernelMemoryTest, HighPagesHaveNoAddress) {
  phys::Page* const high = k.high_page();
  EXPECT_EQ(k.memory->page_address(high), nullptr);
  void* const p = k.kmap->kmap(high);
  EXPECT_EQ(k.memory->page_address(high), p);
  k.kmap->kunmap(high);
}

TEST(KernelMemory, SixtyFourBits) {
  Kmem k;
  EXPECT_EQ(k.memory->printed(k.ram->base() + 0x1000), 0xffff888000001000u);
  void* const area = k.vmalloc->vmalloc(1);
  EXPECT_EQ(k.memory->printed(area), 0xffffc90000000000u);
  k.vmalloc->vfree(area);
  EXPECT_EQ(k.memory->low_memory_bytes(), k.ram->size_bytes());
}

}  // namespace
}  // namespace vmsim::kern
