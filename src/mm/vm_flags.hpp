// SPDX-License-Identifier: MIT
// The numbers of the mm interface: VM_*, PROT_*, MAP_*, VM_FAULT_*, FAULT_FLAG_*, errno values.
// Counterpart: include/linux/mm.h and mm_types.h of 6.12 on x86-64, uapi/asm-generic/mman*.h. Plain constants.
#pragma once

#include <string>

#include "vmsim/addr.hpp"

namespace vmsim::mm {

namespace vm {
inline constexpr u64 kRead = 0x1, kWrite = 0x2, kExec = 0x4, kShared = 0x8;
inline constexpr u64 kMayRead = 0x10, kMayWrite = 0x20, kMayExec = 0x40, kMayShare = 0x80;
inline constexpr u64 kGrowsDown = 0x100, kPfnMap = 0x400, kLocked = 0x2000, kIo = 0x4000;
inline constexpr u64 kDontCopy = 0x20000, kDontExpand = 0x40000, kLockOnFault = 0x80000, kAccount = 0x100000;
inline constexpr u64 kNoReserve = 0x200000, kHugeTlb = 0x400000, kSync = 0x800000, kPat = 0x1000000;
inline constexpr u64 kWipeOnFork = 0x2000000, kDontDump = 0x4000000, kSoftDirty = 0x8000000;
inline constexpr u64 kMixedMap = 0x10000000, kHugePage = 0x20000000, kNoHugePage = 0x40000000;
inline constexpr u64 kReserved26 = 0x80000;  ///< VM_RESERVED until 3.6; the bit means VM_LOCKONFAULT later
inline constexpr u64 kAccess = kRead | kWrite | kExec;
/// Areas with one of these never merge.
inline constexpr u64 kSpecial = kIo | kDontExpand | kPfnMap | kMixedMap;
inline constexpr u64 kSpecial26 = kIo | kDontCopy | kDontExpand | kReserved26;
/// A private mapping that may become writable: its writes copy.
constexpr bool is_cow(u64 flags) { return (flags & (kShared | kMayWrite)) == kMayWrite; }
}  // namespace vm

namespace prot {
inline constexpr u32 kNone = 0, kRead = 1, kWrite = 2, kExec = 4, kGrowsDown = 0x01000000, kGrowsUp = 0x02000000;
}

namespace map {
inline constexpr u32 kShared = 0x1, kPrivate = 0x2, kSharedValidate = 0x3, kType = 0xf, kFixed = 0x10;
inline constexpr u32 kAnonymous = 0x20, kGrowsDown = 0x100, kLocked = 0x2000, kNoReserve = 0x4000;
inline constexpr u32 kPopulate = 0x8000, kNonBlock = 0x10000, kStack = 0x20000, kHugeTlb = 0x40000;
inline constexpr u32 kSync = 0x80000, kFixedNoReplace = 0x100000;
/// What MAP_SHARED_VALIDATE accepts for files without flags of their own.
inline constexpr u32 kLegacyMask = kShared | kPrivate | kFixed | kAnonymous | 0x800 /*DENYWRITE*/ |
                                   0x1000 /*EXECUTABLE*/ | kGrowsDown | kLocked | kNoReserve | kPopulate |
                                   kNonBlock | kStack | kHugeTlb | (0x3fu << 26);
}  // namespace map

namespace vm_fault_code {
inline constexpr u32 kOom = 0x1, kSigBus = 0x2, kMajor = 0x4, kHwPoison = 0x10, kHwPoisonLarge = 0x20;
inline constexpr u32 kSigSegv = 0x40, kNoPage = 0x100, kLocked = 0x200, kRetry = 0x400, kFallback = 0x800;
inline constexpr u32 kDoneCow = 0x1000, kCompleted = 0x4000;
inline constexpr u32 kError = kOom | kSigBus | kSigSegv | kHwPoison | kHwPoisonLarge | kFallback;
/// vmsim's own: the handler oopsed, the task is dead.
inline constexpr u32 kOopsed = 0x80000000;
/// vmsim's own: the answer makes Linux ask for ever; the access ends.
inline constexpr u32 kForEver = 0x40000000;
}  // namespace vm_fault_code

namespace fault_flag {
inline constexpr u32 kWrite = 0x1, kMkWrite = 0x2, kAllowRetry = 0x4, kRetryNoWait = 0x8, kKillable = 0x10;
inline constexpr u32 kTried = 0x20, kUser = 0x40, kRemote = 0x80, kInstruction = 0x100, kInterruptible = 0x200;
inline constexpr u32 kUnshare = 0x400, kOrigPteValid = 0x800, kVmaLock = 0x1000;
}  // namespace fault_flag

namespace err {
inline constexpr int kPerm = 1, kNoEnt = 2, kSrch = 3, kIntr = 4, kIo = 5, kNxIo = 6, kBadF = 9, kAgain = 11,
                     kNoMem = 12, kAcces = 13, kFault = 14, kBusy = 16, kExist = 17, kNoDev = 19, kNotDir = 20,
                     kIsDir = 21, kInval = 22, kNFile = 23, kMFile = 24, kNotTy = 25, kNoSpc = 28, kSPipe = 29,
                     kNoSys = 38, kOverflow = 75, kOpNotSupp = 95;
}

/// "rd wr sh mr mw me ms pf io" as the VmFlags line of smaps prints them.
std::string vm_flags_text(u64 flags);

}  // namespace vmsim::mm
