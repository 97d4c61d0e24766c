// SPDX-License-Identifier: MIT
// The kernel's symbol table: which function a driver's import of a name gets, version by version.
// Counterpart: the __ksymtab of vmlinux. A kernel name exists only here as text; the functions are
// C++ with C signatures, so that the host's symbol table has no `up` and no `schedule`. Called by
// the machine (the loader's Resolve, the oops reporter's kernel_symbol) and by tests.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "vmsim/addr.hpp"

namespace vmsim::abi {

/// One import of drivers. It exists in kernels [from, until), numbered as KERNEL_VERSION() does,
/// which is where the C face declares it: `#if VMSIM_SINCE(2, 6, 15)` is kernel(2, 6, 15).
struct Export {
  const char* name;
  const void* address;
  unsigned from = 0;
  unsigned until = ~0u;

  constexpr bool in(unsigned version) const { return from <= version && version < until; }
};

/// KERNEL_VERSION(a, b, c).
constexpr unsigned kernel(unsigned a, unsigned b, unsigned c = 0) {
  return (a << 16) + (b << 8) + (c > 255 ? 255 : c);
}

/// A table's entry. The signature is the C face's; an import carries no type.
template <class Signature>
Export exported(const char* name, Signature* function, unsigned from = 0, unsigned until = ~0u) {
  return {name, reinterpret_cast<const void*>(function), from, until};
}

/// nullptr: this kernel has no such function.
const void* find_export(std::string_view name, unsigned version);
/// "vm_insert_page" for an address inside of that function; empty if it is in none.
std::string export_at(u64 address);

/// Every table, one for each file of this room.
std::span<const std::span<const Export>> export_tables();

// To add a file: declare its table here, and list it in export_tables().
std::span<const Export> bug_exports();
std::span<const Export> highmem_exports();
std::span<const Export> io_exports();
std::span<const Export> ioport_exports();
std::span<const Export> mm_exports();
std::span<const Export> mm_areas_exports();
std::span<const Export> page_exports();
std::span<const Export> page_alloc_exports();
std::span<const Export> pgtable_exports();
std::span<const Export> slab_exports();
std::span<const Export> uaccess_exports();
std::span<const Export> user_pages_exports();
std::span<const Export> vmalloc_exports();
std::span<const Export> work_exports();
std::span<const Export> wait_exports();
std::span<const Export> time_exports();
std::span<const Export> string_copy_exports();
std::span<const Export> string_exports();
std::span<const Export> sched_exports();
std::span<const Export> proc_exports();
std::span<const Export> print_exports();
std::span<const Export> module_exports();
std::span<const Export> lock_exports();
std::span<const Export> devres_exports();
std::span<const Export> file_exports();
std::span<const Export> device_exports();
std::span<const Export> chrdev_exports();
std::span<const Export> containers_exports();
std::span<const Export> xarray_exports();
std::span<const Export> idr_exports();
std::span<const Export> kfifo_exports();
std::span<const Export> mempool_exports();
std::span<const Export> driver_exports();
std::span<const Export> platform_exports();
std::span<const Export> hrtimer_exports();
std::span<const Export> eventfd_exports();

}  // namespace vmsim::abi
