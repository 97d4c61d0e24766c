// SPDX-License-Identifier: MIT
// Tests of phys::Zones: references, compound pages, and what happens to those who free what is not
// theirs.
#include <gtest/gtest.h>

#include "box.hpp"

namespace vmsim::phys {
namespace {

// ---- References ----

TEST(PageRef, HeadHasOneReferenceAndTailsNone) {
  Box box(16 * kMiB);
  Page* head = box.zones->alloc_pages(kKernel, 2);
  EXPECT_EQ(head->_refcount.counter, 1);
  for (int i = 1; i < 4; ++i) EXPECT_EQ(head[i]._refcount.counter, 0);
  EXPECT_FALSE(is_head(head));
}

TEST(PageRef, CompoundTailsCountAtTheHead) {
  Box box(16 * kMiB);
  Page* head = box.zones->alloc_pages(kKernel | VMSIM_GFP_BIT_COMP, 3);
  EXPECT_TRUE(is_head(head));
  EXPECT_EQ(compound_order(head), 3u);
  EXPECT_TRUE(is_tail(head + 7));
  EXPECT_EQ(compound_head(head + 7), head);
  box.zones->get_page(head + 5);
  EXPECT_EQ(box.zones->page_count(head + 2), 2);
  box.zones->free_pages(head, 3);
  EXPECT_EQ(box.zones->allocated_pages(), 8u);
  box.zones->put_page(head + 1);
  EXPECT_EQ(box.zones->allocated_pages(), 0u);
  for (int i = 0; i < 8; ++i) EXPECT_FALSE(is_tail(head + i) || is_head(head + i));
  EXPECT_TRUE(box.rules().empty());
}

TEST(PageRef, LastPutFreesAndOneTooManyIsAFinding) {
  Box box(16 * kMiB);
  Page* page = box.zones->alloc_page(kKernel);
  box.zones->get_page(page);
  box.zones->put_page(page);
  EXPECT_EQ(box.zones->allocated_pages(), 1u);
  box.zones->put_page(page);
  EXPECT_EQ(box.zones->allocated_pages(), 0u);
  box.zones->put_page(page);
  EXPECT_EQ(box.rules(), Rules{"page-refcount-underflow"});
  EXPECT_EQ(box.zones->allocated_pages(), 0u);
}

TEST(PageRef, FreeWithAReferenceHeldFreesOnlyTheTails) {
  Box box(16 * kMiB);
  Page* head = box.zones->alloc_pages(kKernel, 2);
  box.zones->get_page(head);
  box.zones->free_pages(head, 2);
  EXPECT_EQ(box.zones->allocated_pages(), 1u);
  box.zones->put_page(head);
  EXPECT_EQ(box.zones->allocated_pages(), 0u);
  EXPECT_TRUE(box.rules().empty());
}

TEST(PageRef, SplitPagesAreFreedOneByOne) {
  Box box(16 * kMiB);
  Page* head = box.zones->alloc_pages(kKernel, 2);
  box.zones->set_kind(head, PageKind::kVmalloc);
  box.zones->split_page(head, 2);
  EXPECT_EQ(box.zones->kind(head + 3), PageKind::kVmalloc);
  box.zones->free_page(head + 2);
  EXPECT_EQ(box.zones->allocated_pages(), 3u);
  for (const int i : {0, 1, 3}) box.zones->free_page(head + i);
  EXPECT_EQ(box.zones->allocated_pages(), 0u);
  EXPECT_TRUE(box.rules().empty());

  Page* compound = box.zones->alloc_pages(kKernel | VMSIM_GFP_BIT_COMP, 1);
  box.zones->split_page(compound, 1);
  EXPECT_EQ(box.rules(), Rules{"split-compound-page"});
}

// ---- Misuse ----

TEST(PageRef, DoubleFreeChangesNothing) {
  Box box(16 * kMiB);
  Page* page = box.zones->alloc_page(kKernel);
  Page* block = box.zones->alloc_pages(kKernel, 4);
  box.zones->free_page(page);
  box.zones->free_page(page);
  box.zones->free_pages(block, 4);
  box.zones->free_pages(block, 4);
  box.zones->free_page(box.map->page(Pfn(3000)));  // never given out
  EXPECT_EQ(box.rules(), Rules(3, "double-free-page"));
  EXPECT_EQ(box.zones->allocated_pages(), 0u);
  box.zones->validate();
}

TEST(PageRef, WrongOrderChangesNothing) {
  Box box(16 * kMiB);
  Page* block = box.zones->alloc_pages(kKernel, 2);
  box.zones->free_pages(block, 1);
  box.zones->free_pages(block, 3);
  box.zones->free_page(block + 1);
  EXPECT_EQ(box.rules(), Rules(3, "free-wrong-order"));
  EXPECT_EQ(box.zones->allocated_pages(), 4u);
  box.zones->free_pages(block, 2);
  EXPECT_EQ(box.zones->allocated_pages(), 0u);
}

TEST(PageRef, ReservedAndForeignPagesAreRefused) {
  Box box(16 * kMiB);
  Page foreign{};
  box.zones->free_page(&foreign);
  box.zones->put_page(&foreign);
  box.zones->free_page(box.map->page(Pfn(0xa0)));
  box.zones->free_pages(nullptr, 0);
  EXPECT_EQ(box.rules(), (Rules{"not-a-struct-page", "not-a-struct-page", "free-reserved-page"}));
}

TEST(PageRef, ReservedPageSurvivesItsLastReference) {
  Box box(16 * kMiB);
  Page* page = box.map->page(Pfn(0xa0));
  box.zones->get_page(page);
  box.zones->put_page(page);
  EXPECT_TRUE(box.rules().empty());
  box.zones->put_page(page);
  EXPECT_EQ(box.rules(), Rules{"free-reserved-page"});
  EXPECT_EQ(box.zones->free_pages_count(), box.zones->managed_pages());
}

TEST(PageRef, PageStillMappedOrMarkedIsNotGivenOutAgain) {
  Box box(16 * kMiB);
  Page* mapped = box.zones->alloc_page(kKernel);
  mapped->_mapcount.counter = 1;
  Page* locked = box.zones->alloc_page(kKernel);
  locked->flags |= 1ul << PG_locked;
  Page* marked = box.zones->alloc_page(kKernel);
  marked->flags |= 1ul << PG_reserved;
  for (Page* page : {mapped, locked, marked}) box.zones->free_page(page);
  EXPECT_EQ(box.rules(), (Rules{"free-mapped-page", "free-locked-page", "free-reserved-page"}));
  EXPECT_EQ(box.zones->allocated_pages(), 3u);
  box.zones->free_page(mapped);
  EXPECT_EQ(box.rules().back(), "double-free-page");
}

TEST(PageRef, ReferenceToATailWithoutCompIsADriverBug) {
  Box box(16 * kMiB);
  Page* block = box.zones->alloc_pages(kKernel, 2);
  box.zones->get_page(block + 1);  // what a nopage handler does with a block from __get_free_pages
  box.zones->put_page(block + 1);
  EXPECT_EQ(box.rules(), Rules{"free-block-part"});
  box.zones->get_page(block + 2);
  box.zones->free_pages(block, 2);
  EXPECT_EQ(box.rules().back(), "free-referenced-page");
  EXPECT_EQ(box.zones->allocated_pages(), 4u);
}

TEST(PageRef, ReferenceToAFreePageIsAFinding) {
  Box box(16 * kMiB);
  box.zones->get_page(box.map->page(Pfn(500)));
  EXPECT_EQ(box.rules(), Rules{"get-page-of-free"});
  EXPECT_EQ(box.map->page(Pfn(500))->_refcount.counter, 0);
}

}  // namespace
}  // namespace vmsim::phys
