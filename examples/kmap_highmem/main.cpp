// SPDX-License-Identifier: MIT
// High memory on a 32-bit machine: RAM that the kernel cannot address but through a window. What kmap does, what
// happens when all windows are taken, and what happens when a driver keeps one for too long.
#include "highpages.h"
#include "show.hpp"

using namespace vmsim;

namespace {

constexpr unsigned kWindows = 4;  // a real machine has 1024

void look(Process& app, int fd, unsigned index) {
  high_page page{};
  page.index = index;
  show::must(app.ioctl(fd, HIGH_LOOK, &page));
  const std::string address = page.address == nullptr ? "NULL" : app.machine().describe_kernel_address(page.address);
  std::printf("  page %u: pfn 0x%05lx (%4lu MiB), PageHighMem %u, page_address %s\n", index, page.pfn, page.pfn >> 8,
              page.is_high, address.c_str());
}

void windows_in_use(const Machine& machine) {
  std::printf("  windows in use: %llu of %u\n", show::number(machine.ledger().kmap_slots), kWindows);
}

void one_window(Machine& machine, Process& app, int fd) {
  show::step("kmap opens a window, kunmap closes it; both count");
  look(app, fd, 0);
  show::must(app.ioctl(fd, HIGH_KMAP, 0));
  show::say("\nkmap(page 0):");
  look(app, fd, 0);
  windows_in_use(machine);
  show::must(app.ioctl(fd, HIGH_KMAP, 0));
  show::say("\nkmap(page 0) again: the same window, its count is 2 now");
  look(app, fd, 0);
  windows_in_use(machine);
  show::must(app.ioctl(fd, HIGH_KUNMAP, 0));
  show::say("\nkunmap: the window stays for the other user");
  look(app, fd, 0);
  show::must(app.ioctl(fd, HIGH_KUNMAP, 0));
  show::say("\nkunmap: the last one");
  look(app, fd, 0);
  windows_in_use(machine);

  const VirtAddr at = show::must(app.mmap({.length = HIGH_PAGES * kPageSize, .fd = fd}));
  std::string text;
  show::must(app.read_string(at, text));
  show::say("\nA program needs no window, its page tables can show any page: \"%s\"", text.c_str());
}

void pool_exhausted(Machine& machine) {
  show::step("All windows taken: the next one who wants one waits");
  const auto note = [&machine](const char* who, const char* what) {
    std::printf("  %7.3f ms  %-6s %s\n", static_cast<double>(machine.now_ns()) / 1e6, who, what);
  };
  Process& first = *show::must(machine.start("first", [&](Process& self) {
    const int fd = show::must(self.open("/dev/highpages"));
    for (u64 page = 0; page < kWindows; ++page) show::must(self.ioctl(fd, HIGH_KMAP, page));
    note("first", "has mapped 4 pages, and naps");
    show::must(self.ioctl(fd, HIGH_NAP, 20));
    note("first", "unmaps one page");
    show::must(self.ioctl(fd, HIGH_KUNMAP, 0));
    for (u64 page = 1; page < kWindows; ++page) show::must(self.ioctl(fd, HIGH_KUNMAP, page));
    return 0;
  }));
  Process& second = *show::must(machine.start("second", [&](Process& self) {
    const int fd = show::must(self.open("/dev/highpages"));
    show::must(self.ioctl(fd, HIGH_NAP, 10));
    note("second", "asks for a fifth window");
    show::must(self.ioctl(fd, HIGH_KMAP, 5));
    note("second", "has got it");
    show::must(self.ioctl(fd, HIGH_KUNMAP, 5));
    return 0;
  }));
  machine.join(first);
  machine.join(second);
  windows_in_use(machine);
}

void late_use(Machine& machine) {
  show::step("A window used after kunmap");
  Process& app = *show::must(machine.spawn("late"));
  const int fd = show::must(app.open("/dev/highpages"));
  show::say("ioctl: %s", show::outcome(app.ioctl(fd, HIGH_LATE_USE, 2)).c_str());
  show::say("The program is %s.\n", app.alive() ? "alive" : "dead");
  show::findings(machine);
  show::say("\n$ dmesg");
  const std::string log = machine.dmesg();
  const auto oops = log.find("BUG: ");
  show::text(oops == std::string::npos ? log : log.substr(log.rfind('\n', oops) + 1));

  show::step("The machine goes on");
  Process& next = *show::must(machine.spawn("next"));
  const int again = show::must(next.open("/dev/highpages"));
  show::say("ioctl by another program: %s", show::outcome(next.ioctl(again, HIGH_KMAP, 3)).c_str());
  show::must(next.ioctl(again, HIGH_KUNMAP, 3));
}

}  // namespace

int main() {
  const auto machine =
      show::machine({.profile = Profile::kX86_32, .ram_bytes = u64{1} << 30, .kmap_slots = kWindows});
  show::step("x86-32 with 1 GiB of RAM: 896 MiB of low memory, the rest is high");
  show::say("$ cat /proc/buddyinfo");
  show::text(show::must(machine->read_text("/proc/buddyinfo")));
  show::insmod(*machine, "highpages");
  Process& app = *show::must(machine->spawn("app"));
  const int fd = show::must(app.open("/dev/highpages"));
  look(app, fd, 0);
  look(app, fd, HIGH_PAGES - 1);
  show::say("\nThe last page is from low memory (GFP_KERNEL) and has an address of its own.");

  one_window(*machine, app, fd);
  pool_exhausted(*machine);
  late_use(*machine);
}
