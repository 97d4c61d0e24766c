// SPDX-License-Identifier: MIT
// Strings, copies and numbers, against libc where both agree.
#include <cerrno>
#include <cstring>
#include <random>

#include "abi/driver_world.hpp"

namespace vmsim::abi {
namespace {

int sign(int value) {
  return (value > 0) - (value < 0);
}

TEST(KernelString, agrees_with_libc) {
  DriverWorld world;
  auto* const cmp = world.import <int(const char*, const char*)>("strcmp");
  auto* const ncmp = world.import <int(const char*, const char*, Ulong)>("strncmp");
  auto* const casecmp = world.import <int(const char*, const char*)>("strcasecmp");
  auto* const chr = world.import <char*(const char*, int)>("strchr");
  auto* const rchr = world.import <char*(const char*, int)>("strrchr");
  auto* const str = world.import <char*(const char*, const char*)>("strstr");
  auto* const spn = world.import <Ulong(const char*, const char*)>("strspn");
  auto* const cspn = world.import <Ulong(const char*, const char*)>("strcspn");
  auto* const pbrk = world.import <char*(const char*, const char*)>("strpbrk");
  auto* const mchr = world.import <void*(const void*, int, Ulong)>("memchr");
  const char* const given = std::getenv("VMSIM_SEED");
  const unsigned long seed = given != nullptr ? std::strtoul(given, nullptr, 0) : 11;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const auto word = [&](std::size_t max) {
    std::string text(random() % (max + 1), ' ');
    for (char& c : text) c = "abAB\xc3"[random() % 5];
    return text;
  };
  EXPECT_TRUE(world.drive([&] {
    for (int i = 0; i < 2000; ++i) {
      const std::string a = word(8), b = word(3);
      const char *x = a.c_str(), *y = b.c_str();
      const Ulong n = random() % 5;
      const int c = "abA\0"[random() % 4];
      EXPECT_EQ(sign(cmp(x, y)), sign(std::strcmp(x, y)));
      EXPECT_EQ(sign(ncmp(x, y, n)), sign(std::strncmp(x, y, n)));
      EXPECT_EQ(sign(casecmp(x, y)), sign(::strcasecmp(x, y)));
      EXPECT_EQ(chr(x, c), std::strchr(x, c));
      EXPECT_EQ(rchr(x, c), std::strrchr(x, c));
      EXPECT_EQ(str(x, y), std::strstr(x, y));
      EXPECT_EQ(spn(x, y), std::strspn(x, y));
      EXPECT_EQ(cspn(x, y), std::strcspn(x, y));
      EXPECT_EQ(pbrk(x, y), std::strpbrk(x, y));
      EXPECT_EQ(mchr(x, c, a.size()), std::memchr(x, c, a.size()));
    }
  }));
}

TEST(KernelString, copies_that_libc_has_not) {
  DriverWorld world;
  auto* const scpy = world.import <long(char*, const char*, Ulong)>("vmsim_strscpy");
  auto* const pad = world.import <long(char*, const char*, Ulong)>("strscpy_pad");
  char text[6];
  std::memset(text, 'z', sizeof(text));
  EXPECT_EQ(scpy(text, "abc", sizeof(text)), 3);
  EXPECT_STREQ(text, "abc");
  EXPECT_EQ(text[5], 'z');
  EXPECT_EQ(scpy(text, "abcdefgh", sizeof(text)), -E2BIG);
  EXPECT_STREQ(text, "abcde");
  EXPECT_EQ(scpy(text, "a", 0), -E2BIG);
  std::memset(text, 'z', sizeof(text));
  EXPECT_EQ(pad(text, "ab", sizeof(text)), 2);
  EXPECT_EQ(text[5], '\0');
}

TEST(KernelString, copies_of_2_6_that_libc_has_not) {
  DriverWorld old({2, 6, 10});
  char text[6] = {};
  auto* const lcpy = old.import <Ulong(char*, const char*, Ulong)>("strlcpy");
  auto* const lcat = old.import <Ulong(char*, const char*, Ulong)>("strlcat");
  EXPECT_EQ(lcpy(text, "abcdefgh", sizeof(text)), 8u);
  EXPECT_STREQ(text, "abcde");
  EXPECT_EQ(lcpy(text, "ab", sizeof(text)), 2u);
  EXPECT_EQ(lcat(text, "cdefg", sizeof(text)), 7u);
  EXPECT_STREQ(text, "abcde");
}

TEST(KernelString, walks_and_comparisons) {
  DriverWorld world;
  auto* const sep = world.import <char*(char**, const char*)>("strsep");
  char list[] = "one,,two";
  char* rest = list;
  EXPECT_STREQ(sep(&rest, ","), "one");
  EXPECT_STREQ(sep(&rest, ","), "");
  EXPECT_STREQ(sep(&rest, ","), "two");
  EXPECT_EQ(sep(&rest, ","), nullptr);
  char padded[] = " \t x y \n";
  EXPECT_STREQ(world.import <char*(char*)>("strim")(padded), "x y");
  auto* const same = world.import <int(const char*, const char*)>("sysfs_streq");
  EXPECT_TRUE(same("on\n", "on"));
  EXPECT_TRUE(same("on", "on\n"));
  EXPECT_FALSE(same("on", "off"));
  EXPECT_FALSE(same("on\n\n", "on"));
  const char* const words[] = {"a", "bc", nullptr};
  auto* const match = world.import <int(const char* const*, Ulong, const char*)>("match_string");
  EXPECT_EQ(match(words, 8, "bc"), 1);
  EXPECT_EQ(match(words, 8, "c"), -EINVAL);
  const u8 bytes[] = {5, 5, 6, 5};
  EXPECT_EQ(world.import <void*(const void*, int, Ulong)>("memchr_inv")(bytes, 5, 4), bytes + 2);
  EXPECT_EQ(world.import <void*(const void*, int, Ulong)>("memchr_inv")(bytes, 5, 2), nullptr);
  EXPECT_EQ(world.import <void*(const void*, int, Ulong)>("memscan")(bytes, 9, 4), bytes + 4);
  EXPECT_EQ(world.import <Ulong(Ulong)>("int_sqrt")(99), 9u);
  EXPECT_EQ(world.import <Ulong(Ulong)>("int_sqrt")(~0ul), 0xffffffffu);
}

TEST(KernelString, a_wild_pointer_is_the_drivers_oops) {
  DriverWorld world;
  auto* const bad = reinterpret_cast<char*>(0x10);
  EXPECT_FALSE(world.call<char*(char*, const char*)>("strcpy", bad, "x"));
  EXPECT_FALSE(world.call<void*(void*, int, Ulong)>("memset", bad, 0, 4ul));
  EXPECT_FALSE(world.call<Ulong(const char*)>("strlen", bad));
  EXPECT_FALSE(world.call<char*(const char*, vmsim_gfp_t)>("kstrdup", bad, VMSIM_GFP_KERNEL));
  EXPECT_EQ(world.kernel->oops->oops_count(), 4u);
  EXPECT_EQ(world.memory().slab->live_objects(), 0u);
}

TEST(KernelString, duplicates_are_slab_objects) {
  DriverWorld world;
  kern::Slab& slab = *world.memory().slab;
  char* const all =
      *world.call<char*(const char*, vmsim_gfp_t)>("kstrdup", "abc", VMSIM_GFP_KERNEL);
  char* const some = *world.call<char*(const char*, Ulong, vmsim_gfp_t)>("kstrndup", "abcdef", 2ul,
                                                                         VMSIM_GFP_KERNEL);
  EXPECT_STREQ(all, "abc");
  EXPECT_STREQ(some, "ab");
  EXPECT_EQ(slab.live_objects(), 2u);
  slab.kfree(all);
  slab.kfree(some);
  EXPECT_EQ(*world.call<char*(const char*, vmsim_gfp_t)>("kstrdup", nullptr, VMSIM_GFP_KERNEL),
            nullptr);
}

TEST(KernelString, duplicates_of_user_memory) {
  DriverWorld world;
  kern::Slab& slab = *world.memory().slab;
  const u64 user = world.user_pages(1);
  world.store_user(user, "hello", 6);
  auto* const copy = static_cast<char*>(*world.call<void*(const void*, Ulong)>(
      "memdup_user", reinterpret_cast<const void*>(user), 6ul));
  EXPECT_STREQ(copy, "hello");
  slab.kfree(copy);
  char* const text = *world.call<char*(const char*, long)>(
      "strndup_user", reinterpret_cast<const char*>(user), 20l);
  EXPECT_STREQ(text, "hello");
  slab.kfree(text);
  const auto error = [](const void* p) { return static_cast<int>(reinterpret_cast<i64>(p)); };
  EXPECT_EQ(error(*world.call<void*(const void*, Ulong)>(
                "memdup_user", reinterpret_cast<const void*>(0x1000), 6ul)),
            -EFAULT);
  EXPECT_EQ(error(*world.call<char*(const char*, long)>("strndup_user",
                                                        reinterpret_cast<const char*>(user), 3l)),
            -EINVAL);
  EXPECT_EQ(slab.live_objects(), 0u);
}

TEST(KernelNumbers, widths_have_ranges) {
  DriverWorld world;
  int number = 0;
  u8 small = 0;
  unsigned large = 0;
  auto* const to_int = world.import <int(const char*, unsigned, int*)>("kstrtoint");
  EXPECT_EQ(to_int("-2147483648", 10, &number), 0);
  EXPECT_EQ(number, -2147483647 - 1);
  EXPECT_EQ(to_int("2147483648", 10, &number), -ERANGE);
  EXPECT_EQ(to_int("12 ", 10, &number), -EINVAL);
  auto* const to_u8 = world.import <int(const char*, unsigned, u8*)>("kstrtou8");
  EXPECT_EQ(to_u8("255\n", 0, &small), 0);
  EXPECT_EQ(small, 255);
  EXPECT_EQ(to_u8("256", 0, &small), -ERANGE);
  auto* const to_uint = world.import <int(const char*, unsigned, unsigned*)>("kstrtouint");
  EXPECT_EQ(to_uint("0xffffffff", 0, &large), 0);
  EXPECT_EQ(large, 0xffffffffu);
  EXPECT_EQ(to_uint("-1", 0, &large), -EINVAL);
  char* end = nullptr;
  EXPECT_EQ(world.import <long(const char*, char**, unsigned)>("simple_strtol")("-12x", &end, 10),
            -12);
  EXPECT_STREQ(end, "x");
  EXPECT_EQ(world.import <unsigned long long(const char*, char**)>("memparse")("2M", &end),
            u64{2} << 20);
}

TEST(KernelNumbers, come_from_user_memory) {
  DriverWorld world;
  const u64 user = world.user_pages(1);
  world.store_user(user, "123\n", 4);
  int number = 0;
  using FromUser = int(const char*, Ulong, unsigned, int*);
  EXPECT_EQ(*world.call<FromUser>("kstrtoint_from_user", reinterpret_cast<const char*>(user), 4ul,
                                  0u, &number),
            0);
  EXPECT_EQ(number, 123);
  EXPECT_EQ(*world.call<FromUser>("kstrtoint_from_user", reinterpret_cast<const char*>(0x1000), 4ul,
                                  0u, &number),
            -EFAULT);
}

TEST(ModuleParams, set_and_get) {
  DriverWorld world;
  int number = 0;
  bool flag = false;
  char* text = nullptr;
  ::kernel_param param = {};
  using Set = int(const char*, const ::kernel_param*);
  using Get = int(char*, const ::kernel_param*);
  const ::kernel_param* const record = &param;
  char shown[kPageSize];
  param.arg = &number;
  EXPECT_EQ(*world.call<Set>("param_set_int", "0x20", record), 0);
  EXPECT_EQ(number, 32);
  EXPECT_EQ(*world.call<Set>("param_set_int", "4294967296", record), -ERANGE);
  EXPECT_EQ(*world.call<Set>("param_set_int", nullptr, record), -EINVAL);
  EXPECT_EQ(*world.call<Get>("param_get_int", shown, record), 3);
  EXPECT_STREQ(shown, "32\n");
  param.arg = &flag;
  EXPECT_EQ(*world.call<Set>("param_set_bool", nullptr, record), 0);
  EXPECT_TRUE(flag);
  param.arg = &text;
  EXPECT_EQ(*world.call<Set>("param_set_charp", "word", record), 0);
  EXPECT_STREQ(text, "word");
  world.memory().slab->kfree(text);
}

}  // namespace
}  // namespace vmsim::abi
