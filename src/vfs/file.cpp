// SPDX-License-Identifier: MIT
// Reference counts and tables of open files; see file.hpp.
#include "vfs/file.hpp"

#include <cstring>

#include "base/assert.hpp"

namespace vmsim::vfs {

namespace {
constexpr int kEinval = 22, kEspipe = 29;
const ::file_operations kNoOperations = {};
}  // namespace

int NodeBackend::no_transfer_errno() const { return kEinval; }
Result<u64> NodeBackend::read(File&, u64, u64, i64&) { return fail(kEinval); }
Result<u64> NodeBackend::write(File&, u64, u64, i64&) { return fail(kEinval); }
Result<i64> NodeBackend::llseek(File&, i64, int) { return fail(kEspipe); }

Inode::Inode(std::string path, vmsim_umode_t mode) : ::inode{}, path_(std::move(path)) {
  i_mode = mode;
  i_count.counter = 1;
  i_mapping = &i_data;
  i_data.host = this;
  i_data.i_mmap.next = i_data.i_mmap.prev = &i_data.i_mmap;
  dentry_.d_inode = this;
  dentry_.d_parent = &dentry_;
  const std::size_t name = path_.rfind('/') + 1;
  dentry_.d_name.name = reinterpret_cast<const unsigned char*>(path_.c_str() + name);
  dentry_.d_name.len = static_cast<unsigned>(path_.size() - name);
  dentry_.d_sb = i_sb = &super_block_;
  super_block_.s_blocksize = kPageSize;
  super_block_.s_blocksize_bits = kPageShift;
  std::strcpy(super_block_.s_id, "devtmpfs");
}

Inode::~Inode() { VMSIM_ASSERT(areas_.empty(), "an inode goes away while an area maps it"); }

void Inode::put() {
  VMSIM_ASSERT(i_count.counter > 0, "inode reference count underflow");
  if (--i_count.counter == 0) delete this;
}

File::File(Inode* node, unsigned flags, FileCalls& calls) : ::file{}, calls_(calls) {
  f_inode = node;
  f_path.dentry = node->dentry();
  f_op = node->i_fop ? node->i_fop : &kNoOperations;
  f_flags = flags;
  f_mode = ((flags & kOAccMode) + 1) & (kFmodeRead | kFmodeWrite);
  if (flags & kOPath) f_mode = kFmodePath;
  f_mapping = node->i_mapping;
  f_count.counter = 1;
}

File::~File() { node()->put(); }

void File::put() {
  VMSIM_ASSERT(f_count.counter > 0, "file reference count underflow");
  if (f_count.counter > 1) {
    --f_count.counter;
    return;
  }
  f_count.counter = 0;
  calls_.release(f_inode, this);
  delete this;
}

void File::discard() { delete this; }

int FdTable::install(File* file) {
  for (std::size_t fd = 0; fd < files_.size(); ++fd) {
    if (files_[fd]) continue;
    files_[fd] = file;
    return static_cast<int>(fd);
  }
  files_.push_back(file);
  return static_cast<int>(files_.size()) - 1;
}

File* FdTable::lookup(int fd) const {
  const auto slot = static_cast<std::size_t>(fd);
  return fd >= 0 && slot < files_.size() ? files_[slot] : nullptr;
}

File* FdTable::remove(int fd) {
  File* file = lookup(fd);
  if (file) files_[static_cast<std::size_t>(fd)] = nullptr;
  return file;
}

void FdTable::copy_from(const FdTable& other) {
  VMSIM_ASSERT(files_.empty(), "descriptors are copied into an empty table");
  files_ = other.files_;
  for (File* file : files_) {
    if (file) file->hold();
  }
}

}  // namespace vmsim::vfs
