// SPDX-License-Identifier: MIT
// Entries of /proc in each era's interface, and what happens to open files when they go.
#include "kern/proc.hpp"

#include <cerrno>

#include "kern/kern_world.hpp"

namespace vmsim::kern {
namespace {

ProcFs* proc = nullptr;
SeqFiles* seq = nullptr;
std::string calls;

int op_open(::inode* node, ::file* file) {
  calls += "open ";
  file->private_data = proc->pde_data(node);
  return 0;
}

long op_read(::file* file, char*, unsigned long, vmsim_loff_t* pos) {
  calls += "read ";
  return *pos == 0 && file->private_data ? (*pos = 1) : 0;
}

int op_release(::inode*, ::file*) {
  calls += "release ";
  return 0;
}

int show(::seq_file* m, void*) {
  SeqFiles::append(*m, static_cast<const char*>(m->private_));
  return 0;
}

const ::proc_ops kProcOps = [] {
  ::proc_ops ops{};
  ops.proc_open = op_open;
  ops.proc_read = op_read;
  ops.proc_release = op_release;
  return ops;
}();

/// Old interface, `start` untouched: the whole file each time.
int read_whole(char* page, char**, long, int, int* eof, void* data) {
  *eof = 1;
  return static_cast<int>(std::string_view(static_cast<const char*>(data)).copy(page, 4096));
}

/// `start` in the page: one piece of ten bytes per call.
int read_pieces(char* page, char** start, long offset, int, int* eof, void*) {
  if (offset >= 30) {
    *eof = 1;
    return 0;
  }
  *start = page + 100;
  std::memset(page + 100, 'a' + static_cast<int>(offset / 10), 10);
  return 10;
}

/// `start` a number: the position counts records.
int read_records(char* page, char** start, long offset, int, int* eof, void*) {
  if (offset >= 3) {
    *eof = 1;
    return 0;
  }
  *start = reinterpret_cast<char*>(1);
  page[0] = static_cast<char>('0' + offset);
  page[1] = '\n';
  return 2;
}

int read_too_much(char*, char**, long, int, int* eof, void*) {
  *eof = 1;
  return 5000;
}

int write_old(::file*, const char*, unsigned long count, void* data) {
  *static_cast<unsigned long*>(data) = count;
  return static_cast<int>(count);
}

struct ProcFsTest : ::testing::Test {
  void SetUp() override { calls.clear(); }

  KernWorld& start(KernelVersion kernel = {6, 12, 0}) {
    world = std::make_unique<KernWorld>(kernel);
    proc = world->proc.get();
    seq = world->seq_files.get();
    return *world;
  }

