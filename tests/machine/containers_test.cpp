// SPDX-License-Identifier: MIT
// One driver that uses every container of its kernel, and the program that reads what came of it.
#include <map>
#include <span>
#include <sstream>

#include "machine/world.hpp"

namespace vmsim {
namespace {

struct Era {
  KernelVersion version;
  const char* driver;
};

std::ostream& operator<<(std::ostream& out, const Era& era) {
  return out << era.driver;
}

class ContainersTest : public World, public ::testing::WithParamInterface<Era> {
 protected:
  bool since(KernelVersion version) const { return !(GetParam().version < version); }

  void want(const std::string& name, const std::string& expected) {
    EXPECT_EQ(lines_[name], expected) << name;
    lines_.erase(name);
  }

  std::string read_text(Process& app, int fd, std::size_t most) {
    std::string text(most, '\0');
    text.resize(must(app.read(fd, std::as_writable_bytes(std::span(text)))));
    return text;
  }

  void read_lines(Process& app, int fd) {
    std::istringstream in(read_text(app, fd, 4096));
    for (std::string line; std::getline(in, line);) {
      const std::size_t colon = line.find(": ");
      lines_[line.substr(0, colon)] = colon == std::string::npos ? "" : line.substr(colon + 2);
    }
  }

  void want_trees();
  void want_numbers();
  void want_rings();
  void want_lists();

  std::map<std::string, std::string> lines_;
};

void ContainersTest::want_trees() {
  want("rbtree", "20 35 40 60 70 80 90 last 90 before 80");
  if (since({5, 12, 0})) want("rb_add", "first 1 found 1 then 2 postorder 32");
  std::string radix = "twice 1 at 2000: 33 gang 2 tagged 1 deleted 11 22";
  if (since({3, 4, 0})) radix += " [2000]=33";
  want("radix", radix + " left 33");
  if (!since({5, 1, 0})) return;
  want("xarray",
       "busy 1 [3]=30 [1000]=5 [-1]=99 marked 1000 was 30 is 31 erased 31 gone 1 empty 1");
  want("xa_alloc", "1 ret 0 2 3 wrapped 1 2 full 1");
}

void ContainersTest::want_numbers() {
  std::string idr = "0 1 100 0 at 100: 3 at 7: nothing";
  if (since({2, 6, 23})) idr += " sum 302";
  if (since({2, 6, 29})) idr += " [0]=4 [1]=2 [100]=3";
  if (since({3, 10, 0})) idr += " cyclic 5 6 1";
  want("idr", idr + " destroyed: nothing");
  if (since({3, 1, 0})) want("ida", "0 5 1 0");
  if (since({4, 13, 0})) want("uuid", "parsed 0 equal 1 bad 1 78de version 4");
}

void ContainersTest::want_rings() {
  if (since({2, 6, 36})) {
    want("kfifo", "put 4 full 1 peek 0 got 2345 size 128 0123 456789ab len 0 avail 128");
    want("records", "5 0 3 next 5 hel you empty 1");
  } else {
    want("kfifo", "size 128 0123 456789ab len 0");
  }
  want("mempool", "reserve gave 2 of 3, 0 left, back 2, resized 5");
  want("notifier", "1:7 9:1 5:1 1:1 9:2 5:2 ret 8001 9:2 1:2");
}

void ContainersTest::want_lists() {
  const std::string sorted = "10 20 30 40 50 60 70 80 90";
  want("sort", since({2, 6, 39}) ? sorted + " 70 at 6" : sorted);
  want("list",
       since({2, 6, 34}) ? "12 11 31 35 30 30 35 31 11 12" : "31 12 35 11 30 30 11 35 12 31");
  if (since({3, 9, 0})) {
    want("hash", "has 300 sum 1500 then 1300");
    want("llist", "500 400 300 200 100 0 empty 1");
  }
  want("bitmap", "weight 70 and 1 62 63 64 128 129 equal 1 zero at 130 last 129");
  if (since({4, 19, 0})) want("region 0 16", "");
  want("circ", "5 10 crc: cbf43926 0376e6e7");
  want("hash_long", since({4, 7, 0}) ? "379 hash_32: 379" : "745 hash_32: 552");
}

TEST_P(ContainersTest, ItsUserReadsWhatCameOutOfEach) {
  boot(config_of(GetParam().version));
  insmod(GetParam().driver);
  Process& app = spawn();
  const int fd = must(app.open("/dev/containers"));
  read_lines(app, fd);
  want_trees();
  want_numbers();
  want_rings();
  want_lists();
  for (const auto& [name, rest] : lines_) ADD_FAILURE() << "not expected: " << name << ": " << rest;

  EXPECT_EQ(must(app.write(fd, "through a fifo")), 14u);
  EXPECT_EQ(read_text(app, fd, 7), "through");
  EXPECT_EQ(read_text(app, fd, 64), " a fifo");
  must(app.close(fd));
  must(rmmod(GetParam().driver));
  EXPECT_EQ(findings_text(), "no findings\n") << "what stays in an idr at the end is not reported";
}

class InlineTest : public World {};

TEST_F(InlineTest, ListsBitsAndCountsInsideOfADriver) {
  insmod("kapi_inline");
  must(rmmod("kapi_inline"));
  boot(config_of({2, 6, 10}));
  insmod("kapi_inline26");
}

INSTANTIATE_TEST_SUITE_P(
    Eras, ContainersTest,
    ::testing::Values(Era{{2, 6, 10}, "containers_2_6_10"}, Era{{2, 6, 32}, "containers_2_6_32"},
                      Era{{3, 10, 0}, "containers_3_10"}, Era{{4, 14, 0}, "containers_4_14"},
                      Era{{5, 10, 0}, "containers_5_10"}, Era{{6, 1, 0}, "containers_6_1"},
                      Era{{6, 12, 0}, "containers_6_12"}, Era{{6, 17, 0}, "containers_6_17"}));

}  // namespace
}  // namespace vmsim
