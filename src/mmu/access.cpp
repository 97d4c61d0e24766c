// SPDX-License-Identifier: MIT
// The slow side of an access: walk, permissions, accessed and dirty bits, fault and retry,
// page-crossing and devices.
#include "mmu/access.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace vmsim::mmu {
namespace {

// memcpy is intercepted by TSan whatever the caller's attributes say; simulated RAM is exempt, so
// it copies by hand there.
VMSIM_NO_TSAN void copy_bytes(std::byte* to, const std::byte* from, u64 bytes) {
#if defined(VMSIM_TSAN)
  volatile std::byte* out = to;
  for (u64 i = 0; i < bytes; ++i) out[i] = from[i];
#else
  std::memcpy(to, from, bytes);
#endif
}

VMSIM_NO_TSAN void fill_bytes(std::byte* to, std::byte value, u64 bytes) {
#if defined(VMSIM_TSAN)
  volatile std::byte* out = to;
  for (u64 i = 0; i < bytes; ++i) out[i] = value;
#else
  std::memset(to, static_cast<int>(value), bytes);
#endif
}

// The usual widths as single moves: a miss is not to pay for a call of memcpy.

VMSIM_NO_TSAN u64 read_bits(const std::byte* from, unsigned bytes) {
  u64 bits = 0;
  if (bytes == 8) {
    __builtin_memcpy(&bits, from, 8);
  } else if (bytes == 4) {
    __builtin_memcpy(&bits, from, 4);
  } else if (bytes == 2) {
    __builtin_memcpy(&bits, from, 2);
  } else {
    for (unsigned i = 0; i < bytes; ++i) bits |= std::to_integer<u64>(from[i]) << (8 * i);
  }
  return bits;
}

VMSIM_NO_TSAN void write_bits(std::byte* to, unsigned bytes, u64 bits) {
  if (bytes == 8) {
    __builtin_memcpy(to, &bits, 8);
  } else if (bytes == 4) {
    __builtin_memcpy(to, &bits, 4);
  } else if (bytes == 2) {
    __builtin_memcpy(to, &bits, 2);
  } else {
    for (unsigned i = 0; i < bytes; ++i) to[i] = static_cast<std::byte>(bits >> (8 * i));
  }
}

constexpr bool crosses_page(VirtAddr va, unsigned width) {
  return va.page_offset() + width > kPageSize;
}

constexpr u64 low_mask(unsigned bytes) {
  return bytes >= 8 ? ~u64{0} : (u64{1} << (8 * bytes)) - 1;
}

/// The widest naturally aligned unit at pa that fits into `bytes`.
constexpr unsigned widest_unit(PhysAddr pa, u64 bytes) {
  unsigned width = 8;
  while (width > 1 && (width > bytes || pa.value % width != 0)) width /= 2;
  return width;
}

constexpr bool permitted(Pte pte, AccessKind kind) {
  if (!pte.present()) return false;
  if (has(kind, AccessKind::kWrite) && !pte.write()) return false;  // CR0.WP: the kernel obeys too
  if (has(kind, AccessKind::kFetch) && pte.nx()) return false;
  return pte.user() || has(kind, AccessKind::kKernel);
}

constexpr u64 tag_for(const TlbEntry& entry, AccessKind kind) {
  if (has(kind, AccessKind::kWrite)) return entry.tag_write;
  return has(kind, AccessKind::kFetch) ? entry.tag_fetch : entry.tag_read;
}

}  // namespace

// Translation.

inline bool Accessor::device_hit(const Space& space, VirtAddr va, AccessKind kind) const {
  return tag_for(tlb_.entry(va.value), kind) ==
         (Tlb::tag(va.value, space.asid, 1) | Tlb::kDeviceBit);
}

