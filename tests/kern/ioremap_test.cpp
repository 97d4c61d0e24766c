// SPDX-License-Identifier: MIT
// ioremap: what may be remapped, how cookies translate, and what happens to accesses through wrong
// ones.
#include "kern/ioremap.hpp"

#include <array>
#include <cstring>

#include "kmem_fixture.hpp"

namespace vmsim::kern {
namespace {

constexpr PhysAddr kBar{0xe8000000};

/// 8 KiB of bytes that remember how they were accessed.
class Scratch final : public MmioDevice {
 public:
  u64 read(u64 offset, unsigned width) override {
    widths.push_back(width);
    u64 value = 0;
    std::memcpy(&value, bytes.data() + offset, width);
    return value;
  }

  void write(u64 offset, unsigned width, u64 value) override {
    widths.push_back(width);
    std::memcpy(bytes.data() + offset, &value, width);
  }

  std::string_view name() const override { return "scratch"; }

  std::array<std::byte, 2 * kPageSize> bytes{};
  std::vector<unsigned> widths;
};

class IoremapTest : public testing::Test {
 protected:
  IoremapTest() { must_add(); }

  void must_add() {
    const Result<void> added = k.bus->add_device({kBar, kBar + 2 * kPageSize}, device, "scratch");
    EXPECT_TRUE(added) << (added ? "" : added.error().to_string());
  }

