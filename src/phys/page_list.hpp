// SPDX-License-Identifier: MIT
// Lists of pages linked through page->lru, without a constructor in struct page. Counterpart:
// list_head of free areas and LRU lists. A list does not own its pages; a page is on one such list
// at most. Core rooms only.
#pragma once

#include <cstddef>

#include <boost/intrusive/list.hpp>

#include "vmsim/kapi/vmsim/page_types.h"

namespace vmsim::phys {

using Page = ::page;

/// Tells Boost.Intrusive that a kernel list_head is a node.
struct ListHeadTraits {
  using node = ::list_head;
  using node_ptr = ::list_head*;
  using const_node_ptr = const ::list_head*;

  static node_ptr get_next(const_node_ptr n) { return n->next; }

  static void set_next(node_ptr n, node_ptr next) { n->next = next; }

  static node_ptr get_previous(const_node_ptr n) { return n->prev; }

  static void set_previous(node_ptr n, node_ptr prev) { n->prev = prev; }
};

/// Tells Boost.Intrusive where that node lies in a page.
struct PageLruTraits {
  using node_traits = ListHeadTraits;
  using node_ptr = node_traits::node_ptr;
  using const_node_ptr = node_traits::const_node_ptr;
  using value_type = Page;
  using pointer = Page*;
  using const_pointer = const Page*;
  static constexpr boost::intrusive::link_mode_type link_mode = boost::intrusive::normal_link;

  static node_ptr to_node_ptr(value_type& page) { return &page.lru; }

  static const_node_ptr to_node_ptr(const value_type& page) { return &page.lru; }

  static pointer to_value_ptr(node_ptr n) {
    return reinterpret_cast<pointer>(reinterpret_cast<std::byte*>(n) - offsetof(Page, lru));
  }

  static const_pointer to_value_ptr(const_node_ptr n) {
    return reinterpret_cast<const_pointer>(reinterpret_cast<const std::byte*>(n) -
                                           offsetof(Page, lru));
  }
};

/// Not movable in practice: the first and last page point into the list object.
using PageList = boost::intrusive::list<Page, boost::intrusive::value_traits<PageLruTraits>,
                                        boost::intrusive::constant_time_size<false>>;

}  // namespace vmsim::phys
