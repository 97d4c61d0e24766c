// SPDX-License-Identifier: MIT
// Registers, ports, memremap and claimed addresses by their kernel names.
#include <gtest/gtest.h>

#include "vmsim/device.hpp"

#include "abi/abi_fixture.hpp"

namespace vmsim::abi {
namespace {

constexpr u64 kDeviceAddr = 0xfeb00000;

/// Remembers what was written last, and reads as its own offset.
class EchoDevice final : public MmioDevice {
 public:
  u64 read(u64 offset, unsigned width) override {
    last_width = width;
    return offset;
  }

  void write(u64 offset, unsigned width, u64 value) override {
    last_offset = offset;
    last_width = width;
    last_value = value;
  }

  std::string_view name() const override { return "echo"; }

  u64 last_offset = 0, last_value = 0;
  unsigned last_width = 0;
};

class AbiIo : public testing::Test {
 protected:
  AbiIo() {
    EXPECT_TRUE(world.kernel->add_device(PhysAddr(kDeviceAddr), kPageSize, device, std::nullopt));
  }

  ~AbiIo() override { EXPECT_TRUE(world.kernel->remove_device(device)); }

  EchoDevice device;
  AbiWorld world;
};

using Remap = void*(u64, Ulong);

TEST_F(AbiIo, registers_through_a_cookie) {
  EXPECT_TRUE(AbiWorld::drive([&] {
    auto* cookie = static_cast<char*>(world.import <Remap>("ioremap")(kDeviceAddr, kPageSize));
    EXPECT_EQ(world.import <u32(const volatile void*)>("readl")(cookie + 0x40), 0x40u);
    EXPECT_EQ(device.last_width, 4u);
    EXPECT_EQ(world.import <u8(const volatile void*)>("readb")(cookie + 3), 3);
    world.import <void(u16, volatile void*)>("writew")(0xabcd, cookie + 8);
    EXPECT_EQ(device.last_value, 0xabcdu);
    EXPECT_EQ(device.last_width, 2u);
    EXPECT_EQ(world.import <unsigned(const void*)>("ioread32")(cookie + 0x44), 0x44u);
    u32 words[3] = {};
    world.import <void(void*, const volatile void*, std::size_t)>("memcpy_fromio")(
        words, cookie + 0x10, sizeof(words));
    EXPECT_EQ(words[2], 0x18u);
    world.import <void(volatile void*, const void*, std::size_t)>("memcpy_toio")(cookie + 0x20,
                                                                                 words, 8);
    EXPECT_EQ(device.last_offset, 0x24u);
    EXPECT_EQ(device.last_value, 0x14u);
    world.import <void(const void*, void*, Ulong)>("ioread32_rep")(cookie + 0x30, words, 3);
    EXPECT_EQ(words[2], 0x30u);
    world.import <void(volatile void*)>("iounmap")(cookie);
  }));
  EXPECT_EQ(world.rules(), "");
}

TEST_F(AbiIo, a_wild_buffer_is_an_oops) {
  void* cookie = nullptr;
  EXPECT_TRUE(
      AbiWorld::drive([&] { cookie = world.import <Remap>("ioremap")(kDeviceAddr, kPageSize); }));
  EXPECT_FALSE(AbiWorld::drive([&] {
    world.import <void(void*, const volatile void*, std::size_t)>("memcpy_fromio")(
        reinterpret_cast<void*>(0x123456789000), cookie, 16);
  }));
  EXPECT_FALSE(AbiWorld::drive([&] {
    world.import <void(volatile void*, const void*, std::size_t)>("memcpy_toio")(cookie, nullptr,
                                                                                 16);
  }));
  EXPECT_TRUE(AbiWorld::drive([&] { world.import <void(volatile void*)>("iounmap")(cookie); }));
}

TEST_F(AbiIo, ports_are_empty) {
  EXPECT_TRUE(AbiWorld::drive([&] {
    EXPECT_EQ(world.import <u8(u16)>("inb")(0x378), 0xff);
    EXPECT_EQ(world.import <u16(u16)>("inw")(0x378), 0xffff);
    world.import <void(u8, u16)>("outb")(1, 0x378);
    void* const cookie = world.import <void*(Ulong, unsigned)>("ioport_map")(0x378, 8);
    EXPECT_EQ(world.import <unsigned(const void*)>("ioread8")(cookie), 0xffu);
    world.import <void(void*)>("ioport_unmap")(cookie);
    u8 bytes[4] = {};
    world.import <void(u16, void*, Ulong)>("insb")(0x378, bytes, 4);
    EXPECT_EQ(bytes[3], 0xff);
  }));
  EXPECT_EQ(world.rules(), "port-io ");
}

TEST_F(AbiIo, memremap_gives_memory_only) {
  EXPECT_TRUE(AbiWorld::drive([&] {
    auto* memremap = world.import <void*(u64, std::size_t, Ulong)>("memremap");
    EXPECT_EQ(memremap(0x200000, kPageSize, 1), world.memory().ram->direct(PhysAddr(0x200000)));
    EXPECT_EQ(memremap(0x200000, kPageSize, 4), nullptr);
    EXPECT_EQ(memremap(kDeviceAddr, kPageSize, 1), nullptr);
    EXPECT_EQ(memremap(0x200000, kPageSize, 0), nullptr);
  }));
  EXPECT_TRUE(world.found("memremap-device"));
  EXPECT_TRUE(world.found("memremap-ram"));
}

TEST_F(AbiIo, regions_are_exclusive) {
  EXPECT_TRUE(AbiWorld::drive([&] {
    ::resource* const root = world.import <::resource*()>("vmsim_iomem_resource")();
    using Request = ::resource*(::resource*, u64, u64, const char*, int);
    auto* request = world.import <Request>("__request_region");
    EXPECT_NE(request(root, kDeviceAddr, 0x100, "first", 0), nullptr);
    EXPECT_EQ(request(root, kDeviceAddr + 0x80, 0x100, "second", 0), nullptr);
    world.import <void(::resource*, u64, u64)>("__release_region")(root, kDeviceAddr, 0x100);
    EXPECT_NE(request(root, kDeviceAddr + 0x80, 0x100, "second", 0), nullptr);
    world.import <void(::resource*, u64, u64)>("__release_region")(root, kDeviceAddr + 0x80, 0x100);
  }));
}

}  // namespace
}  // namespace vmsim::abi
