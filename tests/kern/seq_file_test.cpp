// SPDX-License-Identifier: MIT
// seq_file against a driver with a list of records: any chunk size, growth, seeking, errors, the
// end.
#include "kern/seq_file.hpp"

#include <cerrno>

#include "kern/kern_world.hpp"

namespace vmsim::kern {
namespace {

struct Records {
  std::vector<std::string> texts;
  int starts = 0, stops = 0;
  int fail_at = -1;
  int skip_at = -1;
  bool stuck = false;
};

Records* r = nullptr;

void* start(::seq_file*, vmsim_loff_t* pos) {
  ++r->starts;
  return *pos < static_cast<vmsim_loff_t>(r->texts.size())
             ? &r->texts[static_cast<std::size_t>(*pos)]
             : nullptr;
}

void* next(::seq_file* m, void* v, vmsim_loff_t* pos) {
  if (r->stuck) {
    vmsim_loff_t at = *pos + 1;
    return start(m, &at);
  }
  static_cast<void>(v);
  ++*pos;
  --r->starts;
  return start(m, pos);
}

void stop(::seq_file*, void*) {
  ++r->stops;
}

int show(::seq_file* m, void* v) {
  const auto& text = *static_cast<std::string*>(v);
  const auto index = &text - r->texts.data();
  SeqFiles::append(*m, text);
  if (index == r->fail_at) return -EIO;
  return index == r->skip_at ? 1 : 0;
}

const ::seq_operations kSeq = {start, stop, next, show};

int show_data(::seq_file* m, void*) {
  SeqFiles::append(*m, static_cast<const char*>(m->private_));
  return 0;
}

int show_oops(::seq_file*, void*) {
  return *reinterpret_cast<volatile int*>(0x10);
}

struct SeqFilesTest : ::testing::Test {
  SeqFilesTest() {
    r = &records;
    w.nodes->add_node("/proc/x", kModeRegular | 0444).value()->i_fop = &ops;
    file = *w.files->open("/proc/x", vfs::kORdOnly);
  }

  ~SeqFilesTest() override {
    if (file->private_data) w.seq_files->release(*file);
    file->put();
    EXPECT_TRUE(w.nodes->remove("/proc/x"));
  }

  std::string all(u64 chunk) {
    std::string text;
    vmsim_loff_t pos = 0;
    for (;;) {
      const auto got = w.seq_files->read(*file, w.buffer, chunk, pos);
      EXPECT_TRUE(got) << (got ? "" : got.error().to_string());
      if (!got || *got == 0) return text;
      text += w.get(*got);
      EXPECT_EQ(pos, static_cast<vmsim_loff_t>(text.size()));
    }
  }

  std::string whole() const {
    std::string text;
    for (const auto& t : records.texts) text += t;
    return text;
  }

