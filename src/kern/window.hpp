// SPDX-License-Identifier: MIT
// Stretches of kernel address space outside the direct map: where they lie, which pages of them are
// taken, and how an address in them is printed. Counterpart: VMALLOC_START..VMALLOC_END, PKMAP_BASE
// and the fixmap. A window is reserved host memory that faults when touched; vmalloc, kmap and
// ioremap put things into theirs. Leaves out: page tables of the kernel itself. Room kern and the
// machine only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "vmsim/addr.hpp"
#include "vmsim/error.hpp"

#include "phys/layout.hpp"
#include "phys/ram.hpp"

namespace vmsim::kern {

/// Says what a pointer is, in a few words, for reports. KernelMemory is the one that knows.
class Describer {
 public:
  virtual ~Describer() = default;
  virtual std::string describe(const void* p) const = 0;
};

/// "0xc0123000".
std::string hex_text(u64 value);
/// "4096 bytes", "1 page".
std::string count_text(u64 count, const char* noun);

inline u64 host_value(const void* p) {
  return reinterpret_cast<std::uintptr_t>(p);
}

struct WindowConfig {
  KernelAddr nominal;         ///< where Linux has it; what reports print
  u64 size_bytes = 0;         ///< whole pages
  bool want_nominal = false;  ///< ask the host for the same address; it may be refused
};

/// Where a kernel keeps its windows.
struct KernelLayout {
  KernelAddr page_offset;
  WindowConfig vmalloc;
  WindowConfig ioremap;
  WindowConfig kmap;

  static KernelLayout x86_64();
  /// Differs: the vmalloc area ends at 0xfb000000, and what follows up to the kmap window serves
  /// ioremap only; Linux takes both from one range. The kmap window has a guard page behind each of
  /// its pages.
  static KernelLayout x86_32(u64 low_memory_bytes);
};

/// Reserved host addresses with a name for each as the simulated kernel prints it. Movable;
/// immutable otherwise.
class Window {
 public:
  static Result<Window> create(const WindowConfig& config);

  std::byte* base() const { return reservation_.base(); }

  u64 size_bytes() const { return reservation_.size_bytes(); }

  u64 pages() const { return size_bytes() >> kPageShift; }

  bool at_wanted_address() const { return reservation_.at_wanted_address(); }

  bool contains(const void* p) const { return reservation_.contains(p); }

  /// Pre: contains(p).
  u64 page_index(const void* p) const { return (host_value(p) - host_value(base())) >> kPageShift; }

  std::byte* page_at(u64 index) const { return base() + (index << kPageShift); }

  /// What Linux would print for this pointer. Pre: contains(p).
  KernelAddr nominal(const void* p) const {
    return nominal_ + (host_value(p) - host_value(base()));
  }

 private:
  Window(phys::HostReservation reservation, KernelAddr nominal)
      : reservation_(std::move(reservation)), nominal_(nominal) {}

  phys::HostReservation reservation_;
  KernelAddr nominal_;
};

/// Which pages of a window are taken. Each range is followed by one guard page. Next fit: an
/// address that was given back is used again as late as possible, so that stale pointers fault.
class PageRanges {
 public:
  explicit PageRanges(u64 pages) : pages_(pages) {}

  /// First page of a free range of `count` pages and a guard. Pre: count > 0.
  std::optional<u64> take(u64 count);
  /// Pre: `first` is what take() returned.
  void give_back(u64 first);

  u64 taken_ranges() const { return ranges_.size(); }

 private:
  std::optional<u64> take_from(u64 from, u64 to, u64 count) const;

  u64 pages_;
  u64 cursor_ = 0;
  std::map<u64, u64> ranges_;  // first page -> pages, guard included
};

/// An array of zero-initialised plain values whose untouched parts cost no memory.
template <class T>
class SparseArray {
 public:
  SparseArray() = default;

  ~SparseArray() { drop(data_, size_ * sizeof(T)); }

  SparseArray(SparseArray&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

  SparseArray& operator=(SparseArray&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }

  static Result<SparseArray> create(u64 size);

  u64 size() const { return size_; }

  /// Pre: i < size().
  T& operator[](u64 i) { return data_[i]; }

  const T& operator[](u64 i) const { return data_[i]; }

 private:
  static void drop(void* data, u64 bytes);

  T* data_ = nullptr;
  u64 size_ = 0;
};

Result<void*> map_sparse(u64 bytes);
void unmap_sparse(void* data, u64 bytes);

template <class T>
Result<SparseArray<T>> SparseArray<T>::create(u64 size) {
  static_assert(__is_trivially_copyable(T));
  SparseArray array;
  array.data_ = static_cast<T*>(VMSIM_TRY(map_sparse(size * sizeof(T))));
  array.size_ = size;
  return array;
}

template <class T>
void SparseArray<T>::drop(void* data, u64 bytes) {
  if (data != nullptr) unmap_sparse(data, bytes);
}

}  // namespace vmsim::kern