/// The usual miss in one piece: a page of usable RAM that the entry allows, with nothing to mark.
/// nullptr for anything else, which translate_retrying() then does in full.
template <PagingFormat F>
inline std::byte* Accessor::refill_as(const Space& space, VirtAddr va, AccessKind kind) {
  if (!F::canonical(va.value)) return nullptr;
  typename F::Raw* slot = space.table->leaf_slot<F>(va.value);
  if (slot == nullptr) return nullptr;
  const Pte pte = F::decode(std::atomic_ref(*slot).load(std::memory_order_acquire));
  const u64 marks = Pte::kAccessed | (has(kind, AccessKind::kWrite) ? Pte::kDirty : 0);
  if (!permitted(pte, kind) || (pte.bits & marks) != marks || !pte.user()) return nullptr;
  const PhysAddr page = pte.pfn().addr();
  if (!plain_ram_.contains(page)) return nullptr;
  tlb_.count_miss();
  std::byte* host = ram_.core_base() + page.value;
  tlb_.fill({va.page_base(), space.asid, false, true, pte.write() && pte.dirty(), !pte.nx(),
             pte.global(), reinterpret_cast<u64>(host)});
  return host + va.page_offset();
}

inline std::byte* Accessor::refill(const Space& space, VirtAddr va, AccessKind kind) {
  if (space.table == nullptr) return nullptr;
  return visit_format(space.table->kind(),
                      [&]<PagingFormat F>() { return refill_as<F>(space, va, kind); });
}

Translation Accessor::translate(const Space& space, VirtAddr va, AccessKind kind) {
  const TlbEntry& entry = tlb_.entry(va.value);
  const u64 wanted = Tlb::tag(va.value, space.asid, 1);
  const u64 tag = tag_for(entry, kind);
  if (tag == wanted) {
    std::byte* host = host_of(entry, va);
    return {host, PhysAddr(static_cast<u64>(host - ram_.core_base())), {}, false};
  }
  if (tag == (wanted | Tlb::kDeviceBit))
    return {nullptr, PhysAddr(entry.bias + va.value), {}, false};
  if (std::byte* host = refill(space, va, kind))
    return {host, PhysAddr(static_cast<u64>(host - ram_.core_base())), {}, false};
  return translate_retrying(space, va, kind);
}

/// Pre: a TLB miss. The loop that every access of every program goes through when it faults.
Translation Accessor::translate_retrying(const Space& space, VirtAddr va, AccessKind kind) {
  tlb_.count_miss();
  Translation at;
  for (unsigned faults = 0;; ++faults) {
    const WalkVerdict verdict = walk_once(space, va, kind, at);
    if (verdict == WalkVerdict::kDone) return at;
    at.faulted = true;
    if (verdict == WalkVerdict::kBadAddress) {
      at.fault = {sig::kSigSegv, sig::kSiKernel,
                  0};  // a general protection fault carries no address
      return at;
    }
    if (space.faults == nullptr) {
      at.fault = {sig::kSigSegv, sig::kSegvMapErr, va.value};
      return at;
    }
    if (faults == config_.max_retries) return give_up(space, va);
    const FaultReply reply = space.faults->handle_fault(va, kind);
    if (!reply.retry) {
      VMSIM_ASSERT(reply.fault.signo != 0, "a fault handler that does not retry names a signal");
      at.fault = reply.fault;
      return at;
    }
  }
}

Translation Accessor::give_up(const Space& space, VirtAddr va) {
  probe_.finding_at(space.faults->handler_place(va), "no-progress",
                    fmt::format("the access to {:#x} faulted {} times in a row and nothing was "
                                "mapped for it; Linux would loop for ever. Answered by: {}",
                                va.value, config_.max_retries, space.faults->handler_name(va)));
  Translation at;
  at.faulted = true;
  at.fault = {sig::kSigKill, sig::kNoProgress, va.value};
  return at;
}

Accessor::WalkVerdict Accessor::walk_once(const Space& space, VirtAddr va, AccessKind kind,
                                          Translation& at) {
  if (space.table == nullptr) return WalkVerdict::kFault;
  return visit_format(space.table->kind(),
                      [&]<PagingFormat F>() { return walk_as<F>(space, va, kind, at); });
}

