// SPDX-License-Identifier: MIT
// The system calls on files against drivers made of functions: every refusal, references, events,
// eras.
#include "kern/file_calls.hpp"

#include <cerrno>

#include "kern/kern_world.hpp"
#include "sched/wait.hpp"

namespace vmsim::kern {
namespace {

/// What the driver of these tests saw and shall answer.
struct Driver {
  std::string log;
  int open_result = 0;
  long result = 0;
  u32 ready = 0;
  struct wait_queue_head queue = {};
};

Driver* d = nullptr;

int drv_open(::inode*, ::file*) {
  d->log += "open ";
  return d->open_result;
}

int drv_release(::inode*, ::file*) {
  d->log += "release ";
  return 0;
}

int drv_flush(::file*, void*) {
  d->log += "flush ";
  return -EIO;
}

long drv_read(::file*, char*, unsigned long count, vmsim_loff_t* pos) {
  d->log += "read ";
  if (pos) *pos += static_cast<vmsim_loff_t>(count);
  return d->result != 0 ? d->result : static_cast<long>(count);
}

long drv_write(::file*, const char*, unsigned long count, vmsim_loff_t* pos) {
  d->log += "write ";
  if (pos) *pos += static_cast<vmsim_loff_t>(count);
  return static_cast<long>(count);
}

long drv_read_iter(::kiocb* iocb, ::iov_iter* iter) {
  d->log += "read_iter ";
  EXPECT_EQ(iter->data_source, 0);
  EXPECT_EQ(iocb->ki_complete, nullptr);
  iocb->ki_pos += static_cast<vmsim_loff_t>(iter->count);
  return static_cast<long>(iter->count);
}

long drv_aio_write(::kiocb* iocb, const ::iovec* segment, unsigned long segments, vmsim_loff_t) {
  d->log += "aio_write ";
  EXPECT_EQ(segments, 1u);
  iocb->ki_pos += 1;
  return static_cast<long>(segment->iov_len);
}

vmsim_loff_t drv_llseek(::file* file, vmsim_loff_t offset, int whence) {
  d->log += "llseek ";
  if (whence == 4) return -ENXIO;
  return file->f_pos = offset;
}

long drv_unlocked_ioctl(::file*, unsigned command, unsigned long argument) {
  d->log += "ioctl ";
  return command == 7 ? static_cast<long>(argument) : d->result;
}

int drv_ioctl(::inode* node, ::file* file, unsigned, unsigned long argument) {
  d->log += "old_ioctl ";
  EXPECT_EQ(node, file->f_inode);
  return static_cast<int>(argument);
}

vmsim_poll_t drv_poll(::file* file, ::poll_table_struct* table) {
  d->log += "poll ";
  if (table && table->_qproc) table->_qproc(file, &d->queue, table);
  return d->ready;
}

int drv_fsync(::file*, vmsim_loff_t, vmsim_loff_t end, int) {
  d->log += "fsync ";
  return end > 0 ? 0 : -EIO;
}

int drv_fasync(int fd, ::file*, int on) {
  d->log += "fasync" + std::to_string(on) + "/" + std::to_string(fd) + " ";
  return 0;
}

long drv_oops(::file*, unsigned, unsigned long) {
  return *reinterpret_cast<volatile long*>(0x10);
}

int drv_nonseekable(::inode*, ::file* file) {
  file->f_mode &= ~(vfs::kFmodeLseek | vfs::kFmodePread | vfs::kFmodePwrite);
  return 0;
}

struct FileCallsTest : ::testing::Test {
  void TearDown() override {
    if (world) remove_driver();
    d = nullptr;
  }

  /// A world with /dev/x behind `ops`.
  KernWorld& start(KernelVersion kernel = {6, 12, 0}) {
    world = std::make_unique<KernWorld>(kernel);
    d = &driver;
    CharDevices::cdev_init(cdev, &ops);
    cdev.owner = ops.owner;
    EXPECT_TRUE(world->chrdevs->cdev_add(cdev, mkdev(240, 0), 1));
    EXPECT_TRUE(world->chrdevs->add_node("/dev/x", mkdev(240, 0)));
    return *world;
  }

  void remove_driver() {
    world->chrdevs->cdev_del(&cdev);
    EXPECT_TRUE(world->nodes->remove("/dev/x"));
    world.reset();
  }

  vfs::File& open(unsigned flags = vfs::kORdWr) {
    return *KernWorld::must(world->files->open("/dev/x", flags));
  }

