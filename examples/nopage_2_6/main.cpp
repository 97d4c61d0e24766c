// SPDX-License-Identifier: MIT
// The mmap of 2.6: a nopage handler with its counts, and why remap_pfn_range of ordinary RAM showed zeroes then.
#include <algorithm>
#include <sstream>

#include "pages26.h"
#include "show.hpp"

using namespace vmsim;

namespace {

/// What a load script did before there was udev: find the dynamic major in /proc/devices, then mknod.
void mknod_by_script(Machine& machine, const std::string& driver) {
  std::istringstream devices(show::must(machine.read_text("/proc/devices")));
  unsigned major = 0;
  for (std::string line; std::getline(devices, line);) {
    if (line.ends_with(" " + driver)) major = static_cast<unsigned>(std::stoul(line));
  }
  if (major == 0) show::give_up(driver + " is not in /proc/devices");
  const std::string path = "/dev/" + driver;
  // A node outlives its driver; here the same major comes back.
  if (std::ranges::count(machine.nodes(), path) != 0) return;
  std::printf("# mknod %s c %u 0\n", path.c_str(), major);
  show::must(machine.mknod(path, major, 0));
}

/// One line of the table: the counts as the driver sees them.
void counts(Process& asker, int fd, const char* when) {
  const i64 vmas = show::must(asker.ioctl(fd, PAGES26_VMAS));
  std::printf("  %-44s %4lld |", when, static_cast<long long>(vmas));
  for (u64 page = 0; page < PAGES26_PAGES; ++page) {
    std::printf(" %3lld", static_cast<long long>(show::must(asker.ioctl(fd, PAGES26_COUNT, page))));
  }
  std::putchar('\n');
}

void nopage(Machine& machine) {
  show::step("A nopage handler and its counts");
  show::insmod(machine, "pages26");
  mknod_by_script(machine, "pages26");
  // A bystander reads the counts while the others come and go.
  Process& asker = *show::must(machine.spawn("asker"));
  const int ask = show::must(asker.open("/dev/pages26"));
  Process& app = *show::must(machine.spawn("app"));
  const int fd = show::must(app.open("/dev/pages26"));

  std::printf("\n  %-44s vmas | count of page 0..3\n", "");
  counts(asker, ask, "insmod: the driver's own references");
  const VirtAddr at = show::must(app.mmap({.length = 5 * kPageSize, .fd = fd}));
  counts(asker, ask, "mmap of 5 pages: nothing is there yet");
  show::must(app.load<u8>(at));
  counts(asker, ask, "touch page 0: nopage, get_page");
  show::must(app.store<u8>(at + 2 * kPageSize + 100, 1));
  counts(asker, ask, "touch page 2");
  Process& child = *show::must(app.fork());
  counts(asker, ask, "fork: 2.6 copies the entries, and counts");
  show::must(child.load<u8>(at + kPageSize));
  counts(asker, ask, "the child touches page 1");
  show::must(app.munmap(at + 2 * kPageSize, kPageSize));
  counts(asker, ask, "munmap of page 2: the area splits (open)");
  child.exit();
  counts(asker, ask, "the child exits");
  const auto beyond = app.load<u8>(at + 4 * kPageSize);
  show::must(app.munmap(at, 5 * kPageSize));
  counts(asker, ask, "munmap of the rest");
  show::say("\nPage 4 does not exist; nopage said NOPAGE_SIGBUS, and the load ended in %s.",
            show::outcome(beyond).c_str());
}

void remap_ram(Machine& machine, const char* parameters) {
  show::insmod(machine, "ram26", parameters);
  mknod_by_script(machine, "ram26");
  Process& app = *show::must(machine.spawn("app"));
  const int fd = show::must(app.open("/dev/ram26"));
  const VirtAddr at = show::must(app.mmap({.length = kPageSize, .prot = kProtRead, .fd = fd}));
  std::string text;
  show::must(app.read_string(at, text));
  show::say("The program reads: \"%s\"", text.c_str());
  show::say("Its entry: %s", app.entry(at).text.c_str());
  app.exit();
  show::findings(machine);
  show::rmmod(machine, "ram26");
}

}  // namespace

int main() {
  const auto machine = show::machine({.kernel = {2, 6, 10}, .profile = Profile::kX86_32});
  nopage(*machine);
  show::step("remap_pfn_range of ordinary RAM, in 2.6");
  remap_ram(*machine, "");
  show::step("The same with SetPageReserved");
  remap_ram(*machine, "reserve=1");
}
