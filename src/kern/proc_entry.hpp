// SPDX-License-Identifier: MIT
// One entry of /proc: the C struct that drivers of old eras fill in, and what the table knows
// behind it. Counterpart: fs/proc/internal.h. Private to proc*.cpp.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "kern/proc.hpp"

namespace vmsim::kern {

struct ProcFs::Entry final : public ::proc_dir_entry {
  Entry() : ::proc_dir_entry{} {}

  Kind kind = Kind::kFolder;
  std::string path;
  std::string text_name;
  vfs::Inode* node = nullptr;  ///< one reference of the table's, one of this
  ::file_operations ops{};     ///< made from proc_ops
  int (*show)(::seq_file*, void*) = nullptr;
  const ::seq_operations* seq_ops = nullptr;
  unsigned state_bytes = 0;
  std::function<std::string()> text;
  const void* name_pointer = nullptr;  ///< the caller's text, which lies in its module
  bool of_kernel = false;
  std::vector<vfs::File*> open_files;
};

}  // namespace vmsim::kern