  std::unique_ptr<KernWorld> world;
};

TEST_F(ProcFsTest, ProcOps) {
  KernWorld& w = start();
  int data = 0;
  ASSERT_TRUE(proc->create("x", 0, nullptr, &kProcOps, &data));
  EXPECT_EQ(w.nodes->lookup("/proc/x")->i_mode & 0777, 0444) << "no rights given: readable";
  vfs::File& file = **w.files->open("/proc/x", vfs::kORdOnly);
  EXPECT_EQ(file.private_data, &data);
  EXPECT_EQ(*w.files->read(file, w.buffer, 10), 1u);
  EXPECT_EQ(*w.files->read(file, w.buffer, 10), 0u);
  EXPECT_EQ(errno_in(w.files->ioctl(file, 1, 0)), ENOTTY);
  file.put();
  EXPECT_EQ(calls, "open read read release ");
  proc->remove("x", nullptr);
  EXPECT_EQ(w.open_errno("/proc/x", vfs::kORdOnly), ENOENT);
}

TEST_F(ProcFsTest, FileOperationsBefore56KeepTheModule) {
  KernWorld& w = start({2, 6, 32});
  ::module module{};
  ::file_operations ops{};
  ops.owner = &module;
  ops.open = op_open;
  int data = 0;
  ASSERT_TRUE(proc->create("x", 0444, nullptr, &ops, &data));
  vfs::File& file = **w.files->open("/proc/x", vfs::kORdOnly);
  EXPECT_EQ(w.refs.counts[&module], 1);
  file.put();
  EXPECT_EQ(w.refs.total(), 0);
  proc->remove("x", nullptr);
}

TEST_F(ProcFsTest, Refusals) {
  KernWorld& w = start();
  EXPECT_EQ(errno_in(proc->create("", 0, nullptr, &kProcOps, nullptr)), EINVAL);
  EXPECT_EQ(errno_in(proc->create("x", 0, nullptr, nullptr, nullptr)), EINVAL);
  EXPECT_EQ(errno_in(proc->create("no/x", 0, nullptr, &kProcOps, nullptr)), ENOENT);
  ::proc_dir_entry* const file = *proc->create("driver/x", 0, nullptr, &kProcOps, nullptr);
  EXPECT_EQ(errno_in(proc->create("y", 0, file, &kProcOps, nullptr)), ENOENT)
      << "a file has no entries";
  EXPECT_EQ(errno_in(proc->create("driver/x", 0, nullptr, &kProcOps, nullptr)), EEXIST);
  EXPECT_EQ(w.findings(), "proc-exists");
  proc->remove("y", nullptr);
  EXPECT_EQ(w.findings(), "proc-not-there");
  proc->remove("driver", nullptr);
  EXPECT_EQ(w.findings(), "proc-not-there") << "the kernel's own folders stay";
  EXPECT_EQ(errno_in(proc->remove_subtree("y", nullptr)), ENOENT);
  proc->remove(static_cast<::proc_dir_entry*>(nullptr));
  proc->remove(file);
  EXPECT_EQ(w.findings(), "");
}

TEST_F(ProcFsTest, FoldersGoWithTheirEntries) {
  KernWorld& w = start();
  ::proc_dir_entry* const folder = *proc->mkdir("mine", nullptr);
  ::proc_dir_entry* const inner = *proc->mkdir("inner", folder);
  ASSERT_TRUE(proc->create("x", 0, inner, &kProcOps, nullptr));
  EXPECT_NE(w.nodes->lookup("/proc/mine/inner/x"), nullptr);
  proc->remove("mine", nullptr);
  EXPECT_EQ(w.findings(), "proc-folder-not-empty");
  EXPECT_EQ(w.nodes->lookup("/proc/mine/inner/x"), nullptr);
  ASSERT_TRUE(proc->create("x", 0, *proc->mkdir("mine", nullptr), &kProcOps, nullptr));
  EXPECT_TRUE(proc->remove_subtree("mine", nullptr));
  EXPECT_EQ(proc->entries(), 0u);
}

TEST_F(ProcFsTest, RemovingAnOpenEntryReleasesItsFiles) {
  KernWorld& w = start();
  int data = 0;
  ASSERT_TRUE(proc->create("x", 0, nullptr, &kProcOps, &data));
  vfs::File& file = **w.files->open("/proc/x", vfs::kORdOnly);
  proc->remove("x", nullptr);
  EXPECT_EQ(calls, "open release ");
  EXPECT_EQ(errno_in(w.files->read(file, w.buffer, 1)), EIO);
  EXPECT_EQ(errno_in(w.files->llseek(file, 0, 0)), EINVAL);
  file.put();
  EXPECT_EQ(calls, "open release ") << "not a second time";
}

TEST_F(ProcFsTest, SingleAndSeqEntries) {
  KernWorld& w = start();
  char text[] = "hello\n";
  ASSERT_TRUE(proc->create_single("one", 0, nullptr, show, text));
  EXPECT_EQ(w.cat("/proc/one"), "hello\n");
  EXPECT_EQ(w.cat("/proc/one", 1), "hello\n");
  vfs::File& file = **w.files->open("/proc/one", vfs::kORdOnly);
  EXPECT_EQ(*w.files->llseek(file, 3, 0), 3);
  EXPECT_EQ(*w.files->read(file, w.buffer, 10), 3u);
  EXPECT_EQ(errno_in(w.files->write(file, w.buffer, 1)), EBADF);
  proc->remove("one", nullptr);
  EXPECT_EQ(w.seq_files->open_files(), 0u);
  EXPECT_EQ(errno_in(w.files->read(file, w.buffer, 1)), EIO);
  file.put();
  static const ::seq_operations ops = {
      [](::seq_file* m, vmsim_loff_t* pos) -> void* { return *pos < 3 ? m->private_ : nullptr; },
      [](::seq_file*, void*) {},
      [](::seq_file* m, void*, vmsim_loff_t* pos) -> void* {
        return ++*pos < 3 ? m->private_ : nullptr;
      },
      [](::seq_file* m, void* v) {
        SeqFiles::append(*m, std::to_string((*static_cast<int*>(v))++) + "\n");
        return 0;
      }};
  ASSERT_TRUE(proc->create_seq("seq", 0, nullptr, &ops, sizeof(int), nullptr));
  EXPECT_EQ(w.cat("/proc/seq"), "0\n1\n2\n") << "each open has its own zeroed state";
  EXPECT_EQ(w.cat("/proc/seq"), "0\n1\n2\n");
  proc->remove("seq", nullptr);
}

TEST_F(ProcFsTest, OldReadFunctions) {
  KernWorld& w = start({2, 6, 10});
  char text[] = "the whole file";
  ASSERT_TRUE(proc->create_read("whole", 0, nullptr, read_whole, text));
  ASSERT_TRUE(proc->create_read("pieces", 0, nullptr, read_pieces, nullptr));
  ASSERT_TRUE(proc->create_read("records", 0, nullptr, read_records, nullptr));
  ASSERT_TRUE(proc->create_read("much", 0, nullptr, read_too_much, nullptr));
  EXPECT_EQ(w.cat("/proc/whole"), text);
  EXPECT_EQ(w.cat("/proc/whole", 4), text);
  EXPECT_EQ(w.cat("/proc/pieces"),
            std::string(10, 'a') + std::string(10, 'b') + std::string(10, 'c'));
  EXPECT_EQ(w.cat("/proc/records"), "0\n1\n2\n");
  EXPECT_EQ(w.cat("/proc/much").size(), 4096u);
  EXPECT_EQ(w.findings().substr(0, 18), "proc-read-overflow");
  for (const char* name : {"whole", "pieces", "records", "much"}) proc->remove(name, nullptr);
}

TEST_F(ProcFsTest, OldEntriesAreFilledInAfterwards) {
  KernWorld& w = start({2, 6, 10});
  ::proc_dir_entry* const entry = *proc->create("x", 0666, nullptr, nullptr, nullptr);
  vfs::File& empty = **w.files->open("/proc/x", vfs::kORdWr);
  EXPECT_EQ(*w.files->read(empty, w.buffer, 10), 0u);
  EXPECT_EQ(errno_in(w.files->write(empty, w.buffer, 10)), EIO);
  unsigned long written = 0;
  entry->write_proc = write_old;
  entry->data = &written;
  EXPECT_EQ(*w.files->write(empty, w.buffer, 10), 10u);
  EXPECT_EQ(written, 10u);
  empty.put();
  ::file_operations ops{};
  ops.open = op_open;
  entry->proc_fops = &ops;
  EXPECT_EQ(w.open_errno("/proc/x", vfs::kORdOnly), 0);
  EXPECT_EQ(calls, "open ");
  proc->remove("x", nullptr);
}

TEST_F(ProcFsTest, TheKernelsOwnTexts) {
  KernWorld& w = start();
  int made = 0;
  ASSERT_TRUE(proc->create_text(
      "devices", [&] { return std::to_string(++made) + w.chrdevs->devices_text(); }));
  EXPECT_EQ(w.cat("/proc/devices", 5), "1" + w.chrdevs->devices_text()) << "made once per open";
  EXPECT_EQ(w.cat("/proc/devices").substr(0, 1), "2");
}

TEST_F(ProcFsTest, Leftovers) {
  KernWorld& w = start();

  struct Image {
    ::proc_ops ops;
    char name[4];
  } image{kProcOps, "dir"};

  ::proc_dir_entry* const folder = *proc->mkdir(image.name, nullptr);
  ASSERT_TRUE(proc->create("x", 0, folder, &image.ops, nullptr));
  vfs::File& file = **w.files->open("/proc/dir/x", vfs::kORdOnly);
  w.leftovers->gone(gone_module(image));
  EXPECT_EQ(w.findings().substr(0, 20), "proc-left-registered");
  EXPECT_EQ(proc->entries(), 0u);
  EXPECT_EQ(errno_in(w.files->read(file, w.buffer, 1)), EIO);
  EXPECT_EQ(calls, "open ") << "the driver's release is gone";
  file.put();
}

}  // namespace
}  // namespace vmsim::kern
