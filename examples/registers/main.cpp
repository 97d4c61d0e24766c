// SPDX-License-Identifier: MIT
// A device written in C++, a driver that maps its registers, and a program that uses them without a system call. Each
// load and store of the program is one access that the device sees.
#include "meter.h"
#include "show.hpp"

using namespace vmsim;

namespace {

/// The hardware: START makes three samples, sets STATUS and raises the interrupt.
class Meter : public RegisterFile {
 public:
  Meter() : RegisterFile("meter", METER_SIZE) {
    reg("ID", METER_ID).reset(METER_ID_VALUE).read_only();
    reg("CTRL", METER_CTRL).on_write([this](u64 bits) {
      if ((bits & METER_CTRL_START) != 0) sample();
    });
    reg("STATUS", METER_STATUS).write_one_to_clear(METER_STATUS_DONE | METER_STATUS_IRQ);
    fifo("FIFO", METER_FIFO).depth(8).empty_value(0xffffffff);
    reg("TICKS", METER_TICKS, 8).reset(0x1122334455667788).read_only();
    reg("SCRATCH", METER_SCRATCH, 8);
  }

 private:
  void sample() {
    for (u64 i = 0; i < 3; ++i) port("FIFO").push(100 + 11 * ++count_);
    set_bits("STATUS", METER_STATUS_DONE | METER_STATUS_IRQ);
    clear_bits("CTRL", METER_CTRL_START);
    raise_irq();
  }

  u64 count_ = 0;
};

/// What the device saw since the last time.
void seen(Meter& meter) {
  for (const RegisterAccess& access : meter.log()) {
    std::printf("      the device saw: %-5s %u byte%s at 0x%02llx  %s 0x%llx\n", access.is_write ? "write" : "read",
                access.width, access.width == 1 ? " " : "s", show::number(access.offset), access.is_write ? ":=" : "->",
                show::number(access.value));
  }
  meter.clear_log();
}

template <class T>
void load(Process& app, Meter& meter, VirtAddr regs, u64 offset, const char* what) {
  const T value = show::must(app.load<T>(regs + offset));
  std::printf("  load  %zu byte%s  +0x%02llx  = 0x%llx   (%s)\n", sizeof(T), sizeof(T) == 1 ? " " : "s",
              show::number(offset), show::number(value), what);
  seen(meter);
}

template <class T>
void store(Process& app, Meter& meter, VirtAddr regs, u64 offset, T value, const char* what) {
  std::printf("  store %zu byte%s  +0x%02llx := 0x%llx   (%s)\n", sizeof(T), sizeof(T) == 1 ? " " : "s",
              show::number(offset), show::number(value), what);
  show::must(app.store<T>(regs + offset, value));
  seen(meter);
}

void widths(Process& app, Meter& meter, VirtAddr regs) {
  show::step("Loads and stores of 1, 2, 4 and 8 bytes");
  load<u32>(app, meter, regs, METER_ID, "ID");
  load<u8>(app, meter, regs, METER_ID + 3, "its highest byte: little endian");
  load<u64>(app, meter, regs, METER_TICKS, "TICKS in one access");
  load<u16>(app, meter, regs, METER_TICKS + 2, "two bytes of it");
  store<u64>(app, meter, regs, METER_SCRATCH, 0xffffffffffffffff, "SCRATCH");
  store<u8>(app, meter, regs, METER_SCRATCH + 1, 0, "one byte of it");
  load<u64>(app, meter, regs, METER_SCRATCH, "the other seven stayed");
  load<u32>(app, meter, regs, 0x20, "nothing is there: all ones");
}

void interrupt(Machine& machine, Process& app, Meter& meter, VirtAddr regs, int fd) {
  show::step("START, interrupt, samples");
  store<u32>(app, meter, regs, METER_CTRL, METER_CTRL_START, "START");
  show::say("  interrupts counted by the driver: %lld", static_cast<long long>(show::must(app.ioctl(fd, METER_IRQS))));
  seen(meter);
  load<u32>(app, meter, regs, METER_STATUS, "DONE is left for the program");
  for (int i = 0; i < 4; ++i) load<u32>(app, meter, regs, METER_FIFO, i < 3 ? "a sample" : "the FIFO is empty");
  store<u32>(app, meter, regs, METER_STATUS, METER_STATUS_DONE, "write 1 to clear");
  load<u32>(app, meter, regs, METER_STATUS, "cleared");
  show::say("\n$ cat /proc/interrupts");
  show::text(show::must(machine.read_text("/proc/interrupts")));
}

void two_ways(Process& app, Meter& meter, VirtAddr regs, int fd) {
  show::step("One register, read in two ways");
  load<u32>(app, meter, regs, METER_ID, "a load through the mapping: no system call");
  const i64 id = show::must(app.ioctl(fd, METER_READ, METER_ID));
  std::printf("  ioctl          +0x00  = 0x%llx   (a system call, then readl() in the driver)\n",
              show::number(static_cast<u64>(id)));
  seen(meter);
}

}  // namespace

int main() {
  Meter meter;
  const auto machine = show::machine();
  show::step("The device and its driver");
  show::must(machine->add_device(PhysAddr(METER_BASE), METER_SIZE, meter, METER_IRQ));
  show::insmod(*machine, "meter");
  show::say("$ cat /proc/iomem");
  show::text(show::must(machine->read_text("/proc/iomem")));
  show::say("\nprobe checked the ID:");
  seen(meter);

  Process& app = *show::must(machine->spawn("app"));
  const int fd = show::must(app.open("/dev/meter"));
  const VirtAddr regs = show::must(app.mmap({.length = METER_SIZE, .fd = fd}));
  show::say("\n$ cat /proc/%d/maps", app.pid());
  show::text(app.maps());
  show::say("The entry: %s", app.entry(regs).text.c_str());

  widths(app, meter, regs);
  interrupt(*machine, app, meter, regs, fd);
  two_ways(app, meter, regs, fd);
  if (!machine->findings().empty()) show::findings(*machine);
}
