// SPDX-License-Identifier: MIT
// One area's life and references; see vma.hpp.
#include "mm/vma.hpp"

#include "base/assert.hpp"
#include "mm/mm.hpp"

namespace vmsim::mm {

const ::vm_operations_struct kDummyVmOps{};

Vma::Vma(Mm& owner, u64 start, u64 end) : ::vm_area_struct{} {
  vm_start = start;
  vm_end = end;
  vm_mm = &owner;
  vm_ops = &kDummyVmOps;
}

Vma::~Vma() {
  VMSIM_DEBUG_ASSERT(vm_file == nullptr && anon_vma == nullptr, "release_references() comes before the end of an area");
  VMSIM_DEBUG_ASSERT(!is_linked(), "an area leaves its file's list before it ends");
}

void Vma::copy_from(const Vma& other) {
  vm_page_prot = other.vm_page_prot;
  __vm_flags = other.__vm_flags;
  vm_pgoff = other.vm_pgoff;
  vm_ops = other.vm_ops;
  vm_private_data = other.vm_private_data;
  vm_file = other.vm_file;
  if (vm_file) file()->hold();
  take_anon_vma(other.anon_vma, other.anon_chain_);
}

void Vma::release_references() {
  if (anon_vma) {
    if (--anon_vma->areas == 0) delete anon_vma;
    anon_vma = nullptr;
  }
  if (vm_file) {
    vfs::File* const last = file();
    vm_file = nullptr;
    last->put();
  }
}

void Vma::link_to_mapping() {
  if (vm_file && vm_file->f_mapping) vfs::Inode::of(vm_file->f_mapping)->areas().push_back(*this);
}

void Vma::unlink_from_mapping() {
  if (is_linked()) vfs::Inode::of(vm_file->f_mapping)->areas().erase(vfs::MappingList::s_iterator_to(*this));
}

void Vma::take_anon_vma(::anon_vma* shared, u8 chain) {
  VMSIM_DEBUG_ASSERT(anon_vma == nullptr, "an area has one anon_vma");
  anon_vma = shared;
  anon_chain_ = chain;
  if (shared) ++shared->areas;
}

void Vma::take_fork_of(const Vma& parent) {
  VMSIM_DEBUG_ASSERT(parent.anon_vma && anon_vma == parent.anon_vma, "copy_from() comes first");
  --anon_vma->areas;
  anon_vma = new ::anon_vma{1};
  anon_chain_ = static_cast<u8>(parent.anon_chain_ < 250 ? parent.anon_chain_ + 1 : 250);
}

std::string vm_flags_text(u64 flags) {
  static constexpr struct {
    u64 flag;
    const char* name;
  } kNames[] = {{vm::kRead, "rd"},       {vm::kWrite, "wr"},     {vm::kExec, "ex"},       {vm::kShared, "sh"},
                {vm::kMayRead, "mr"},    {vm::kMayWrite, "mw"},  {vm::kMayExec, "me"},    {vm::kMayShare, "ms"},
                {vm::kGrowsDown, "gd"},  {vm::kPfnMap, "pf"},    {vm::kLocked, "lo"},     {vm::kIo, "io"},
                {vm::kDontCopy, "dc"},   {vm::kDontExpand, "de"}, {vm::kLockOnFault, "lf"}, {vm::kAccount, "ac"},
                {vm::kNoReserve, "nr"},  {vm::kHugeTlb, "ht"},   {vm::kSync, "sf"},       {vm::kPat, "ar"},
                {vm::kWipeOnFork, "wf"}, {vm::kDontDump, "dd"},  {vm::kSoftDirty, "sd"},  {vm::kMixedMap, "mm"},
                {vm::kHugePage, "hg"},   {vm::kNoHugePage, "nh"}};
  std::string text;
  for (const auto& entry : kNames) {
    if ((flags & entry.flag) != 0) text += std::string(entry.name) + " ";
  }
  return text;
}

}  // namespace vmsim::mm
