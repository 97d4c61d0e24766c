// SPDX-License-Identifier: MIT
// How a pin is told from a plain reference: it weighs kPinBias of them. Counterpart: GUP_PIN_COUNTING_BIAS and
// page_maybe_dma_pinned() of linux/mm.h. Leaves out MMF_HAS_PINNED: a page with very many plain references looks
// pinned. Called by fork and by get_user_pages.
#pragma once

#include "phys/mem_map.hpp"

namespace vmsim::mm {

inline constexpr int kPinBias = 1024;

inline bool maybe_pinned(const ::page* page) {
  return phys::compound_head(const_cast<::page*>(page))->_refcount.counter >= kPinBias;
}

}  // namespace vmsim::mm
