// SPDX-License-Identifier: MIT
// Chains of callbacks in order of priority. Counterpart: kernel/notifier.c; the locks of atomic and
// blocking chains are the C face's. Runs in the driver's context. Called by abi.
#pragma once

#include "vmsim/kapi/vmsim/container_types.h"

namespace vmsim::kern {

inline constexpr int kNotifyStopMask = 0x8000;

/// -EEXIST: it is in the chain already, which is left as it is.
int notifier_register(::notifier_block** chain, ::notifier_block* block);
/// -ENOENT: it is not in the chain.
int notifier_unregister(::notifier_block** chain, ::notifier_block* block);
/// Calls at most `most` of them (all if negative), until one says stop. The last one's answer.
int notifier_call(::notifier_block** chain, unsigned long action, void* data, int most,
                  int* called);

}  // namespace vmsim::kern
