// SPDX-License-Identifier: MIT
// What an address space looks like, on a new and on an old machine, and how calls change it line by line.
#include "show.hpp"

using namespace vmsim;

namespace {

constexpr u64 kPage = kPageSize;

VirtAddr anonymous(Process& app, u64 pages, u32 prot = kProtReadWrite) {
  return show::must(app.mmap({.length = pages * kPage, .prot = prot, .flags = kMapPrivate | kMapAnonymous}));
}

/// Only the lines that lie in [start, start + pages).
std::string lines_of(const Process& app, VirtAddr start, u64 pages) {
  const VirtRange window{start, start + pages * kPage};
  const std::string all = app.maps();
  std::string wanted;
  std::string::size_type at = 0;
  for (const AreaView& area : app.areas()) {
    const auto end = all.find('\n', at) + 1;
    if (area.range.intersects(window)) wanted += all.substr(at, end - at);
    at = end;
  }
  return wanted;
}

void typical(const char* title, const MachineConfig& config) {
  show::step(title);
  const auto machine = show::machine(config);
  Process& app = *show::must(machine->spawn("app", ProgramLayout::kTypical));
  const VirtAddr heap = app.brk(VirtAddr(0));
  app.brk(heap + 3 * kPage);
  anonymous(app, 2);
  show::say("$ cat /proc/%d/maps", app.pid());
  show::text(app.maps());
}

void split_and_merge() {
  show::step("mmap, mprotect, munmap: how lines split and merge");
  const auto machine = show::machine();
  Process& app = *show::must(machine->spawn("app"));

  const VirtAddr at = anonymous(app, 8);
  show::say("mmap of 8 pages: one area.");
  show::text(lines_of(app, at, 8));

  show::must(app.mprotect(at + 3 * kPage, 2 * kPage, kProtRead));
  show::say("mprotect of pages 3 and 4, read only: one area becomes three.");
  show::text(lines_of(app, at, 8));
  show::say("A store there now ends in %s.", show::outcome(app.store<u32>(at + 3 * kPage + 8, 1)).c_str());

  show::must(app.mprotect(at + 3 * kPage, 2 * kPage, kProtReadWrite));
  show::say("\nmprotect back: the three have equal rights again and merge.");
  show::text(lines_of(app, at, 8));

  show::must(app.munmap(at + 2 * kPage, kPage));
  show::say("munmap of page 2: a hole.");
  show::text(lines_of(app, at, 8));
  show::say("A load there ends in %s.", show::outcome(app.load<u32>(at + 2 * kPage)).c_str());

  const VirtAddr filled = anonymous(app, 1);
  show::say("\nmmap of 1 page: the highest hole that is large enough is taken, and the areas merge over it.");
  show::text(lines_of(app, at, 8));
  if (filled != at + 2 * kPage) show::give_up("the hole was not taken");
}

void walks() {
  show::step("A walk through the page tables, 6.12, x86-64: four levels");
  const auto machine = show::machine();
  Process& app = *show::must(machine->spawn("app"));
  const VirtAddr at = anonymous(app, 1);
  show::say("Before the first touch the area is there, its page is not:");
  show::text(app.walk(at).text);
  show::must(app.load<u8>(at + 0x123));
  show::say("\nAfter a load: the zero page, which all programs share, read only:");
  show::text(app.walk(at + 0x123).text);
  show::must(app.store<u8>(at + 0x123, 42));
  show::say("\nAfter a store: a page of its own, writable and dirty:");
  show::text(app.walk(at + 0x123).text);

  show::step("The same on 2.6.10, x86-32: two levels");
  const auto old = show::machine({.kernel = {2, 6, 10}, .profile = Profile::kX86_32});
  Process& small = *show::must(old->spawn("app"));
  const VirtAddr there = anonymous(small, 1);
  show::must(small.store<u8>(there + 0x123, 42));
  show::text(small.walk(there + 0x123).text);
}

}  // namespace

int main() {
  typical("A program on Linux 6.12, x86-64", {});
  typical("The same program on Linux 2.6.10, x86-32", {.kernel = {2, 6, 10}, .profile = Profile::kX86_32});
  split_and_merge();
  walks();
}
