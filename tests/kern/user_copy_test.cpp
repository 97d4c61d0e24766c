// SPDX-License-Identifier: MIT
// Copies between programs and the kernel: partial ones, bad pointers of both kinds, contexts that
// must not sleep.
#include "kern/user_copy.hpp"

#include <cerrno>

#include "kern/kern_world.hpp"
#include "sched/lock.hpp"

namespace vmsim::kern {
namespace {

constexpr u64 kEnd = kBufferPages << kPageShift;

TEST(UserCopy, CopiesBothWays) {
  KernWorld w;
  const std::string text(3 * kPageSize + 17, 'x');
  EXPECT_EQ(*w.user->to_user(w.buffer + 5, text.data(), text.size()), 0u);
  EXPECT_EQ(w.get(text.size(), 5), text);
  std::string back(text.size(), '\0');
  EXPECT_EQ(*w.user->from_user(back.data(), w.buffer + 5, back.size()), 0u);
  EXPECT_EQ(back, text);
  EXPECT_EQ(*w.user->clear_user(w.buffer + 6, 2), 0u);
  EXPECT_EQ(w.get(4, 5), std::string("x\0\0x", 4));
  EXPECT_EQ(*w.user->to_user(0, nullptr, 0), 0u) << "nothing of nothing";
}

TEST(UserCopy, ReturnsTheBytesThatWereNotCopied) {
  KernWorld w;
  const std::string text(100, 'x');
  EXPECT_EQ(*w.user->to_user(w.buffer + kEnd - 40, text.data(), 100), 60u);
  EXPECT_EQ(w.get(40, kEnd - 40), std::string(40, 'x'));
  std::string back(100, 'y');
  EXPECT_EQ(*w.user->from_user(back.data(), w.buffer + kEnd - 40, 100), 60u);
  EXPECT_EQ(back, std::string(40, 'x') + std::string(60, '\0')) << "the rest is zeroed";
  EXPECT_EQ(*w.user->clear_user(w.buffer + kEnd - 40, 100), 60u);
  EXPECT_EQ(*w.user->to_user(0x1000, text.data(), 100), 100u);
  EXPECT_EQ(w.findings(), "") << "a wrong user pointer is the program's business";
}

TEST(UserCopy, AccessOkIsARangeCheckOnly) {
  KernWorld w;
  const u64 top = w.user->task_size();
  EXPECT_TRUE(w.user->access_ok(top - 1, 1));
  EXPECT_FALSE(w.user->access_ok(top - 1, 2));
  EXPECT_FALSE(w.user->access_ok(~u64{0}, 2));
  EXPECT_TRUE(w.user->access_ok(0, 1));
  std::string back(4, 'y');
  EXPECT_EQ(*w.user->from_user(back.data(), top, 4), 4u);
  EXPECT_EQ(back, std::string(4, '\0'));
}

TEST(UserCopy, AKernelPointerIsRefusedAndNamed) {
  KernWorld w;
  void* const object = w.memory->slab->kmalloc(64, 0xcc0);
  ASSERT_NE(object, nullptr);
  char text[] = "text";
  EXPECT_EQ(*w.user->to_user(reinterpret_cast<u64>(object), text, 4), 4u);
  EXPECT_EQ(w.findings(), "user-copy-kernel-pointer");
  EXPECT_EQ(*w.user->from_user(text, reinterpret_cast<u64>(object), 4), 4u);
  EXPECT_EQ(w.findings(), "user-copy-kernel-pointer");
  char local[4];
  EXPECT_EQ(*w.user->to_user(reinterpret_cast<u64>(local), text, 4), 4u);
  EXPECT_EQ(w.findings(), "user-copy-kernel-pointer") << "the kernel stack";
  w.memory->slab->kfree(object);
}

TEST(UserCopy, ABadKernelPointerIsABug) {
  KernWorld w;
  const auto result = w.user->to_user(w.buffer, reinterpret_cast<const void*>(0x10), 4);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().errno_value, sched::kErrBug);
  EXPECT_EQ(w.user->kernel_fault().kind, sched::OopsKind::kNullDereference);
  EXPECT_EQ(w.sink.oopses, 0) << "the caller reports it";
}

TEST(UserCopy, InAtomicContextIsReportedAndFaultsNothingIn) {
  KernWorld w;
  w.put("here");
  char text[4];
  sched::preempt_disable();
  EXPECT_EQ(*w.user->from_user(text, w.buffer, 4), 0u) << "a present page can be copied";
  EXPECT_EQ(w.findings(), "sleep-in-atomic");
  EXPECT_EQ(*w.user->from_user(text, w.buffer + 3 * kPageSize, 4), 4u)
      << "an absent one is not faulted in";
  EXPECT_EQ(w.findings(), "sleep-in-atomic");
  sched::preempt_enable();
  w.user->pagefault_disable();
  EXPECT_EQ(*w.user->from_user(text, w.buffer + 3 * kPageSize, 4), 4u);
  EXPECT_EQ(w.findings(), "") << "the driver has said so";
  w.user->pagefault_enable();
  EXPECT_EQ(*w.user->from_user(text, w.buffer + 3 * kPageSize, 4), 0u);
  w.user->pagefault_enable();
  EXPECT_EQ(w.findings(), "pagefault-enable-unbalanced");
}

TEST(UserCopy, WithoutAnAddressSpace) {
  KernWorld w;
  ::mm_struct* const mm = std::exchange(w.task->mm, nullptr);
  char text[4] = {};
  EXPECT_EQ(*w.user->to_user(w.buffer, text, 4), 4u);
  EXPECT_EQ(w.findings(), "user-copy-no-mm");
  w.task->mm = mm;
}

TEST(UserCopy, Strings) {
  KernWorld w;
  w.put(std::string("hello\0", 6), kPageSize - 3);
  const u64 at = w.buffer + kPageSize - 3;
  char text[16] = {};
  EXPECT_EQ(*w.user->strncpy_from_user(text, at, 16), 5);
  EXPECT_STREQ(text, "hello");
  EXPECT_EQ(*w.user->strncpy_from_user(text, at, 4), 4);
  EXPECT_EQ(*w.user->strncpy_from_user(text, 0x1000, 4), -EFAULT);
  EXPECT_EQ(*w.user->strncpy_from_user(text, at, 0), 0);
  EXPECT_EQ(*w.user->strnlen_user(at, 16), 6);
  EXPECT_GT(*w.user->strnlen_user(at, 3), 3);
  EXPECT_EQ(*w.user->strnlen_user(0x1000, 3), 0);
  w.put("no end", kEnd - 6);
  EXPECT_EQ(*w.user->strncpy_from_user(text, w.buffer + kEnd - 6, 16), -EFAULT);
}

TEST(UserCopy, Scalars) {
  KernWorld w;
  for (const unsigned width : {1u, 2u, 4u, 8u}) {
    EXPECT_EQ(*w.user->put_user(0x1122334455667788, w.buffer, width), 0);
    u64 value = ~u64{0};
    EXPECT_EQ(*w.user->get_user(value, w.buffer, width), 0);
    EXPECT_EQ(value,
              width == 8 ? 0x1122334455667788 : 0x1122334455667788 & ((u64{1} << 8 * width) - 1));
  }
  u64 value = 7;
  EXPECT_EQ(*w.user->get_user(value, 0x1000, 4), -EFAULT);
  EXPECT_EQ(value, 0u);
  EXPECT_EQ(*w.user->put_user(1, 0x1000, 4), -EFAULT);
}

TEST(LentBuffer, HostMemoryStandsForTheProgramsBuffer) {
  KernWorld w;
  std::string host = "0123456789";
  const auto bytes = std::as_writable_bytes(std::span(host.data(), host.size()));
  char text[16] = {};
  u64 gone = 0;
  {
    const LentBuffer lent(*w.user, bytes);
    const LentBuffer second(*w.user, std::span<const std::byte>(bytes));
    EXPECT_NE(lent.addr(), second.addr());
    EXPECT_TRUE(w.user->access_ok(lent.addr(), host.size()));
    EXPECT_EQ(*w.user->from_user(text, lent.addr() + 2, 4), 0u);
    EXPECT_EQ(std::string(text), "2345");
    EXPECT_EQ(*w.user->to_user(lent.addr() + 8, "abcd", 4), 2u) << "it ends with the host's bytes";
    EXPECT_EQ(host, "01234567ab");
    EXPECT_EQ(*w.user->to_user(second.addr(), "zz", 2), 2u) << "lent for reading only";
    EXPECT_EQ(*w.user->strncpy_from_user(text, second.addr(), 3), 3);
    gone = lent.addr();
  }
  EXPECT_EQ(*w.user->from_user(text, gone, 1), 1u);
}

}  // namespace
}  // namespace vmsim::kern
