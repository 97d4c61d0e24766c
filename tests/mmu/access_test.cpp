// SPDX-License-Identifier: MIT
// Tests of Accessor: rights, accessed and dirty bits, page-crossing, retry bound, devices, spans,
// atomics.
#include "mmu/access.hpp"

#include "mmu_fixture.hpp"

namespace vmsim::mmu {
namespace {

constexpr VirtAddr kVa{0x700000000000};

class AccessTest : public testing::Test, public TableFixture {
 protected:
  explicit AccessTest(FormatKind kind = FormatKind::x86_64)
      : TableFixture(kind),
        bus(make_bus()),
        tlbs(1, probe, 64),
        cpu(*ram, *bus, tlbs.cpu(0), probe),
        space{table.get(), 1, &faults} {
    EXPECT_TRUE(bus->add_device({kDeviceAddr, kDeviceAddr + kPageSize}, device, "log").has_value());
  }

  std::unique_ptr<phys::Bus> make_bus() {
    phys::LayoutConfig config;
    config.ram_bytes = kRamBytes;
    auto layout = phys::default_layout(config);
    EXPECT_TRUE(layout.has_value());
    auto made = phys::Bus::create(*ram, probe, *layout, 52);
    EXPECT_TRUE(made.has_value());
    return std::move(*made);
  }

  void map(VirtAddr va, Pfn pfn, u64 flags = kRw) {
    ASSERT_TRUE(table->set(va, Pte::make(pfn, flags)));
  }

  std::byte* bytes(Pfn pfn) { return ram->host(pfn); }

  /// Entries changed behind the TLB's back.
  void flush() { tlbs.flush_all(); }

