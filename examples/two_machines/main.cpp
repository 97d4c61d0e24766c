// SPDX-License-Identifier: MIT
// Machines in one program: a new one, an old one, and a second new one. They share nothing, not even a driver's
// variables.
#include "show.hpp"

using namespace vmsim;

namespace {

std::string read_counter(Process& app) {
  const int fd = show::must(app.open("/dev/counter", kReadOnly));
  char text[16] = {};
  const u64 length = show::must(app.read(fd, std::as_writable_bytes(std::span(text))));
  show::must(app.close(fd));
  return std::string(text, length);
}

void try_insmod(Machine& machine, const char* driver) {
  const auto loaded = machine.load_driver(std::string(VMSIM_EXAMPLE_DRIVER_DIR "/") + driver + ".vko");
  std::printf("# insmod %s.ko   on %s\n", driver, machine.config().kernel.to_string().c_str());
  show::text(show::outcome(loaded));
}

}  // namespace

int main() {
  const auto modern = show::machine();
  const auto old = show::machine({.kernel = {2, 6, 10}, .profile = Profile::kX86_32});
  const auto other = show::machine();

  show::step("A driver belongs to the kernel that it was compiled for");
  try_insmod(*modern, "counter_2_6_10");
  try_insmod(*modern, "counter_6_12");
  try_insmod(*old, "counter_2_6_10");
  try_insmod(*other, "counter_6_12");

  show::step("Each machine counts for itself");
  Process& a = *show::must(modern->spawn("a"));
  Process& b = *show::must(old->spawn("b"));
  Process& c = *show::must(other->spawn("c"));
  std::printf("  modern: %s", read_counter(a).c_str());
  std::printf(" %s", read_counter(a).c_str());
  std::printf(" %s\n", read_counter(a).c_str());
  std::printf("  old:    %s\n", read_counter(b).c_str());
  std::printf("  other:  %s", read_counter(c).c_str());
  std::printf(" %s   (the same file as in modern, a copy of its own)\n", read_counter(c).c_str());

  show::step("The same mmap, three address spaces");
  for (Process* app : {&a, &b, &c}) {
    show::must(app->mmap({.length = kPageSize, .flags = kMapPrivate | kMapAnonymous}));
    show::text(app->maps());
  }

  show::step("Time passes on one of them only");
  modern->advance_ns(5'000'000'000);
  for (const auto* machine : {&modern, &old, &other}) {
    std::printf("  %-7s %llu s\n", (*machine)->config().kernel.to_string().c_str(),
                show::number((*machine)->now_ns() / 1'000'000'000));
  }

  show::step("Two kernel logs");
  show::say("modern:");
  show::text(modern->dmesg());
  show::say("old:");
  show::text(old->dmesg());
}
