// SPDX-License-Identifier: MIT
// Pages that belong to no driver: shared anonymous memory and the pages of program images, found by index.
// Counterpart: a small part of mm/shmem.c and of the page cache. Leaves out truncation, write-back and host files.
// Callers hold the simulated CPU.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "phys/mem_map.hpp"
#include "phys/zone.hpp"
#include "vfs/file.hpp"

namespace vmsim::mm {

/// Pages by index, each held with one reference until the object goes. Its address hangs in the inode's i_private.
class PageObject {
 public:
  enum class Kind : u8 { kShmem, kImage };
  PageObject(phys::Zones& zones, Kind kind, std::vector<std::byte> content = {});
  ~PageObject();
  PageObject(const PageObject&) = delete;
  PageObject& operator=(const PageObject&) = delete;

  /// The page at an index, made on first use. nullptr when memory is out.
  ::page* page_at(u64 index);
  Kind kind() const { return kind_; }
  /// Number of pages that hold content; an image faults beyond its end.
  u64 size_pages() const { return pages_of(content_.size()); }

 private:
  phys::Zones& zones_;
  Kind kind_;
  std::vector<std::byte> content_;
  std::map<u64, ::page*> pages_;
};

/// An inode that owns a PageObject and lets go of it with its last reference.
vfs::Inode* make_object_inode(std::string path, PageObject* object);
/// Deletes the object behind an inode made by make_object_inode(). Called by the release of its last file.
void release_object(vfs::Inode& node);

/// f_op of files with a PageObject.
extern const ::file_operations kObjectFileOps;

}  // namespace vmsim::mm