  base::Probe probe;
  LogDevice device;
  std::unique_ptr<phys::Bus> bus;
  TlbGroup tlbs;
  TestFaults faults;
  Accessor cpu;
  Space space;
};

constexpr Pfn kPageA{0x2000}, kPageB{0x2001};

TEST_F(AccessTest, EveryWidthAtEveryOffset) {
  map(kVa, kPageA);
  for (u64 offset = 0; offset < 16; ++offset) {
    EXPECT_TRUE(cpu.store<u64>(space, kVa + offset, 0x1122334455667788).ok());
    EXPECT_EQ(cpu.load<u64>(space, kVa + offset).value(), 0x1122334455667788u);
    EXPECT_EQ(cpu.load<u32>(space, kVa + offset).value(), 0x55667788u);
    EXPECT_EQ(cpu.load<u16>(space, kVa + offset + 1).value(), 0x6677u);
    EXPECT_EQ(cpu.load<u8>(space, kVa + offset + 7).value(), 0x11u);
  }
  EXPECT_EQ(std::to_integer<int>(bytes(kPageA)[15]), 0x88);
  EXPECT_TRUE(faults.asked.empty());
  EXPECT_EQ(tlbs.cpu(0).stats().misses, 1u) << "the store's walk filled for reading too";
}

TEST_F(AccessTest, AccessedAndDirtyBitsAsHardwareSetsThem) {
  map(kVa, kPageA);
  EXPECT_EQ(cpu.load<u8>(space, kVa).value(), 0);
  EXPECT_EQ(table->get(kVa).flags(), kRw | Pte::kAccessed);
  EXPECT_TRUE(cpu.store<u8>(space, kVa, 1).ok()) << "through the entry that the read filled";
  EXPECT_EQ(table->get(kVa).flags(), kRw | Pte::kAccessed | Pte::kDirty);
  EXPECT_EQ(tlbs.cpu(0).stats().misses, 2u);
  EXPECT_TRUE(cpu.store<u8>(space, kVa, 2).ok());
  EXPECT_EQ(tlbs.cpu(0).stats().misses, 2u);
  map(kVa + kPageSize, kPageB, kRo);
  EXPECT_TRUE(cpu.fetch(space, kVa + kPageSize).ok());
  EXPECT_EQ(table->get(kVa + kPageSize).flags(), kRo | Pte::kAccessed);
}

TEST_F(AccessTest, RightsAreCheckedAndTheHandlerSeesAddressAndKind) {
  struct Case {
    u64 flags;
    bool read, write, fetch, kernel_read, kernel_write;
  };

  const Case cases[] = {
      {kRw, true, true, true, true, true},
      {kRo, true, false, true, true, false},
      {kRw | Pte::kNx, true, true, false, true, true},
      {Pte::kPresent | Pte::kWrite, false, false, false, true, true},
      {Pte::kPresent, false, false, false, true, false},
      {Pte::kProtNone | Pte::kWrite | Pte::kUser, false, false, false, false, false},
  };
  const VirtAddr va = kVa + 0x123;
  for (const Case& c : cases) {
    SCOPED_TRACE(describe_flags(Pte{c.flags}));
    const auto check = [&](bool wanted, AccessKind kind, auto&& access) {
      map(kVa, kPageA, c.flags);
      flush();
      faults.asked.clear();
      const auto result = access();
      EXPECT_EQ(result.ok(), wanted);
      if (wanted) {
        EXPECT_TRUE(faults.asked.empty());
        return;
      }
      ASSERT_EQ(faults.asked.size(), 1u);
      EXPECT_EQ(faults.asked[0].first, va);
      EXPECT_EQ(faults.asked[0].second, kind);
      EXPECT_EQ(result.fault(), (UserFault{sig::kSigSegv, sig::kSegvMapErr, va.value}));
      EXPECT_EQ(table->get(kVa), Pte::make(kPageA, c.flags)) << "a refused access leaves no trace";
    };
    constexpr auto kKernelRead = AccessKind::kRead | AccessKind::kKernel;
    constexpr auto kKernelWrite = AccessKind::kWrite | AccessKind::kKernel;
    check(c.read, AccessKind::kRead, [&] { return cpu.load<u32>(space, va); });
    check(c.write, AccessKind::kWrite, [&] { return cpu.store<u32>(space, va, 1); });
    check(c.fetch, AccessKind::kFetch, [&] { return cpu.fetch(space, va); });
    check(c.kernel_read, kKernelRead, [&] { return cpu.load<u32>(space, va, kKernelRead); });
    check(c.kernel_write, kKernelWrite, [&] { return cpu.store<u32>(space, va, 1, kKernelWrite); });
    check(c.write, AccessKind::kWrite, [&] { return cpu.fetch_add<u32>(space, va, 1); });
  }
}

TEST_F(AccessTest, KernelPagesNeverEnterTheProgramsTlb) {
  map(kVa, kPageA, Pte::kPresent | Pte::kWrite);
  EXPECT_TRUE(cpu.load<u32>(space, kVa, AccessKind::kRead | AccessKind::kKernel).ok());
  EXPECT_FALSE(cpu.load<u32>(space, kVa).ok());
}

TEST_F(AccessTest, FaultHandlerMapsAndTheAccessGoesOn) {
  faults.answer = [&](VirtAddr addr, AccessKind) {
    map(addr.page_base(), kPageA);
    return FaultReply::again();
  };
  EXPECT_TRUE(cpu.store<u32>(space, kVa + 8, 77).ok());
  EXPECT_EQ(cpu.load<u32>(space, kVa + 8).value(), 77u);
  EXPECT_EQ(faults.asked.size(), 1u);
}

TEST_F(AccessTest, HandlersSignalIsTheAccesssSignal) {
  faults.answer = [](VirtAddr addr, AccessKind) {
    return FaultReply::end({sig::kSigBus, sig::kBusAdrErr, addr.value});
  };
  EXPECT_EQ(cpu.load<u8>(space, kVa + 5).fault(),
            (UserFault{sig::kSigBus, sig::kBusAdrErr, kVa.value + 5}));
  space.faults = nullptr;
  EXPECT_EQ(cpu.load<u8>(space, kVa + 5).fault(),
            (UserFault{sig::kSigSegv, sig::kSegvMapErr, kVa.value + 5}));
}

TEST_F(AccessTest, NonCanonicalAddressesAreGeneralProtectionFaults) {
  const UserFault gp{sig::kSigSegv, sig::kSiKernel, 0};
  for (const u64 va : {u64{0x0000800000000000}, u64{0xffff7fffffffffff}, u64{0xdeadbeefdeadbeef}}) {
    EXPECT_EQ(cpu.load<u8>(space, VirtAddr(va)).fault(), gp);
    EXPECT_EQ(cpu.store<u8>(space, VirtAddr(va), 1).fault(), gp);
  }
  EXPECT_TRUE(faults.asked.empty());
  map(VirtAddr(0x00007ffffffff000), kPageA);
  EXPECT_EQ(cpu.load<u64>(space, VirtAddr(0x00007ffffffffffc)).fault(), gp)
      << "second half of a page-crossing access";
}

// C13: a handler that says "done" without mapping anything.
TEST_F(AccessTest, C13RetriesAreBounded) {
  faults.answer = [](VirtAddr, AccessKind) { return FaultReply::again(); };
  EXPECT_EQ(cpu.load<u8>(space, kVa + 3).fault(),
            (UserFault{sig::kSigKill, sig::kNoProgress, kVa.value + 3}));
  EXPECT_EQ(faults.asked.size(), cpu.config().max_retries);
  ASSERT_EQ(probe.findings().size(), 1u);
  EXPECT_EQ(probe.findings()[0].rule, "no-progress");
  EXPECT_NE(probe.findings()[0].text.find("0x700000000003"), std::string::npos);
  EXPECT_NE(probe.findings()[0].text.find("test handler"), std::string::npos);
}

TEST_F(AccessTest, SlowProgressIsProgress) {
  unsigned calls = 0;
  faults.answer = [&](VirtAddr addr, AccessKind) {
    if (++calls == cpu.config().max_retries) map(addr.page_base(), kPageA);
    return FaultReply::again();
  };
  EXPECT_TRUE(cpu.load<u8>(space, kVa).ok());
  EXPECT_TRUE(probe.findings().empty());
}

TEST_F(AccessTest, PageCrossingAccessesUseBothFrames) {
  map(kVa, kPageA);
  map(kVa + kPageSize, Pfn(0x2fff));
  for (u64 first = 1; first < 8; ++first) {
    const VirtAddr va = kVa + kPageSize - first;
    EXPECT_TRUE(cpu.store<u64>(space, va, 0x8877665544332211 + first).ok());
    EXPECT_EQ(cpu.load<u64>(space, va).value(), 0x8877665544332211 + first);
    EXPECT_EQ(std::to_integer<u64>(bytes(kPageA)[kPageSize - first]), 0x11 + first);
    EXPECT_EQ(std::to_integer<u64>(bytes(Pfn(0x2fff))[7 - first]), 0x88u);
  }
}

TEST_F(AccessTest, PageCrossingStoreIsAllOrNothing) {
  map(kVa, kPageA);
  const VirtAddr va = kVa + kPageSize - 3;
  EXPECT_EQ(cpu.store<u64>(space, va, ~u64{0}).fault(),
            (UserFault{sig::kSigSegv, sig::kSegvMapErr, kVa.value + kPageSize}))
      << "si_addr is the start of the failing page";
  for (u64 i = 0; i < 3; ++i) EXPECT_EQ(std::to_integer<int>(bytes(kPageA)[kPageSize - 1 - i]), 0);
  EXPECT_EQ(cpu.load<u64>(space, kVa - 2).fault(),
            (UserFault{sig::kSigSegv, sig::kSegvMapErr, kVa.value - 2}));
}

TEST_F(AccessTest, PageCrossingFaultsInAddressOrder) {
  faults.answer = [&](VirtAddr addr, AccessKind) {
    map(addr.page_base(), addr < kVa + kPageSize ? kPageA : kPageB);
    return FaultReply::again();
  };
  EXPECT_TRUE(cpu.store<u32>(space, kVa + kPageSize - 2, 0x44332211).ok());
  ASSERT_EQ(faults.asked.size(), 2u);
  EXPECT_EQ(faults.asked[0].first, kVa + kPageSize - 2);
  EXPECT_EQ(faults.asked[1].first, kVa + kPageSize);
  EXPECT_EQ(std::to_integer<int>(bytes(kPageB)[0]), 0x33);
}

TEST_F(AccessTest, PageCrossingNeedsBothPagesAtOnce) {
  // The handler has one frame only: mapping one page takes the other away.
  faults.answer = [&](VirtAddr addr, AccessKind) {
    const bool low = addr < kVa + kPageSize;
    map(low ? kVa : kVa + kPageSize, kPageA);
    const VirtAddr other = low ? kVa + kPageSize : kVa;
    table->exchange(other, Pte{});
    tlbs.flush_page(1, other);
    return FaultReply::again();
  };
  EXPECT_EQ(cpu.store<u32>(space, kVa + kPageSize - 2, 1).fault().signo, sig::kSigKill);
  EXPECT_EQ(probe.findings().size(), 1u);
}

TEST_F(AccessTest, DeviceAccessesHaveTheAccesssWidth) {
  map(kVa, Pfn(kDeviceAddr));
  EXPECT_EQ(cpu.load<u32>(space, kVa + 4).value(), 0x08070605u);
  EXPECT_EQ(cpu.load<u8>(space, kVa + 1).value(), 2u);
  EXPECT_TRUE(cpu.store<u16>(space, kVa + 0x10, 0xabcd).ok());
  EXPECT_TRUE(cpu.store<u64>(space, kVa + 0x18, 5).ok());
  using Seen = std::tuple<char, u64, unsigned, u64>;
  EXPECT_EQ(device.seen,
            (std::vector<Seen>{
                {'r', 4, 4, 0}, {'r', 1, 1, 0}, {'w', 0x10, 2, 0xabcd}, {'w', 0x18, 8, 5}}));
  EXPECT_EQ(tlbs.cpu(0).stats().misses, 2u) << "devices live in the TLB too";
  device.seen.clear();
  EXPECT_EQ(cpu.load<u32>(space, kVa + 1).value(), 0x05040302u);
  for (const auto& [verb, offset, width, value] : device.seen) EXPECT_EQ(offset % width, 0u);
}

TEST_F(AccessTest, AccessFromRamIntoADevice) {
  map(kVa, kPageA);
  map(kVa + kPageSize, Pfn(kDeviceAddr));
  EXPECT_TRUE(cpu.store<u64>(space, kVa + kPageSize - 5, 0x8877665544332211).ok());
  using Seen = std::tuple<char, u64, unsigned, u64>;
  EXPECT_EQ(device.seen, (std::vector<Seen>{{'w', 0, 2, 0x7766}, {'w', 2, 1, 0x88}}));
  EXPECT_EQ(cpu.load<u64>(space, kVa + kPageSize - 5).value(), 0x0302015544332211u);
}

TEST_F(AccessTest, HolesReadAllOnes) {
  map(kVa, Pfn(0xe0000));
  EXPECT_EQ(cpu.load<u32>(space, kVa).value(), 0xffffffffu);
  EXPECT_TRUE(cpu.store<u32>(space, kVa, 1).ok());
  EXPECT_EQ(cpu.load<u32>(space, kVa).value(), 0xffffffffu);
  map(kVa, Pfn((u64{1} << 40) - 1));
  flush();
  EXPECT_EQ(cpu.load<u64>(space, kVa).value(), ~u64{0});
}

TEST_F(AccessTest, SpansCrossPagesAndStopAtTheExactByte) {
  map(kVa, kPageA);
  map(kVa + kPageSize, Pfn(0x2fff));
  std::vector<std::byte> out(3 * kPageSize);
  for (u64 i = 0; i < out.size(); ++i) out[i] = static_cast<std::byte>(i * 7);
  const auto two_pages = std::span(out).first(2 * kPageSize - 100);
  EXPECT_TRUE(cpu.copy_to(space, kVa + 100, two_pages).ok());
  std::vector<std::byte> in(two_pages.size());
  EXPECT_TRUE(cpu.copy_from(space, kVa + 100, in).ok());
  EXPECT_EQ(std::memcmp(in.data(), out.data(), in.size()), 0);
  EXPECT_EQ(std::memcmp(bytes(Pfn(0x2fff)), out.data() + kPageSize - 100, kPageSize), 0);
  EXPECT_EQ(cpu.copy_to(space, kVa + 100, out).fault().addr, kVa.value + 2 * kPageSize);
  EXPECT_EQ(cpu.copy_to_partial(space, kVa + 100, out), kPageSize + 100);
  EXPECT_EQ(cpu.copy_from_partial(space, kVa + 100, out), kPageSize + 100);
  EXPECT_EQ(cpu.copy_to_partial(space, VirtAddr(0x0000800000000000), out), out.size());
  EXPECT_EQ(cpu.fill_partial(space, kVa + kPageSize + 1, std::byte{0x5a}, kPageSize), 1u);
  EXPECT_EQ(std::to_integer<int>(bytes(Pfn(0x2fff))[1]), 0x5a);
  EXPECT_TRUE(cpu.fill(space, kVa, std::byte{1}, 0).ok());
  EXPECT_TRUE(has(faults.asked.back().second, AccessKind::kKernel));
}

TEST_F(AccessTest, SpansOverDevicesUseTheWidestAlignedUnits) {
  map(kVa, Pfn(kDeviceAddr));
  std::byte in[15];
  EXPECT_TRUE(cpu.copy_from(space, kVa + 1, in).ok());
  using Seen = std::tuple<char, u64, unsigned, u64>;
  EXPECT_EQ(device.seen,
            (std::vector<Seen>{{'r', 1, 1, 0}, {'r', 2, 2, 0}, {'r', 4, 4, 0}, {'r', 8, 8, 0}}));
  for (unsigned i = 0; i < 15; ++i) EXPECT_EQ(std::to_integer<unsigned>(in[i]), (i + 1) % 8 + 1);
  device.seen.clear();
  EXPECT_TRUE(cpu.fill(space, kVa + 6, std::byte{0x11}, 4).ok());
  EXPECT_EQ(device.seen, (std::vector<Seen>{{'w', 6, 2, 0x1111}, {'w', 8, 2, 0x1111}}));
}

TEST_F(AccessTest, Atomics) {
  map(kVa, kPageA);
  EXPECT_TRUE(cpu.store<u32>(space, kVa + 8, 5).ok());
  EXPECT_EQ(cpu.compare_exchange<u32>(space, kVa + 8, 4, 9).value(), 5u);
  EXPECT_EQ(cpu.load<u32>(space, kVa + 8).value(), 5u);
  EXPECT_EQ(cpu.compare_exchange<u32>(space, kVa + 8, 5, 9).value(), 5u);
  EXPECT_EQ(cpu.fetch_add<u32>(space, kVa + 8, ~u32{0}).value(), 9u);
  EXPECT_EQ(cpu.load<u64>(space, kVa + 8).value(), 8u)
      << "the sum does not carry into the next word";
  EXPECT_EQ(cpu.exchange<u8>(space, kVa + 8, 0xff).value(), 8u);
  EXPECT_EQ(cpu.fetch_add<u8>(space, kVa + 8, 1).value(), 0xffu);
  EXPECT_EQ(cpu.load<u16>(space, kVa + 8).value(), 0u);
  map(kVa + kPageSize, Pfn(0x2fff));
  const VirtAddr split = kVa + kPageSize - 3;
  EXPECT_EQ(cpu.fetch_add<u64>(space, split, 0x0123456789abcdef).value(), 0u);
  EXPECT_EQ(cpu.compare_exchange<u64>(space, split, 0x0123456789abcdef, 1).value(),
            0x0123456789abcdefu);
  EXPECT_EQ(cpu.load<u64>(space, split).value(), 1u);
  map(kVa + 2 * kPageSize, Pfn(kDeviceAddr));
  EXPECT_EQ(cpu.fetch_add<u32>(space, kVa + 2 * kPageSize, 1).value(), 0x04030201u);
  EXPECT_EQ(device.seen.back(), (std::tuple<char, u64, unsigned, u64>{'w', 0, 4, 0x04030202}));
}

TEST_F(AccessTest, AddressSpacesDoNotSeeEachOther) {
  auto other_table = make_table(FormatKind::x86_64);
  ASSERT_TRUE(other_table->set(kVa, Pte::make(kPageB, kRw)));
  const Space other{other_table.get(), 2, &faults};
  map(kVa, kPageA);
  EXPECT_TRUE(cpu.store<u32>(space, kVa, 1).ok());
  EXPECT_TRUE(cpu.store<u32>(other, kVa, 2).ok());
  EXPECT_EQ(cpu.load<u32>(space, kVa).value(), 1u);
  EXPECT_EQ(cpu.load<u32>(other, kVa).value(), 2u);
}

TEST_F(AccessTest, StaleUntilFlushed) {
  map(kVa, kPageA);
  EXPECT_TRUE(cpu.store<u32>(space, kVa, 1).ok());
  table->exchange(kVa, Pte{});
  EXPECT_TRUE(cpu.load<u32>(space, kVa).ok()) << "as on hardware, the TLB answers";
  tlbs.flush_page(1, kVa);
  EXPECT_FALSE(cpu.load<u32>(space, kVa).ok());
}

class Access32Test : public AccessTest {
 protected:
  Access32Test() : AccessTest(FormatKind::x86_32) {}
};

TEST_F(Access32Test, EverythingPresentMayBeExecuted) {
  const VirtAddr va(0x08048000);
  map(va, kPageA, kRo | Pte::kNx);
  EXPECT_TRUE(cpu.fetch(space, va).ok());
  EXPECT_FALSE(cpu.store<u32>(space, va, 1).ok());
  EXPECT_TRUE(cpu.load<u32>(space, va + 4).ok());
  EXPECT_TRUE(table->get(va).accessed());
}

TEST_F(Access32Test, AddressesBeyond4GiBDoNotExist) {
  EXPECT_EQ(cpu.load<u8>(space, VirtAddr(0x100000000)).fault(),
            (UserFault{sig::kSigSegv, sig::kSiKernel, 0}));
  map(VirtAddr(0xfffff000), kPageA);
  EXPECT_EQ(cpu.load<u32>(space, VirtAddr(0xfffffffe)).fault().code, sig::kSiKernel);
}

}  // namespace
}  // namespace vmsim::mmu
