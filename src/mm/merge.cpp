// SPDX-License-Identifier: MIT
// Merging areas; see merge.hpp.
#include "mm/merge.hpp"

#include "base/assert.hpp"

namespace vmsim::mm {

Merge::Merge(Mm& mm, const MergeRequest& request) : mm_(mm), request_(request) {
  VMSIM_DEBUG_ASSERT(request.start < request.end, "merging needs a range");
  Vma* at = mm.vmas_.find(request.end);
  next_ = at && at->vm_start == request.end ? at : nullptr;
  at = request.start == 0 ? nullptr : mm.vmas_.find_containing(request.start - 1);
  prev_ = at && at->vm_end == request.start ? at : nullptr;
}

bool Merge::removable(const Vma& vma) const { return !vma.vm_ops || !vma.vm_ops->close; }

bool Merge::mergeable(const Vma& neighbour) const {
  if (((neighbour.flags() ^ request_.flags) & ~vm::kSoftDirty) != 0) return false;
  if (neighbour.vm_file != static_cast<::file*>(request_.file)) return false;
  if (!mm_.rules().merge_beside_close && !removable(neighbour)) return false;
  return true;
}

bool Merge::anon_compatible(const ::anon_vma* mine, const Vma& neighbour) const {
  // An area without pages joins another, unless a fork has tied that one to relatives.
  if ((!mine || !neighbour.anon_vma) && neighbour.anon_chain() == 1) return true;
  if (!mine && !neighbour.anon_vma) return true;
  if (mine && !neighbour.anon_vma) return true;
  return mine == neighbour.anon_vma;
}

bool Merge::fits_after(const Vma* prev) const {
  return prev && mergeable(*prev) && anon_compatible(request_.anon_vma, *prev) &&
         prev->vm_pgoff + prev->pages() == request_.pgoff;
}

bool Merge::fits_before(const Vma* next) const {
  return next && mergeable(*next) && anon_compatible(request_.anon_vma, *next) &&
         next->vm_pgoff == request_.pgoff + ((request_.end - request_.start) >> kPageShift);
}

void Merge::remove(Vma& vma) {
  mm_.vma_unlink(vma);
  // The neighbour that swallows this area holds the same file, so this is never its last reference.
  vma.release_references();
  delete &vma;
}

Vma* Merge::take_new_range() {
  if (has_special(mm_.rules(), request_.flags)) return nullptr;
  bool left = fits_after(prev_);
  bool right = fits_before(next_);
  if (left && right) {
    const bool both = !prev_->anon_vma || !next_->anon_vma || prev_->anon_vma == next_->anon_vma;
    if (!both) (mm_.rules().merge_prefers_prev ? right : left) = false;
  }
  if (left && right && !removable(*next_)) right = false;
  if (!left && !right) return nullptr;
  return extend_over_new_range(left, right);
}

Vma* Merge::extend_over_new_range(bool left, bool right) {
  if (!left) {
    next_->vm_pgoff = request_.pgoff;
    mm_.vmas_.replace_bounds(next_, request_.start, next_->vm_end);
    return next_;
  }
  if (!right) {
    mm_.vmas_.replace_bounds(prev_, prev_->vm_start, request_.end);
    return prev_;
  }
  const u64 end = next_->vm_end;
  if (!prev_->anon_vma && next_->anon_vma) prev_->take_anon_vma(next_->anon_vma, next_->anon_chain());
  remove(*next_);
  mm_.vmas_.replace_bounds(prev_, prev_->vm_start, end);
  return prev_;
}

Vma* Merge::take_piece_of(Vma& vma) {
  VMSIM_DEBUG_ASSERT(vma.vm_start <= request_.start && request_.end <= vma.vm_end, "a piece lies within its area");
  if (has_special(mm_.rules(), request_.flags)) return nullptr;
  const bool whole = vma.vm_start == request_.start && vma.vm_end == request_.end;
  bool left = request_.start == vma.vm_start && fits_after(prev_);
  bool right = request_.end == vma.vm_end && fits_before(next_);
  if (!left && !right) return nullptr;
  if (whole && !removable(vma)) return nullptr;
  if (left && right) {
    const bool both = !prev_->anon_vma || !next_->anon_vma || prev_->anon_vma == next_->anon_vma;
    if (!both || !removable(*next_)) right = false;
  }
  const u64 start = request_.start;
  const u64 end = right && left ? next_->vm_end : request_.end;
  Vma* const heir = left ? prev_ : next_;
  ::anon_vma* const pages = vma.anon_vma ? vma.anon_vma : left && right ? next_->anon_vma : nullptr;
  if (!heir->anon_vma && pages) heir->take_anon_vma(pages, vma.anon_vma ? vma.anon_chain() : next_->anon_chain());
  if (left && right) remove(*next_);
  if (whole) {
    remove(vma);
  } else if (left) {
    vma.vm_pgoff += (end - start) >> kPageShift;
    mm_.vmas_.replace_bounds(&vma, end, vma.vm_end);
  } else {
    mm_.vmas_.replace_bounds(&vma, vma.vm_start, start);
  }
  if (left) {
    mm_.vmas_.replace_bounds(heir, heir->vm_start, end);
  } else {
    heir->vm_pgoff = request_.pgoff;
    mm_.vmas_.replace_bounds(heir, start, heir->vm_end);
  }
  return heir;
}

}  // namespace vmsim::mm
