// SPDX-License-Identifier: MIT
// Pages of shared anonymous memory and program images; see object.hpp.
#include "mm/object.hpp"

#include <algorithm>
#include <cstring>

#include "mm/mm.hpp"

namespace vmsim::mm {

PageObject::PageObject(phys::Zones& zones, Kind kind, std::vector<std::byte> content)
    : zones_(zones), kind_(kind), content_(std::move(content)) {}

PageObject::~PageObject() {
  for (const auto& [index, page] : pages_) zones_.put_page(page);
}

::page* PageObject::page_at(u64 index) {
  if (const auto it = pages_.find(index); it != pages_.end()) return it->second;
  ::page* const page = zones_.alloc_pages(VMSIM_GFP_HIGHUSER | VMSIM_GFP_BIT_ZERO, 0);
  if (!page) return nullptr;
  zones_.set_kind(page, kind_ == Kind::kShmem ? phys::PageKind::kShmem : phys::PageKind::kFile);
  page->index = index;
  const u64 start = index << kPageShift;
  if (start < content_.size()) {
    std::memcpy(zones_.ram().host(zones_.mem_map().pfn(page)), content_.data() + start,
                std::min<u64>(kPageSize, content_.size() - start));
  }
  pages_.emplace(index, page);
  return page;
}

namespace {

PageObject& object_of(::file* file) { return *static_cast<PageObject*>(file->f_mapping->private_data); }

vmsim_fault_t object_fault(::vm_fault* vmf) {
  Vma& vma = *Vma::of(vmf->vma);
  PageObject& object = object_of(vma.vm_file);
  if (object.kind() == PageObject::Kind::kImage && vmf->pgoff >= object.size_pages()) return vm_fault_code::kSigBus;
  ::page* const page = object.page_at(vmf->pgoff);
  if (!page) return vm_fault_code::kOom;
  vma.mm().env().zones.get_page(page);
  vmf->page = page;
  return 0;
}

int object_mmap(::file*, ::vm_area_struct* area) {
  area->vm_ops = &kObjectVmOps;
  return 0;
}

}  // namespace

const ::vm_operations_struct kObjectVmOps = [] {
  ::vm_operations_struct ops{};
  ops.fault = object_fault;
  return ops;
}();

const ::file_operations kObjectFileOps = [] {
  ::file_operations ops{};
  ops.mmap = object_mmap;
  return ops;
}();

vfs::Inode* make_object_inode(std::string path, PageObject* object) {
  auto* node = new vfs::Inode(std::move(path), 0100777);
  node->i_data.private_data = object;
  node->i_fop = &kObjectFileOps;
  return node;
}

void release_object(vfs::Inode& node) {
  if (node.i_fop != &kObjectFileOps) return;
  delete static_cast<PageObject*>(node.i_data.private_data);
  node.i_data.private_data = nullptr;
}

}  // namespace vmsim::mm
