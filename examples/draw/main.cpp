// SPDX-License-Identifier: MIT
// One picture, drawn twice: pixel by pixel with lseek and write, and pixel by pixel into a mapping. The bytes are the
// same; the way is not.
#include <chrono>
#include <cmath>
#include <vector>

#include "screen.h"
#include "show.hpp"

using namespace vmsim;

namespace {

/// Grey levels 0..255: a lit ball over a chequered floor.
u32 pixel_at(int x, int y) {
  const double dx = (x - 160) / 80.0;
  const double dy = (y - 95) / 80.0;
  const double radius = dx * dx + dy * dy;
  if (radius < 1) {
    const double dz = std::sqrt(1 - radius);
    const double light = -0.5 * dx - 0.6 * dy + 0.62 * dz;
    return light > 0.05 ? static_cast<u32>(40 + 215 * light) : 40;
  }
  if (y < 120) return 0;
  const double depth = 600.0 / (y - 110);
  const auto column = static_cast<int>(std::floor((x - 160) * depth / 400 + 100));
  const auto line = static_cast<int>(depth * 2);
  return (column + line) % 2 == 0 ? 120 : 50;
}

u64 offset_of(int x, int y) { return static_cast<u64>(y * SCREEN_WIDTH + x) * 4; }

using Frame = std::vector<std::byte>;

Frame read_frame(Process& app, int fd) {
  Frame frame(SCREEN_BYTES);
  show::must(app.lseek(fd, 0, 0));
  if (show::must(app.read(fd, frame)) != frame.size()) show::give_up("a short read");
  return frame;
}

void clear(Process& app, int fd) {
  const Frame black(SCREEN_BYTES);
  show::must(app.lseek(fd, 0, 0));
  show::must(app.write(fd, std::span<const std::byte>(black)));
}

template <class Draw>
double milliseconds(Draw draw) {
  const auto start = std::chrono::steady_clock::now();
  for (int y = 0; y < SCREEN_HEIGHT; ++y) {
    for (int x = 0; x < SCREEN_WIDTH; ++x) draw(x, y, pixel_at(x, y));
  }
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

/// One character for 4 by 8 pixels.
void print(const Frame& frame) {
  static constexpr char kShades[] = " .:-=+*#%@";
  for (int y = 4; y < SCREEN_HEIGHT; y += 8) {
    std::string line;
    for (int x = 2; x < SCREEN_WIDTH; x += 4) {
      const auto grey = std::to_integer<unsigned>(frame[offset_of(x, y)]);
      line += kShades[grey * 9 / 255];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    std::printf("  %s\n", line.c_str());
  }
}

}  // namespace

int main() {
  const auto machine = show::machine();
  show::insmod(*machine, "screen");
  Process& app = *show::must(machine->spawn("app"));
  const int fd = show::must(app.open("/dev/screen"));

  show::step("Two system calls for each pixel: lseek, write");
  const double by_calls = milliseconds([&](int x, int y, u32 grey) {
    show::must(app.lseek(fd, static_cast<i64>(offset_of(x, y)), 0));
    show::must(app.write(fd, std::as_bytes(std::span(&grey, 1))));
  });
  const Frame written = read_frame(app, fd);
  show::say("%d x %d pixels, %d system calls", SCREEN_WIDTH, SCREEN_HEIGHT, 2 * SCREEN_WIDTH * SCREEN_HEIGHT);

  show::step("One store for each pixel: mmap");
  clear(app, fd);
  TextRecorder faults({EventKind::kFault});
  machine->add_observer(faults);
  const VirtAddr screen = show::must(app.mmap({.length = SCREEN_BYTES, .fd = fd}));
  const double by_stores = milliseconds([&](int x, int y, u32 grey) {
    if (!app.store<u32>(screen + offset_of(x, y), grey).ok()) show::give_up("a store failed");
  });
  machine->remove_observer(faults);
  const Frame drawn = read_frame(app, fd);
  show::say("%d stores, 1 system call, %zu page faults", SCREEN_WIDTH * SCREEN_HEIGHT, faults.lines().size());

  show::step("The picture");
  print(drawn);
  if (drawn != written) show::give_up("the two pictures differ");
  show::say("\nBoth ways gave the same %d bytes.", SCREEN_BYTES);

  show::step("The cost, in the simulator");
  std::printf("  lseek and write: %8.2f ms\n", by_calls);
  std::printf("  mmap and store:  %8.2f ms\n", by_stores);
  std::printf("  ratio:           %8.1f\n", by_calls / by_stores);
}