template <PagingFormat F>
Accessor::WalkVerdict Accessor::walk_as(const Space& space, VirtAddr va, AccessKind kind,
                                        Translation& at) {
  if (!F::canonical(va.value)) return WalkVerdict::kBadAddress;
  typename F::Raw* slot = space.table->leaf_slot<F>(va.value);
  if (slot == nullptr) return WalkVerdict::kFault;
  std::atomic_ref<typename F::Raw> entry(*slot);
  typename F::Raw raw = entry.load(std::memory_order_acquire);
  for (;;) {
    const Pte pte = F::decode(raw);
    if (!permitted(pte, kind)) return WalkVerdict::kFault;
    const Pte marked = pte.with(Pte::kAccessed | (has(kind, AccessKind::kWrite) ? Pte::kDirty : 0));
    // Like the processor: a locked update, so that a concurrent change of the entry is seen and
    // obeyed.
    if (marked != pte &&
        !entry.compare_exchange_weak(raw, F::encode(marked), std::memory_order_acq_rel))
      continue;
    fill_tlb(space, va, marked, at);
    return WalkVerdict::kDone;
  }
}

void Accessor::fill_tlb(const Space& space, VirtAddr va, Pte pte, Translation& at) {
  const PhysAddr page = pte.pfn().addr();
  const bool memory = page_is_memory(page);
  at.pa = page + va.page_offset();
  at.host = memory ? ram_.core_base() + at.pa.value : nullptr;
  if (!pte.user())
    return;  // tags stand for the program's rights; the kernel's pages are walked each time
  TlbFill what;
  what.page = va.page_base();
  what.asid = space.asid;
  what.device = !memory;
  what.readable = true;
  what.writable = pte.write() && pte.dirty();
  what.executable = !pte.nx();
  what.global = pte.global();
  what.target = memory ? reinterpret_cast<u64>(at.host - va.page_offset()) : page.value;
  tlb_.fill(what);
}

bool Accessor::page_is_memory(PhysAddr page) {
  if (plain_ram_.contains(page)) return true;
  const PhysRange whole{page, page + kPageSize};
  const phys::Decoded decoded = bus_.decode(page);
  if (decoded.kind == phys::RegionKind::kRam && decoded.range.contains(whole)) {
    plain_ram_ = {decoded.range.start.page_up(), decoded.range.end.page_base()};
    return true;
  }
  return bus_.is_memory(whole);
}

// One access.

Accessor::Pieces Accessor::translate_pieces(const Space& space, VirtAddr va, unsigned width,
                                            AccessKind kind) {
  Pieces pieces;
  const u64 room = kPageSize - va.page_offset();
  pieces.first_bytes = static_cast<unsigned>(std::min<u64>(width, room));
  pieces.second_bytes = width - pieces.first_bytes;
  // Faulting in the second page may take the first one away again, so both must be there in one
  // pass.
  for (unsigned tries = 0;; ++tries) {
    pieces.first = translate(space, va, kind);
    pieces.fault = pieces.first.fault;
    if (!pieces.first.ok() || pieces.second_bytes == 0) return pieces;
    pieces.second = translate(space, va + pieces.first_bytes, kind);
    pieces.fault = pieces.second.fault;
    if (!pieces.second.ok() || !pieces.second.faulted) return pieces;
    if (tries == config_.max_retries) {
      pieces.fault = give_up(space, va).fault;
      return pieces;
    }
  }
}

u64 Accessor::read_piece(const Translation& at, unsigned bytes) {
  if (at.host != nullptr) return read_bits(at.host, bytes);
  if (std::has_single_bit(bytes)) return bus_.read(at.pa, bytes) & low_mask(bytes);
  u64 bits = 0;
  for (unsigned done = 0; done < bytes;) {
    const unsigned width = widest_unit(at.pa + done, bytes - done);
    bits |= (bus_.read(at.pa + done, width) & low_mask(width)) << (8 * done);
    done += width;
  }
  return bits;
}

void Accessor::write_piece(const Translation& at, unsigned bytes, u64 bits) {
  if (at.host != nullptr) return write_bits(at.host, bytes, bits);
  if (std::has_single_bit(bytes)) return bus_.write(at.pa, bytes, bits & low_mask(bytes));
  for (unsigned done = 0; done < bytes;) {
    const unsigned width = widest_unit(at.pa + done, bytes - done);
    bus_.write(at.pa + done, width, (bits >> (8 * done)) & low_mask(width));
    done += width;
  }
}