  Driver driver;
  ::module module{};
  ::file_operations ops{};
  ::cdev cdev{};
  std::unique_ptr<KernWorld> world;
};

TEST_F(FileCallsTest, OpenRefusals) {
  KernWorld& w = start();
  EXPECT_EQ(w.open_errno("/dev/none"), ENOENT);
  ASSERT_TRUE(w.chrdevs->add_node("/dev/y", mkdev(241, 0)));
  EXPECT_EQ(w.open_errno("/dev/y"), ENXIO);
  EXPECT_EQ(w.open_errno("/dev/y", vfs::kOPath), 0) << "O_PATH asks no driver";
  EXPECT_TRUE(w.nodes->remove("/dev/y"));
  ASSERT_TRUE(w.nodes->add_node("/dev/dir", kModeDirectory | 0755));
  EXPECT_EQ(w.open_errno("/dev/dir"), EISDIR);
  EXPECT_EQ(w.open_errno("/dev/dir", vfs::kORdOnly), 0);
  EXPECT_TRUE(w.nodes->remove("/dev/dir"));
  ASSERT_TRUE(w.nodes->add_node("/dev/fifo", 0010644));
  EXPECT_EQ(w.open_errno("/dev/fifo"), ENXIO);
  EXPECT_TRUE(w.nodes->remove("/dev/fifo"));
}

TEST_F(FileCallsTest, ReferencesFollowTheFile) {
  ops.owner = &module;
  ops.open = drv_open;
  ops.release = drv_release;
  KernWorld& w = start();
  vfs::File& file = open();
  EXPECT_EQ(w.refs.counts[&module], 2) << "one of the cdev, one of the operations";
  EXPECT_EQ(file.f_inode->i_cdev, &cdev);
  file.hold();
  file.put();
  EXPECT_EQ(driver.log, "open ");
  file.put();
  EXPECT_EQ(driver.log, "open release ");
  EXPECT_EQ(w.refs.total(), 0);
}

TEST_F(FileCallsTest, AFailedOpenGivesEverythingBack) {
  ops.owner = &module;
  ops.open = drv_open;
  ops.release = drv_release;
  driver.open_result = -EBUSY;
  KernWorld& w = start();
  EXPECT_EQ(w.open_errno("/dev/x"), EBUSY);
  EXPECT_EQ(w.refs.total(), 0);
  EXPECT_EQ(driver.log, "open ") << "no release after a failed open";
  driver.open_result = -512;
  EXPECT_EQ(w.open_errno("/dev/x"), EINTR);
  driver.open_result = 3;
  EXPECT_EQ(w.open_errno("/dev/x"), EINVAL);
  EXPECT_EQ(w.findings(), "open-returned-positive");
  w.refs.going = &module;
  EXPECT_EQ(w.open_errno("/dev/x"), ENXIO);
  w.refs.going = nullptr;
  EXPECT_EQ(w.files->open_files(), 0u);
}

TEST_F(FileCallsTest, ReadAndWriteMoveThePosition) {
  ops.read = drv_read;
  ops.write = drv_write;
  KernWorld& w = start();
  EventList events;
  w.probe.add(&events);
  vfs::File& file = open();
  EXPECT_EQ(*w.files->read(file, w.buffer, 10), 10u);
  EXPECT_EQ(*w.files->write(file, w.buffer, 5), 5u);
  EXPECT_EQ(file.f_pos, 15);
  EXPECT_EQ(*w.files->pread(file, w.buffer, 10, 100), 10u);
  EXPECT_EQ(*w.files->pwrite(file, w.buffer, 10, 100), 10u);
  EXPECT_EQ(file.f_pos, 15) << "pread and pwrite have positions of their own";
  driver.result = -EAGAIN;
  EXPECT_EQ(errno_in(w.files->read(file, w.buffer, 10)), EAGAIN);
  EXPECT_EQ(file.f_pos, 15) << "a failed read does not move it";
  driver.result = 11;
  EXPECT_EQ(*w.files->read(file, w.buffer, 10), 11u);
  EXPECT_EQ(w.findings(), "read-returned-too-much");
  EXPECT_EQ(events.names,
            (std::vector<std::string>{"read", "write", "read", "write", "read", "read"}));
  w.probe.remove(&events);
  file.put();
}

TEST_F(FileCallsTest, ReadAndWriteRefusals) {
  ops.read = drv_read;
  KernWorld& w = start();
  vfs::File& reader = open(vfs::kORdOnly);
  EXPECT_EQ(errno_in(w.files->write(reader, w.buffer, 1)), EBADF);
  EXPECT_EQ(errno_in(w.files->read(reader, ~u64{0} - 4, 1)), EFAULT);
  EXPECT_EQ(errno_in(w.files->pread(reader, w.buffer, 1, -1)), EINVAL);
  reader.put();
  vfs::File& writer = open();
  EXPECT_EQ(errno_in(w.files->write(writer, w.buffer, 1)), EINVAL) << "no such operation";
  writer.put();
  vfs::File& path = open(vfs::kOPath);
  EXPECT_EQ(errno_in(w.files->read(path, w.buffer, 1)), EBADF);
  EXPECT_EQ(errno_in(w.files->ioctl(path, 1, 0)), EBADF);
  EXPECT_EQ(errno_in(w.files->llseek(path, 0, 0)), EBADF);
  path.put();
  EXPECT_EQ(driver.log, "");
}

TEST_F(FileCallsTest, IteratorsAndAioStandInForReadAndWrite) {
  ops.read_iter = drv_read_iter;
  ops.aio_write = drv_aio_write;
  KernWorld& w = start({3, 10, 0});
  vfs::File& file = open();
  EXPECT_EQ(*w.files->read(file, w.buffer, 10), 10u);
  EXPECT_EQ(*w.files->write(file, w.buffer, 10), 10u);
  EXPECT_EQ(file.f_pos, 11);
  EXPECT_EQ(driver.log, "read_iter aio_write ");
  file.put();
}

TEST_F(FileCallsTest, Llseek) {
  ops.llseek = drv_llseek;
  KernWorld& w = start();
  vfs::File& file = open();
  EXPECT_EQ(*w.files->llseek(file, 77, 0), 77);
  EXPECT_EQ(errno_in(w.files->llseek(file, 0, 5)), EINVAL);
  EXPECT_EQ(errno_in(w.files->llseek(file, 0, 4)), ENXIO);
  file.put();
}

TEST_F(FileCallsTest, WithoutLlseekOldFilesSeekAndNewOnesDoNot) {
  {
    KernWorld& w = start({6, 12, 0});
    vfs::File& file = open();
    EXPECT_EQ(errno_in(w.files->llseek(file, 1, 0)), ESPIPE);
    file.put();
    remove_driver();
  }
  KernWorld& w = start({2, 6, 10});
  vfs::File& file = open();
  EXPECT_EQ(*w.files->llseek(file, 5, 0), 5);
  EXPECT_EQ(*w.files->llseek(file, 5, 1), 10);
  EXPECT_EQ(errno_in(w.files->llseek(file, -11, 1)), EINVAL);
  EXPECT_EQ(*w.files->llseek(file, 0, 2), 0);
  file.put();
}

TEST_F(FileCallsTest, NonseekableOpen) {
  ops.open = drv_nonseekable;
  ops.read = drv_read;
  ops.llseek = drv_llseek;
  KernWorld& w = start();
  vfs::File& file = open();
  EXPECT_EQ(errno_in(w.files->llseek(file, 1, 0)), ESPIPE);
  EXPECT_EQ(errno_in(w.files->pread(file, w.buffer, 1, 0)), ESPIPE);
  EXPECT_EQ(*w.files->read(file, w.buffer, 1), 1u);
  file.put();
}

TEST_F(FileCallsTest, Ioctl) {
  ops.unlocked_ioctl = drv_unlocked_ioctl;
  ops.ioctl = drv_ioctl;
  KernWorld& w = start();
  vfs::File& file = open();
  EXPECT_EQ(*w.files->ioctl(file, 7, 42), 42);
  driver.result = -ENOTTY;
  EXPECT_EQ(errno_in(w.files->ioctl(file, 1, 0)), ENOTTY);
  driver.result = -515;  // ENOIOCTLCMD
  EXPECT_EQ(errno_in(w.files->ioctl(file, 1, 0)), ENOTTY);
  EXPECT_EQ(driver.log, "ioctl ioctl ioctl ");
  file.put();
}

TEST_F(FileCallsTest, IoctlOfOldErasGetsTheInode) {
  ops.ioctl = drv_ioctl;
  {
    KernWorld& w = start({2, 6, 10});
    vfs::File& file = open();
    EXPECT_EQ(*w.files->ioctl(file, 1, 9), 9);
    EXPECT_EQ(driver.log, "old_ioctl ");
    const u64 unknown = ~u64{514};
    EXPECT_EQ(errno_in(w.files->ioctl(file, 1, unknown)), 515) << "ENOIOCTLCMD is not translated yet";
    file.put();
    remove_driver();
  }
  KernWorld& w = start({6, 12, 0});
  vfs::File& file = open();
  EXPECT_EQ(errno_in(w.files->ioctl(file, 1, 9)), ENOTTY) << "the operation is not called any more";
  file.put();
}

TEST_F(FileCallsTest, AnOopsKillsTheTaskAndReleasesNothingTwice) {
  ops.owner = &module;
  ops.unlocked_ioctl = drv_oops;
  ops.release = drv_release;
  KernWorld& w = start();
  vfs::File& file = open();
  const auto result = w.files->ioctl(file, 1, 0);
  ASSERT_FALSE(result);
  EXPECT_TRUE(sched::is_oops(result.error()));
  EXPECT_TRUE(w.mm->dead());
  EXPECT_EQ(w.sink.oopses, 1);
  file.put();
  EXPECT_EQ(driver.log, "release ");
}

TEST_F(FileCallsTest, FlushFsyncFasync) {
  ops.flush = drv_flush;
  ops.fsync = drv_fsync;
  ops.fasync = drv_fasync;
  ops.release = drv_release;
  KernWorld& w = start();
  vfs::File& file = open();
  EXPECT_EQ(w.files->flush(&file), -EIO);
  EXPECT_TRUE(w.files->fsync(file));
  EXPECT_TRUE(w.files->fasync(file, 3, true));
  file.put();
  EXPECT_EQ(driver.log, "flush fsync fasync1/3 fasync0/-1 release ");
  ops.fsync = nullptr;
  ops.fasync = nullptr;
  ops.flush = nullptr;
  vfs::File& plain = open();
  EXPECT_EQ(w.files->flush(&plain), 0);
  EXPECT_EQ(errno_in(w.files->fsync(plain)), EINVAL);
  EXPECT_EQ(errno_in(w.files->fasync(plain, 3, true)), EINVAL);
  plain.put();
}

TEST_F(FileCallsTest, PollAnswersAtOnce) {
  KernWorld& w = start();
  vfs::File& plain = open();
  EXPECT_EQ(*w.files->poll(plain), poll_bit::kDefault) << "a file without poll is always ready";
  plain.put();
  ops.poll = drv_poll;
  driver.ready = poll_bit::kIn;
  vfs::File& file = open();
  EXPECT_EQ(*w.files->poll(file), poll_bit::kIn);
  PollRequest requests[] = {
      {&file, poll_bit::kIn, 0}, {nullptr, poll_bit::kIn, 0}, {&file, poll_bit::kOut, 0}};
  EXPECT_EQ(*w.files->poll(requests, sched::Deadline::never()), 2u);
  EXPECT_EQ(requests[0].ready, poll_bit::kIn);
  EXPECT_EQ(requests[1].ready, poll_bit::kNval);
  EXPECT_EQ(requests[2].ready, 0u);
  EXPECT_FALSE(sched::waitqueue_active(driver.queue));
  file.put();
}

TEST_F(FileCallsTest, PollSleepsUntilWokenOrTheDeadline) {
  ops.poll = drv_poll;
  KernWorld& w = start();
  vfs::File& file = open();
  PollRequest request[] = {{&file, poll_bit::kIn, 0}};
  const u64 before = w.scheduler->now_ns();
  EXPECT_EQ(*w.files->poll(request, w.scheduler->deadline_in(5'000'000)), 0u);
  EXPECT_GE(w.scheduler->now_ns(), before + 5'000'000);
  EXPECT_FALSE(sched::waitqueue_active(driver.queue)) << "it has left the queue";
  sched::CallbackTimer timer([] {
    d->ready = poll_bit::kIn;
    sched::wake_up(d->queue);
  });
  w.scheduler->timers().arm(timer, w.scheduler->now_ns() + 1'000'000);
  EXPECT_EQ(*w.files->poll(request, sched::Deadline::never()), 1u);
  EXPECT_EQ(request[0].ready, poll_bit::kIn);
  driver.ready = 0;
  w.scheduler->send_signal(*w.task);
  EXPECT_EQ(errno_in(w.files->poll(request, sched::Deadline::never())), EINTR);
  w.task->clear_signal();
  EXPECT_FALSE(sched::waitqueue_active(driver.queue));
  file.put();
}

TEST_F(FileCallsTest, AFileOpenAtUnloadIsReportedAndFailsFromThenOn) {
  ops.read = drv_read;
  ops.release = drv_release;
  KernWorld& w = start();
  vfs::File& file = open();
  w.files->module_gone(gone_module(ops));
  EXPECT_EQ(w.findings(), "file-open-at-unload");
  EXPECT_EQ(errno_in(w.files->read(file, w.buffer, 1)), EIO);
  EXPECT_EQ(errno_in(w.files->ioctl(file, 1, 0)), ENOTTY);
  EXPECT_EQ(errno_in(w.files->fsync(file)), EIO);
  EXPECT_EQ(w.files->flush(&file), 0);
  file.put();
  EXPECT_EQ(driver.log, "") << "nothing of the driver has run";
}

}  // namespace
}  // namespace vmsim::kern