  Kmem k;
  Scratch device;
};

TEST_F(IoremapTest, ReadsAndWritesTheDevice) {
  auto* const io = static_cast<std::byte*>(k.ioremap->ioremap(kBar, 2 * kPageSize));
  ASSERT_NE(io, nullptr);
  k.ioremap->write(io + 4, 4, 0x12345678);
  EXPECT_EQ(k.ioremap->read(io + 4, 4), 0x12345678u);
  EXPECT_EQ(k.ioremap->read(io + 5, 1), 0x56u);
  k.ioremap->write(io + kPageSize, 8, 0x1122334455667788);
  EXPECT_EQ(k.ioremap->read(io + kPageSize, 8), 0x1122334455667788u);
  EXPECT_EQ(device.widths, (std::vector<unsigned>{4, 4, 1, 8, 8}));
  k.ioremap->iounmap(io);
  EXPECT_EQ(k.ioremap->live_areas(), 0u);
  EXPECT_EQ(k.findings(), "");
}

TEST_F(IoremapTest, KeepsTheOffsetInThePage) {
  auto* const io = static_cast<std::byte*>(k.ioremap->ioremap(kBar + 0x104, 8));
  EXPECT_EQ(host_value(io) & ~kPageMask, 0x104u);
  EXPECT_EQ(k.ioremap->physical_of(io)->value, kBar.value + 0x104);
  device.bytes[0x104] = std::byte{0x7e};
  EXPECT_EQ(k.ioremap->read(io, 1), 0x7eu);
  // Whole pages are mapped, so the register before is reachable too.
  EXPECT_EQ(k.ioremap->read(io - 4, 4), 0u);
  const IoArea* const area = k.ioremap->find_area(io + 100);
  ASSERT_NE(area, nullptr);
  EXPECT_EQ(area->size_bytes, 8u);
  k.ioremap->iounmap(io);
  EXPECT_EQ(k.findings(), "");
}

TEST_F(IoremapTest, AnUnalignedRangeMayNeedOnePageMore) {
  auto* const io = static_cast<std::byte*>(k.ioremap->ioremap(kBar + kPageSize - 2, 4));
  device.bytes[kPageSize - 2] = std::byte{1};
  device.bytes[kPageSize + 1] = std::byte{4};
  EXPECT_EQ(k.ioremap->read(io, 4), 0x04000001u) << "over the end of a page";
  EXPECT_EQ(k.findings(), "");
  k.ioremap->read(io + kPageSize, 2);
  EXPECT_EQ(k.findings(), "") << "the last bytes of the second page";
  EXPECT_EQ(k.ioremap->read(io + kPageSize, 4), 0xffffffffu) << "half of it behind the area";
  EXPECT_EQ(k.ioremap->read(io + kPageSize + 2, 1), 0xffu);
  EXPECT_EQ(k.findings(), "mmio-bad-cookie mmio-bad-cookie");
}

TEST_F(IoremapTest, RamIsRefusedReservedMemoryIsNot) {
  EXPECT_EQ(k.ioremap->ioremap(PhysAddr(u64{8} << 20), kPageSize), nullptr);
  EXPECT_EQ(k.findings(), "ioremap-ram");
  // The last page of a hole and the first of RAM.
  EXPECT_EQ(k.ioremap->ioremap(PhysAddr(0xff000), 2 * kPageSize), nullptr);
  EXPECT_EQ(k.findings(), "ioremap-ram");
  EXPECT_NE(k.ioremap->ioremap(PhysAddr(0xa0000), 0x10000), nullptr) << "the legacy hole";
  EXPECT_NE(k.ioremap->ioremap(PhysAddr(0xf0000000), kPageSize), nullptr) << "nothing there";
  EXPECT_EQ(k.findings(), "");
}

TEST_F(IoremapTest, SizesAndRangesThatCannotBe) {
  EXPECT_EQ(k.ioremap->ioremap(kBar, 0), nullptr);
  EXPECT_EQ(k.ioremap->ioremap(PhysAddr(~u64{0} - 10), 100), nullptr);
  EXPECT_EQ(k.findings(), "");
  EXPECT_EQ(k.ioremap->ioremap(PhysAddr(u64{1} << 60), kPageSize), nullptr);
  EXPECT_EQ(k.findings(), "ioremap-beyond-bus");
  EXPECT_EQ(k.ioremap->ioremap(PhysAddr(u64{1} << 40), u64{1} << 35), nullptr);
  EXPECT_EQ(k.findings(), "ioremap-full");
  SiteOracle fail("ioremap");
  k.probe.set_fail_oracle(&fail);
  EXPECT_EQ(k.ioremap->ioremap(kBar, 4), nullptr);
  k.probe.set_fail_oracle(nullptr);
}

TEST_F(IoremapTest, Iounmap) {
  auto* const a = static_cast<std::byte*>(k.ioremap->ioremap(kBar + 8, kPageSize));
  k.ioremap->iounmap(a + kPageSize);
  EXPECT_EQ(k.findings(), "iounmap-bad-cookie");
  EXPECT_EQ(k.ioremap->live_areas(), 1u);
  k.ioremap->iounmap(a - 8);
  EXPECT_EQ(k.findings(), "") << "any address in the first page";
  k.ioremap->iounmap(a);
  EXPECT_EQ(k.findings(), "double-iounmap");
  k.ioremap->iounmap(nullptr);
  EXPECT_EQ(k.findings(), "");
  void* const object = k.slab->kmalloc(8, VMSIM_GFP_KERNEL);
  k.ioremap->iounmap(object);
  EXPECT_EQ(k.findings(), "iounmap-bad-cookie");
  k.slab->kfree(object);
}

TEST_F(IoremapTest, BadCookies) {
  auto* const io = static_cast<std::byte*>(k.ioremap->ioremap(kBar, kPageSize));
  u32 local = 5;
  EXPECT_EQ(k.ioremap->read(&local, 4), 0xffffffffu);
  k.ioremap->write(&local, 4, 6);
  EXPECT_EQ(local, 5u);
  EXPECT_EQ(k.ioremap->read(nullptr, 1), 0xffu);
  EXPECT_EQ(k.ioremap->read(reinterpret_cast<void*>(kBar.value), 8), ~u64{0})
      << "a physical address is no cookie";
  EXPECT_EQ(k.findings(), "mmio-bad-cookie mmio-bad-cookie mmio-bad-cookie mmio-bad-cookie");
  k.ioremap->iounmap(io);
  EXPECT_EQ(k.ioremap->read(io, 2), 0xffffu);
  EXPECT_EQ(k.findings(), "mmio-bad-cookie");
  EXPECT_NE(k.last_text.find("iounmapped"), std::string::npos) << k.last_text;
  EXPECT_TRUE(device.widths.empty());
}

TEST_F(IoremapTest, BlockForms) {
  auto* const io = static_cast<std::byte*>(k.ioremap->ioremap(kBar, kPageSize));
  const u16 out[] = {1, 2, 3};
  k.ioremap->write_block(io, 2, out, 3);
  EXPECT_EQ(device.widths, (std::vector<unsigned>{2, 2, 2}));
  EXPECT_EQ(device.bytes[0], std::byte{3}) << "one register, the last value stays";
  u16 in[2] = {};
  k.ioremap->read_block(io, 2, in, 2);
  EXPECT_EQ(in[1], 3);

  device.widths.clear();
  unsigned char buffer[12];
  for (unsigned i = 0; i < 12; ++i) buffer[i] = static_cast<unsigned char>(i + 1);
  k.ioremap->memcpy_toio(io + 1, buffer, 12);
  EXPECT_EQ(device.widths, (std::vector<unsigned>{1, 2, 4, 4, 1}));
  EXPECT_EQ(std::memcmp(device.bytes.data() + 1, buffer, 12), 0);
  unsigned char back[12] = {};
  k.ioremap->memcpy_fromio(back, io + 1, 12);
  EXPECT_EQ(std::memcmp(back, buffer, 12), 0);
  k.ioremap->memset_io(io + 2, 0xab, 7);
  EXPECT_EQ(device.bytes[1], std::byte{1});
  EXPECT_EQ(device.bytes[2], std::byte{0xab});
  EXPECT_EQ(device.bytes[8], std::byte{0xab});
  EXPECT_EQ(device.bytes[9], std::byte{9});
  k.ioremap->iounmap(io);
}

TEST_F(IoremapTest, AccessesTakeTime) {
  sched::Task& task = k.scheduler->create_task("poller");
  void* const io = k.ioremap->ioremap(kBar, kPageSize);
  {
    const sched::KernelEntry entry(*k.scheduler, task, nullptr);
    const u64 before = k.scheduler->now_ns();
    k.ioremap->read(io, 4);
    EXPECT_GT(k.scheduler->now_ns(), before);
  }
  k.scheduler->destroy_task(task);
}

TEST_F(IoremapTest, LedgerAndCaching) {
  void* const a = k.ioremap->ioremap(kBar, 16, IoCaching::kWriteCombining, 9);
  ASSERT_EQ(k.ioremap->live_areas_of(9).size(), 1u);
  EXPECT_EQ(k.ioremap->live_areas_of(9)[0]->caching, IoCaching::kWriteCombining);
  EXPECT_STREQ(io_caching_name(IoCaching::kWriteCombining), "write-combining");
  EXPECT_TRUE(k.ioremap->live_areas_of(1).empty());
  k.ioremap->iounmap(a);
  EXPECT_TRUE(k.ioremap->live_areas_of().empty());
}

using IoremapDeathTest = IoremapTest;

TEST_F(IoremapDeathTest, DereferencedCookieFaults) {
  void* const io = k.ioremap->ioremap(kBar, kPageSize);
  EXPECT_DEATH(poke(io, 1), "");
}

}  // namespace
}  // namespace vmsim::kern
