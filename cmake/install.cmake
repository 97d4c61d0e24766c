# SPDX-License-Identifier: MIT
# Installs library, both faces' headers, the CMake package `vmsim` and vmsim.pc; all of it can be moved afterwards.
include(CMakePackageConfigHelpers)

install(TARGETS vmsim EXPORT vmsimTargets)
install(DIRECTORY include/vmsim TYPE INCLUDE FILES_MATCHING PATTERN "*.hpp" PATTERN "*.h"
  PATTERN "driver_flags.txt")
install(FILES ${PROJECT_BINARY_DIR}/generated/vmsim/kapi/vmsim/abi_hash.h
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/vmsim/kapi/vmsim)

set(vmsim_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/vmsim)
set(vmsim_kapi_install_dir ${CMAKE_INSTALL_INCLUDEDIR}/vmsim/kapi)
install(EXPORT vmsimTargets NAMESPACE vmsim:: DESTINATION ${vmsim_package_dir})
configure_package_config_file(cmake/VmsimConfig.cmake.in vmsim-config.cmake
  INSTALL_DESTINATION ${vmsim_package_dir} PATH_VARS vmsim_kapi_install_dir)
write_basic_package_version_file(vmsim-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/vmsim-config.cmake ${PROJECT_BINARY_DIR}/vmsim-config-version.cmake
  cmake/VmsimDriver.cmake DESTINATION ${vmsim_package_dir})

# A static library passes its own dependencies on; a shared one keeps them.
set(pc_private .private)
if(NOT BUILD_SHARED_LIBS)
  set(pc_private "")
endif()
set(pc_libdw "")
if(LIBDW_FOUND)
  set(pc_libdw " libdw")
endif()
file(RELATIVE_PATH pc_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" pc_prefix "${pc_prefix}")
configure_file(cmake/vmsim.pc.in vmsim.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/vmsim.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
