// SPDX-License-Identifier: MIT
// See notifier.hpp.
#include "kern/lib/notifier.hpp"

#include <cerrno>

namespace vmsim::kern {

int notifier_register(::notifier_block** chain, ::notifier_block* block) {
  for (const ::notifier_block* in = *chain; in != nullptr; in = in->next)
    if (in == block) return -EEXIST;
  while (*chain != nullptr && (*chain)->priority >= block->priority) chain = &(*chain)->next;
  block->next = *chain;
  *chain = block;
  return 0;
}

int notifier_unregister(::notifier_block** chain, ::notifier_block* block) {
  for (; *chain != nullptr; chain = &(*chain)->next) {
    if (*chain != block) continue;
    *chain = block->next;
    return 0;
  }
  return -ENOENT;
}

int notifier_call(::notifier_block** chain, unsigned long action, void* data, int most,
                  int* called) {
  int answer = 0;
  ::notifier_block* next = nullptr;
  for (::notifier_block* block = *chain; block != nullptr && most != 0; block = next, --most) {
    next = block->next;  // it may take itself out
    answer = block->notifier_call(block, action, data);
    if (called != nullptr) ++*called;
    if ((answer & kNotifyStopMask) != 0) break;
  }
  return answer;
}

}  // namespace vmsim::kern
