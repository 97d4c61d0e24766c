// SPDX-License-Identifier: MIT
// From vm_flags to page-table bits. Counterpart: protection_map[] and vm_get_page_prot() of x86.
// Leaves out protection keys. Pure functions; the mm's own files use them.
#pragma once

#include "mm/rules.hpp"
#include "mm/vm_flags.hpp"
#include "mmu/pte.hpp"

namespace vmsim::mm {

/// The entry bits for an area with these flags. Private writable areas start read-only: their first write copies.
///   none 0x120 · read 0x25 · shared write 0x27, each with NX unless VM_EXEC (and where the format has it).
inline u64 page_prot(u64 vm_flags, const Rules& rules) {
  using mmu::Pte;
  if ((vm_flags & vm::kAccess) == 0) return Pte::kProtNone | Pte::kAccessed;
  u64 bits = Pte::kPresent | Pte::kUser | Pte::kAccessed;
  if ((vm_flags & (vm::kWrite | vm::kShared)) == (vm::kWrite | vm::kShared)) bits |= Pte::kWrite;
  if ((vm_flags & vm::kExec) == 0 && !rules.x86_32) bits |= Pte::kNx;
  return bits;
}

/// Bits of an existing prot that survive a change of rights (pgprot_modify): the cache type.
inline u64 modify_prot(u64 old_prot, u64 new_prot) {
  constexpr u64 kKept = mmu::Pte::kCacheMask;
  return (new_prot & ~kKept) | (old_prot & kKept);
}

}  // namespace vmsim::mm