void Accessor::tell_device_accessed(const Space& space) {
  if (space.faults != nullptr) space.faults->device_accessed();
}

Access<u64> Accessor::load_slow(const Space& space, VirtAddr va, unsigned width, AccessKind kind) {
  if (!crosses_page(va, width)) [[likely]] {
    const bool device = device_hit(space, va, kind);
    if (!device) [[likely]] {
      if (const std::byte* host = refill(space, va, kind)) return read_bits(host, width);
    }
    const Translation at =
        device ? translate(space, va, kind) : translate_retrying(space, va, kind);
    if (!at.ok()) return at.fault;
    const u64 bits = read_piece(at, width);
    if (at.host == nullptr) tell_device_accessed(space);
    return bits;
  }
  const Pieces pieces = translate_pieces(space, va, width, kind);
  if (!pieces.ok()) return pieces.fault;
  const u64 bits = read_piece(pieces.first, pieces.first_bytes) |
                   read_piece(pieces.second, pieces.second_bytes) << (8 * pieces.first_bytes);
  if (pieces.device()) tell_device_accessed(space);
  return bits;
}

Access<Done> Accessor::store_slow(const Space& space, VirtAddr va, unsigned width, u64 bits,
                                  AccessKind kind) {
  if (!crosses_page(va, width)) [[likely]] {
    const bool device = device_hit(space, va, kind);
    if (!device) [[likely]] {
      if (std::byte* host = refill(space, va, kind)) {
        write_bits(host, width, bits);
        return Done{};
      }
    }
    const Translation at =
        device ? translate(space, va, kind) : translate_retrying(space, va, kind);
    if (!at.ok()) return at.fault;
    write_piece(at, width, bits);
    if (at.host == nullptr) tell_device_accessed(space);
    return Done{};
  }
  const Pieces pieces = translate_pieces(space, va, width, kind);
  if (!pieces.ok()) return pieces.fault;
  write_piece(pieces.first, pieces.first_bytes, bits);
  write_piece(pieces.second, pieces.second_bytes, bits >> (8 * pieces.first_bytes));
  if (pieces.device()) tell_device_accessed(space);
  return Done{};
}

namespace {

template <class T, class Fn>
u64 modify_atomically(std::byte* host, Fn&& apply) {
  std::atomic_ref<T> cell(*reinterpret_cast<T*>(host));
  T old = cell.load(std::memory_order_relaxed);
  while (!cell.compare_exchange_weak(old, static_cast<T>(apply(old)))) {
  }
  return old;
}

}  // namespace

Access<u64> Accessor::modify_slow(const Space& space, VirtAddr va, unsigned width,
                                  const Modify& what) {
  const Pieces pieces = translate_pieces(space, va, width, AccessKind::kWrite);
  if (!pieces.ok()) return pieces.fault;
  const u64 mask = low_mask(width);
  if (pieces.first.host != nullptr && va.value % width == 0) {
    const auto apply = [&](u64 old) { return what.apply(old, mask); };
    switch (width) {
      case 1:
        return modify_atomically<u8>(pieces.first.host, apply);
      case 2:
        return modify_atomically<u16>(pieces.first.host, apply);
      case 4:
        return modify_atomically<u32>(pieces.first.host, apply);
      default:
        return modify_atomically<u64>(pieces.first.host, apply);
    }
  }
  u64 old = read_piece(pieces.first, pieces.first_bytes);
  if (pieces.second_bytes != 0)
    old |= read_piece(pieces.second, pieces.second_bytes) << (8 * pieces.first_bytes);
  const u64 wanted = what.apply(old, mask);
  write_piece(pieces.first, pieces.first_bytes, wanted);
  if (pieces.second_bytes != 0)
    write_piece(pieces.second, pieces.second_bytes, wanted >> (8 * pieces.first_bytes));
  if (pieces.device()) tell_device_accessed(space);
  return old;
}

// Spans.

