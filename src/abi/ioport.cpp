// SPDX-License-Identifier: MIT
// linux/ioport.h: claiming bus addresses. Counterpart: kernel/resource.c. No logic:
// kern/io_resources has it. Called by drivers through the export table.
#include "abi/abi.hpp"
#include "kern/io_resources.hpp"

namespace vmsim::abi {

namespace {

kern::IoResources& resources() {
  return *kernel().io_resources;
}

::resource* vmsim_iomem_resource() {
  return resources().iomem();
}

::resource* vmsim_ioport_resource() {
  return resources().ioport();
}

int request_resource(::resource* root, ::resource* res) {
  touch(root);
  touch(res);
  if (res->name != nullptr) touch_text(res->name);
  return finish_int([&] { return resources().request_resource(root, res); });
}

int insert_resource(::resource* root, ::resource* res) {
  touch(root);
  touch(res);
  if (res->name != nullptr) touch_text(res->name);
  return finish_int([&] { return resources().insert_resource(root, res); });
}

int release_resource(::resource* res) {
  touch(res);
  return finish_int([&] { return resources().release_resource(res); });
}

::resource* request_region(::resource* root, vmsim_phys_addr_t start, vmsim_phys_addr_t n,
                           const char* name, int) {
  touch(root);
  if (name != nullptr) touch_text(name);
  return core(
      [&] { return resources().request_region(root, start, n, name != nullptr ? name : "<BAD>"); });
}

void release_region(::resource* root, vmsim_phys_addr_t start, vmsim_phys_addr_t n) {
  touch(root);
  core([&] { resources().release_region(root, start, n); });
}

int check_region(::resource* root, vmsim_phys_addr_t start, vmsim_phys_addr_t n) {
  touch(root);
  return finish_int([&] { return resources().check_region(root, start, n); });
}

}  // namespace

std::span<const Export> ioport_exports() {
  static const Export table[] = {
      exported("vmsim_iomem_resource", &vmsim_iomem_resource),
      exported("vmsim_ioport_resource", &vmsim_ioport_resource),
      exported("request_resource", &request_resource),
      exported("insert_resource", &insert_resource),
      exported("release_resource", &release_resource),
      exported("__request_region", &request_region),
      exported("__release_region", &release_region),
      exported("__check_region", &check_region, 0, kernel(4, 6)),
  };
  return table;
}

}  // namespace vmsim::abi
