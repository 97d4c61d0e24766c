// SPDX-License-Identifier: MIT
// Five drivers with a mistake each. What Linux does then, what vmsim says about it, and that a program beside them does
// not notice.
#include "show.hpp"

using namespace vmsim;

namespace {

/// A program that maps a good driver's page and counts in it.
class Witness {
 public:
  explicit Witness(Machine& machine) : app_(*show::must(machine.spawn("witness"))) {
    show::insmod(machine, "witness");
    at_ = show::must(app_.mmap({.length = kPageSize, .fd = show::must(app_.open("/dev/witness"))}));
  }

  void still_there() {
    show::must(app_.fetch_add(at_, u32{1}));
    const std::string broken = app_.validate();
    if (!broken.empty()) show::give_up(broken);
    std::printf("\nThe witness counts: %u\n", show::must(app_.load<u32>(at_)));
  }

 private:
  Process& app_;
  VirtAddr at_;
};

/// The head of the oops that was logged since, down to where it happened; or nothing.
std::string oops_head(const Machine& machine, std::size_t log_before) {
  const std::string log = machine.dmesg().substr(log_before);
  const auto rip = log.find("RIP: ");
  return rip == std::string::npos ? "(nothing)" : log.substr(0, log.find('\n', rip));
}

/// Maps two pages of a driver and touches the first.
void touch(Machine& machine, const char* driver) {
  show::insmod(machine, driver);
  Process& app = *show::must(machine.spawn("victim"));
  const int fd = show::must(app.open(std::string("/dev/") + driver));
  const std::size_t log_before = machine.dmesg().size();
  const auto at = app.mmap({.length = 2 * kPageSize, .fd = fd});
  show::say("mmap:        %s", show::outcome(at).c_str());
  if (at) show::say("load:        %s", show::outcome(app.load<u32>(*at)).c_str());
  show::say("the program: %s", app.alive() ? "lives" : "was killed");
  show::say("$ dmesg");
  show::text(oops_head(machine, log_before));
  show::findings(machine);
}

void forget(Machine& machine) {
  show::insmod(machine, "forgotten");
  show::rmmod(machine, "forgotten");
  show::findings(machine);
  Process& app = *show::must(machine.spawn("victim"));
  show::say("open:        %s", show::outcome(app.open("/dev/forgotten")).c_str());
}

}  // namespace

int main() {
  const auto machine = show::machine({.fault_retries = 16});
  show::step("A program that uses a good driver");
  Witness witness(*machine);
  witness.still_there();

  show::step("NULL pointer in a fault handler. Linux: oops, the program is killed");
  touch(*machine, "null_in_fault");
  witness.still_there();

  show::step("remap_pfn_range over entries that are there. Linux: kernel BUG");
  touch(*machine, "remap_twice");
  witness.still_there();

  show::step("virt_to_page of vmalloc memory. Linux: a wild pointer, an oops or worse");
  touch(*machine, "vmalloc_page");
  witness.still_there();

  show::step("VM_FAULT_NOPAGE and no entry. Linux: the program faults for ever");
  touch(*machine, "no_entry");
  witness.still_there();

  show::step("A device that stays when its driver goes. Linux: the next open jumps into nothing");
  forget(*machine);
  witness.still_there();

  show::step("Afterwards");
  show::say("tainted: %s (an oops has happened)", machine->tainted() ? "yes" : "no");
}