/// Translates page by page and calls chunk(translation, offset, bytes) for each. Returns the bytes
/// done; `fault` says why that is less than all.
template <class Chunk>
u64 Accessor::each_page(const Space& space, VirtAddr va, u64 bytes, AccessKind kind,
                        UserFault& fault, Chunk&& chunk) {
  u64 done = 0;
  while (done < bytes) {
    const VirtAddr at = va + done;
    const u64 count = std::min(bytes - done, kPageSize - at.page_offset());
    const Translation place = translate(space, at, kind);
    if (!place.ok()) {
      fault = place.fault;
      return done;
    }
    if (place.host != nullptr) {
      chunk(place, done, count);
    } else {
      for (u64 sub = 0; sub < count;) {
        const unsigned width = widest_unit(place.pa + sub, count - sub);
        chunk(Translation{nullptr, place.pa + sub, {}, false}, done + sub, width);
        sub += width;
      }
      tell_device_accessed(space);
    }
    done += count;
  }
  return done;
}

u64 Accessor::read_span(const Space& space, VirtAddr va, std::span<std::byte> to, AccessKind kind,
                        UserFault& fault) {
  return each_page(space, va, to.size(), kind, fault,
                   [&](const Translation& place, u64 offset, u64 bytes) {
                     if (place.host != nullptr)
                       return copy_bytes(to.data() + offset, place.host, bytes);
                     const u64 bits = bus_.read(place.pa, static_cast<unsigned>(bytes));
                     std::memcpy(to.data() + offset, &bits, bytes);
                   });
}

u64 Accessor::write_span(const Space& space, VirtAddr va, std::span<const std::byte> from,
                         AccessKind kind, UserFault& fault) {
  return each_page(space, va, from.size(), kind, fault,
                   [&](const Translation& place, u64 offset, u64 bytes) {
                     if (place.host != nullptr)
                       return copy_bytes(place.host, from.data() + offset, bytes);
                     u64 bits = 0;
                     std::memcpy(&bits, from.data() + offset, bytes);
                     bus_.write(place.pa, static_cast<unsigned>(bytes), bits);
                   });
}

u64 Accessor::fill_span(const Space& space, VirtAddr va, std::byte value, u64 bytes,
                        AccessKind kind, UserFault& fault) {
  const u64 repeated = u64{0x0101010101010101} * std::to_integer<u64>(value);
  return each_page(space, va, bytes, kind, fault, [&](const Translation& place, u64, u64 count) {
    if (place.host != nullptr) return fill_bytes(place.host, value, count);
    const auto width = static_cast<unsigned>(count);
    bus_.write(place.pa, width, repeated & low_mask(width));
  });
}

namespace {

Access<Done> outcome(const UserFault& fault) {
  if (fault.signo != 0) return fault;
  return Done{};
}

}  // namespace

Access<Done> Accessor::copy_from(const Space& space, VirtAddr va, std::span<std::byte> to,
                                 AccessKind kind) {
  UserFault fault{};
  read_span(space, va, to, kind, fault);
  return outcome(fault);
}

Access<Done> Accessor::copy_to(const Space& space, VirtAddr va, std::span<const std::byte> from,
                               AccessKind kind) {
  UserFault fault{};
  write_span(space, va, from, kind, fault);
  return outcome(fault);
}

Access<Done> Accessor::fill(const Space& space, VirtAddr va, std::byte value, u64 bytes,
                            AccessKind kind) {
  UserFault fault{};
  fill_span(space, va, value, bytes, kind, fault);
  return outcome(fault);
}

u64 Accessor::copy_to_partial(const Space& space, VirtAddr va, std::span<const std::byte> from) {
  UserFault fault{};
  return from.size() - write_span(space, va, from, AccessKind::kWrite | AccessKind::kKernel, fault);
}

u64 Accessor::copy_from_partial(const Space& space, VirtAddr va, std::span<std::byte> to) {
  UserFault fault{};
  return to.size() - read_span(space, va, to, AccessKind::kRead | AccessKind::kKernel, fault);
}

u64 Accessor::fill_partial(const Space& space, VirtAddr va, std::byte value, u64 bytes) {
  UserFault fault{};
  return bytes -
         fill_span(space, va, value, bytes, AccessKind::kWrite | AccessKind::kKernel, fault);
}

}  // namespace vmsim::mmu
