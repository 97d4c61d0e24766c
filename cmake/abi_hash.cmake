# SPDX-License-Identifier: MIT
# Hashes the structs that drivers and the core share into generated/vmsim/kapi/vmsim/abi_hash.h.
# A driver carries the hash it was compiled with; the loader refuses another one.
file(GLOB type_headers CONFIGURE_DEPENDS include/vmsim/kapi/vmsim/*_types.h)
list(SORT type_headers)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${type_headers})
set(all_types "")
foreach(header IN LISTS type_headers)
  file(SHA256 ${header} hash)
  cmake_path(GET header FILENAME name)
  string(APPEND all_types "${name} ${hash}\n")
endforeach()
string(SHA256 hash "${all_types}")
string(SUBSTRING ${hash} 0 16 VMSIM_ABI_HASH)
configure_file(cmake/abi_hash.h.in generated/vmsim/kapi/vmsim/abi_hash.h @ONLY)