  Records records;
  ::file_operations ops{};
  KernWorld w;
  vfs::File* file = nullptr;
};

TEST_F(SeqFilesTest, AnyChunkGivesTheSameText) {
  for (int i = 0; i < 50; ++i) records.texts.push_back("record " + std::to_string(i) + "\n");
  ASSERT_TRUE(w.seq_files->open(*file, &kSeq));
  for (const u64 chunk : {u64{1}, u64{3}, u64{10}, u64{100}, u64{4096}, u64{20000}}) {
    EXPECT_EQ(all(chunk), whole()) << chunk;
  }
  EXPECT_EQ(records.starts, records.stops) << "each start has its stop";
}

TEST_F(SeqFilesTest, TheBufferGrowsForALongRecord) {
  records.texts = {"short\n", std::string(10000, 'x') + "\n", std::string(5000, 'y') + "\n"};
  ASSERT_TRUE(w.seq_files->open(*file, &kSeq));
  EXPECT_EQ(all(4096), whole());
  EXPECT_EQ(all(30000), whole());
  EXPECT_EQ(records.starts, records.stops);
}

TEST_F(SeqFilesTest, Seeks) {
  for (int i = 0; i < 20; ++i) records.texts.push_back("line " + std::to_string(i) + "\n");
  ASSERT_TRUE(w.seq_files->open(*file, &kSeq));
  for (const i64 at : {i64{50}, i64{7}, i64{0}, i64{100}}) {
    EXPECT_EQ(*w.seq_files->lseek(*file, at, 0), at);
    vmsim_loff_t pos = at;
    const u64 got = *w.seq_files->read(*file, w.buffer, 9, pos);
    EXPECT_EQ(w.get(got), whole().substr(static_cast<std::size_t>(at), got));
    EXPECT_GT(got, 0u);
  }
  EXPECT_EQ(errno_in(w.seq_files->lseek(*file, -1, 0)), EINVAL);
  EXPECT_EQ(errno_in(w.seq_files->lseek(*file, 0, 2)), EINVAL);
  vmsim_loff_t pos = 33;  // pread
  const u64 got = *w.seq_files->read(*file, w.buffer, 5, pos);
  EXPECT_EQ(w.get(got), whole().substr(33, got));
  EXPECT_EQ(records.starts, records.stops);
}

TEST_F(SeqFilesTest, SkippedRecordsAndErrors) {
  records.texts = {"a", "b", "c", "d"};
  records.skip_at = 1;
  ASSERT_TRUE(w.seq_files->open(*file, &kSeq));
  EXPECT_EQ(all(100), "acd");
  records.skip_at = 0;
  EXPECT_EQ(all(100), "bcd");
  records.skip_at = -1;
  records.fail_at = 2;
  vmsim_loff_t pos = 0;
  EXPECT_EQ(*w.seq_files->read(*file, w.buffer, 100, pos), 2u) << "what came before the error";
  EXPECT_EQ(errno_in(w.seq_files->read(*file, w.buffer, 100, pos)), EIO);
  EXPECT_EQ(records.starts, records.stops);
}

TEST_F(SeqFilesTest, ABadUserBufferIsEfault) {
  records.texts = {"abc"};
  ASSERT_TRUE(w.seq_files->open(*file, &kSeq));
  vmsim_loff_t pos = 0;
  EXPECT_EQ(errno_in(w.seq_files->read(*file, 0x1000, 100, pos)), EFAULT);
  EXPECT_EQ(pos, 0);
  EXPECT_EQ(all(100), "abc");
}

TEST_F(SeqFilesTest, ANextThatDoesNotMoveIsReported) {
  records.texts = {"a", "b"};
  records.stuck = true;
  ASSERT_TRUE(w.seq_files->open(*file, &kSeq));
  vmsim_loff_t pos = 0;
  EXPECT_TRUE(w.seq_files->read(*file, w.buffer, 100, pos));
  EXPECT_EQ(w.findings().substr(0, 20), "seq-next-no-progress");
}

TEST_F(SeqFilesTest, SingleFiles) {
  char text[] = "one record\n";
  ASSERT_TRUE(w.seq_files->single_open(*file, show_data, text));
  EXPECT_EQ(all(3), text);
  EXPECT_EQ(all(100), text);
}

TEST_F(SeqFilesTest, PrivateMemoryIsZeroed) {
  auto* const state = static_cast<char*>(*w.seq_files->open_private(*file, &kSeq, 16));
  EXPECT_EQ(std::string(state, 16), std::string(16, '\0'));
  EXPECT_EQ(static_cast<::seq_file*>(file->private_data)->private_, state);
}

TEST_F(SeqFilesTest, AnOopsInShowComesUp) {
  ASSERT_TRUE(w.seq_files->single_open(*file, show_oops, nullptr));
  vmsim_loff_t pos = 0;
  const auto got = w.seq_files->read(*file, w.buffer, 100, pos);
  ASSERT_FALSE(got);
  EXPECT_TRUE(sched::is_oops(got.error()));
  EXPECT_EQ(w.scheduler->held_locks_total(), 0u);
}

TEST_F(SeqFilesTest, Misuse) {
  int mine = 0;
  file->private_data = &mine;
  ASSERT_TRUE(w.seq_files->open(*file, &kSeq));
  EXPECT_EQ(w.findings(), "seq-private-data-lost");
  w.seq_files->release(*file);
  EXPECT_EQ(file->private_data, nullptr);
  w.seq_files->release(*file);
  EXPECT_EQ(w.findings(), "seq-file-not-open");
  vmsim_loff_t pos = 0;
  EXPECT_EQ(errno_in(w.seq_files->read(*file, w.buffer, 1, pos)), EINVAL);
  EXPECT_EQ(w.findings(), "seq-file-not-open");
}

TEST(SeqList, WalksAList) {
  ::list_head head, a, b;
  head.next = &a, a.next = &b, b.next = &head;
  EXPECT_EQ(SeqFiles::list_start(&head, 1), &b);
  EXPECT_EQ(SeqFiles::list_start(&head, 2), nullptr);
  vmsim_loff_t pos = 0;
  EXPECT_EQ(SeqFiles::list_next(&a, &head, pos), &b);
  EXPECT_EQ(SeqFiles::list_next(&b, &head, pos), nullptr);
  EXPECT_EQ(pos, 2);
}

}  // namespace
}  // namespace vmsim::kern
