// SPDX-License-Identifier: MIT
// One buffer of 16 pages, mapped in three ways by three drivers: what is there at once, what comes at the touch, who
// counts the pages, and what a child inherits.
#include "show.hpp"
#include "three_buffer.h"

using namespace vmsim;

namespace {

constexpr u64 kBytes = THREE_BUFFER_PAGES * kPageSize;

/// Everything the table says about one way.
struct Column {
  std::string driver;
  std::string flags;
  std::string entry;
  u64 entries_after_mmap = 0;
  u64 handler_calls = 0;
  std::string counts_touched;
  u64 rss = 0;
  u64 child_entries = 0;
  std::string counts_forked;
  u64 child_handler_calls = 0;
  std::string counts_end;
};

std::string flag_words(const AreaView& area) {
  static constexpr struct {
    u64 bit;
    const char* word;
  } kWords[] = {{vm_flag::kIo, "IO"},
                {vm_flag::kPfnMap, "PFNMAP"},
                {vm_flag::kMixedMap, "MIXEDMAP"},
                {vm_flag::kDontExpand, "DONTEXPAND"},
                {vm_flag::kDontDump, "DONTDUMP"}};
  std::string words;
  for (const auto& flag : kWords) {
    if (area.has(flag.bit)) words += std::string(words.empty() ? "" : "+") + flag.word;
  }
  return words.empty() ? "none of these" : words;
}

/// The bits without the frame number, which differs from page to page.
std::string entry_bits(const EntryView& entry) { return entry.text.substr(entry.text.find(' ') + 1); }

std::string counts(const Machine& machine, Pfn pfn) {
  const PageView page = machine.page(pfn);
  return std::to_string(page.refcount) + " / " + std::to_string(page.mapcount);
}

void read_all(Process& app, VirtAddr at) {
  for (u64 page = 0; page < THREE_BUFFER_PAGES; ++page) show::must(app.load<u8>(at + page * kPageSize));
}

Column measure(Machine& machine, const std::string& driver) {
  Column column;
  column.driver = driver;
  const VirtRange whole{VirtAddr(0), VirtAddr(u64{1} << 47)};
  TextRecorder calls({EventKind::kVmOp});
  machine.add_observer(calls);
  Process& app = *show::must(machine.spawn("app"));
  const int fd = show::must(app.open("/dev/" + driver));
  const VirtAddr at = show::must(app.mmap({.length = kBytes, .fd = fd}));
  column.entries_after_mmap = app.entries(whole).size();

  read_all(app, at);
  column.handler_calls = calls.count("fault");
  column.flags = flag_words(app.areas().front());
  column.entry = entry_bits(app.entry(at));
  column.rss = app.rss_pages();
  const Pfn first = app.entry(at).pfn;
  column.counts_touched = counts(machine, first);

  calls.clear();
  Process& child = *show::must(app.fork());
  column.child_entries = child.entries(whole).size();
  read_all(child, at);
  column.child_handler_calls = calls.count("fault");
  column.counts_forked = counts(machine, first);

  child.exit();
  app.exit();
  column.counts_end = counts(machine, first);
  machine.remove_observer(calls);
  return column;
}

void row(const char* title, const Column (&columns)[3], std::string (*cell)(const Column&)) {
  std::printf("  %-34s", title);
  for (const Column& column : columns) std::printf(" | %-20s", cell(column).c_str());
  std::putchar('\n');
}

void table(const Column (&columns)[3]) {
  std::printf("  %-34s | %-20s | %-20s | %-20s\n", "", "remap_pfn_range", ".fault, vmf->page", "vm_insert_page");
  std::printf("  %s\n", std::string(103, '-').c_str());
  row("entries right after mmap", columns, [](const Column& c) { return std::to_string(c.entries_after_mmap); });
  row("calls of .fault to read 16 pages", columns, [](const Column& c) { return std::to_string(c.handler_calls); });
  row("an entry", columns, [](const Column& c) { return c.entry; });
  row("page 0: references / mappings", columns, [](const Column& c) { return c.counts_touched; });
  row("resident pages (rss)", columns, [](const Column& c) { return std::to_string(c.rss); });
  row("entries that fork() copied", columns, [](const Column& c) { return std::to_string(c.child_entries); });
  row("calls of .fault by the child", columns, [](const Column& c) { return std::to_string(c.child_handler_calls); });
  row("page 0 with the child", columns, [](const Column& c) { return c.counts_forked; });
  row("page 0 when both have ended", columns, [](const Column& c) { return c.counts_end; });
  std::printf("\n  VM_* flags of the area:\n");
  for (const Column& column : columns) std::printf("    %-14s %s\n", column.driver.c_str(), column.flags.c_str());
}

void record_one(Machine& machine, const std::string& driver) {
  Process& app = *show::must(machine.spawn("app"));
  TextRecorder events;
  machine.add_observer(events);
  const int fd = show::must(app.open("/dev/" + driver));
  const VirtAddr at = show::must(app.mmap({.length = 4 * kPageSize, .fd = fd}));
  std::string text;
  show::must(app.read_string(at + 3 * kPageSize, text));
  machine.remove_observer(events);
  show::text(events.text());
  show::say("The program reads: \"%s\"\n", text.c_str());
  app.exit();
}

}  // namespace

int main() {
  const auto machine = show::machine();
  show::step("One buffer, three drivers");
  for (const char* driver : {"three_buffer", "three_remap", "three_fault", "three_insert"}) {
    show::insmod(*machine, driver);
  }
  show::say("$ cat /proc/modules");
  show::text(show::must(machine->read_text("/proc/modules")));

  show::step("What each way does");
  table({measure(*machine, "three_remap"), measure(*machine, "three_fault"), measure(*machine, "three_insert")});

  show::step("Recorded: mmap of 4 pages and one load from page 3, by each driver");
  for (const char* driver : {"three_remap", "three_fault", "three_insert"}) {
    show::say("/dev/%s:", driver);
    record_one(*machine, driver);
  }
  if (!machine->findings().empty()) show::findings(*machine);
}
